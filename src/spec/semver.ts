// The semver library, loaded where versions are compared: it is twenty files, and an agent’s start-up, which compares none, would wait
// for each.

import { createRequire } from 'node:module'

interface Semver {
  readonly compare: typeof import('semver/functions/compare.js')
  readonly maxSatisfying: typeof import('semver/ranges/max-satisfying.js')
  readonly validRange: typeof import('semver/ranges/valid.js')
}

let loaded: Semver | undefined

export function loadSemver(): Semver {
  if (loaded !== undefined) return loaded
  const require = createRequire(import.meta.url)
  loaded = {
    compare: require('semver/functions/compare.js'),
    maxSatisfying: require('semver/ranges/max-satisfying.js'),
    validRange: require('semver/ranges/valid.js'),
  }
  return loaded
}
