// node.toml in, a configuration out; or an error that says in which line, in which key, what would have been good. Words of the command
// line are read by the same table and win over the file.

import { RegistryError } from '../../lib/index.ts'
import { loadToml, locateKey } from '../../trust/policy/index.ts'
import { CONFIG, type NodeConfig } from './config.ts'
import { invalid } from './read.ts'

export const CONFIG_BYTES: number = 256 * 1024
const MAX_DEPTH = 8

/** As a TOML file would say it, in snake case. */
export type Overrides = Readonly<Record<string, unknown>>

/** `source` is how errors name the file. Throws CONFIG_INVALID; for `overrides`, USAGE. */
export function parseConfig(
  input: Uint8Array,
  source = 'node.toml',
  overrides: Overrides = {},
): NodeConfig {
  let document = ''
  let value: unknown
  try {
    document = decode(input)
    value = parseToml(document)
    CONFIG.read(value, '')
  } catch (error) {
    throw error instanceof RegistryError ? placed(error, document, source) : error
  }
  try {
    CONFIG.read(overrides, '')
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error
    const { path: _path, ...details } = error.details
    throw new RegistryError(
      'USAGE',
      `An option of the command line is not good: ${error.message}`,
      {
        ...details,
        next: 'See `registry serve --help`.',
      },
    )
  }
  return CONFIG.read(merged(value, overrides), '')
}

function merged(below: unknown, above: Overrides): unknown {
  const values = { ...(below as Readonly<Record<string, unknown>>) }
  for (const [key, value] of Object.entries(above)) {
    const isTable = typeof value === 'object' && value !== null && !Array.isArray(value)
    values[key] = isTable ? merged(values[key] ?? {}, value as Overrides) : value
  }
  return values
}

function parseToml(document: string): unknown {
  const { parse, TomlError } = loadToml()
  try {
    return parse(document, { maxDepth: MAX_DEPTH })
  } catch (cause) {
    if (!(cause instanceof TomlError)) throw cause
    const [first = ''] = cause.message.replace(/^Invalid TOML document: /, '').split('\n')
    throw new RegistryError('CONFIG_INVALID', `This is not TOML: ${first}.`, {
      expected: 'TOML 1.0',
      got: 'something else',
      line: cause.line,
      next: 'Correct this line; the node does not start on a configuration it cannot read.',
      cause,
    })
  }
}

function decode(input: Uint8Array): string {
  if (input.length > CONFIG_BYTES) {
    const told = { expected: `at most ${CONFIG_BYTES} bytes`, got: input.length }
    throw invalid('', 'The configuration is too long.', told)
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(input)
  } catch {
    throw invalid('', 'The configuration is not text.', { expected: 'UTF-8', got: undefined })
  }
}

function placed(error: RegistryError, document: string, source: string): RegistryError {
  const { path = '', ...details } = error.details
  const line = details.line ?? locateKey(document, path)
  const at = line === undefined ? source : `${source}, line ${line}`
  return new RegistryError('CONFIG_INVALID', `${at}: ${error.message}`, {
    ...details,
    ...(path === '' ? {} : { path }),
    ...(line === undefined ? {} : { line }),
  })
}
