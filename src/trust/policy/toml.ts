// The TOML library, in its CommonJS form: one file is read where the other has seven, and an agent’s start-up waits for it.

import { createRequire } from 'node:module'

type Toml = typeof import('smol-toml')

let loaded: Toml | undefined

export function loadToml(): Toml {
  loaded ??= createRequire(import.meta.url)('smol-toml') as Toml
  return loaded
}
