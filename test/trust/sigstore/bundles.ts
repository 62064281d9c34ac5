// Bundles that tests share: the few kept in fixtures/sigstore, and the corpora beside the project.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Json, parseJson } from '../../../src/lib/index.ts'
import { verifyCertified } from '../../../src/trust/sigstore/evidence.ts'
import { readBundle } from '../../../src/trust/sigstore/form/bundle-form.ts'
import type { SigstoreRoot } from '../../../src/trust/sigstore/index.ts'
import { sharedPath } from '../../shared.ts'

const FIXTURES = join(import.meta.dirname, '..', '..', '..', 'fixtures', 'sigstore')

export const fixturePath = (name: string): string => join(FIXTURES, name)
export const readFixture = (name: string): Buffer => readFileSync(fixturePath(name))

// biome-ignore lint/suspicious/noExplicitAny: bundles are taken apart and spoilt in every way.
export type Loose = any

export const looseFixture = (name: string): Loose => JSON.parse(readFixture(name).toString())
export const bytesOf = (value: unknown): Buffer => Buffer.from(JSON.stringify(value))
export const statementOf = (bundle: Loose): Buffer =>
  Buffer.from(bundle.dsseEnvelope?.payload ?? '', 'base64')

/** A bundle over a statement, by any tool: what its own payload says is taken as given. */
export function verifyAny(
  bytes: Uint8Array,
  root: SigstoreRoot,
): ReturnType<typeof verifyCertified> {
  const bundle = readBundle(bytes, 'any', 1024 * 1024)
  return verifyCertified({ bundle, form: 'any', hash: 'sha256' }, root)
}

export interface CorpusBundle {
  readonly source: string
  readonly expected: 'accept' | 'reject'
  readonly issuer: string | null
  readonly san: string | null
  readonly bundle: Loose
}

export function readCorpus(): readonly CorpusBundle[] | undefined {
  const path = sharedPath('data', 'bundles', 'bundles.jsonl')
  if (path === undefined) return undefined
  const lines = readFileSync(path, 'utf8').trim().split('\n')
  return lines.map((line) => parseJson(Buffer.from(line)) as Json as unknown as CorpusBundle)
}

export interface ConformanceCase {
  readonly name: string
  /** Words of the command, without the artifact. */
  readonly words: readonly string[]
  readonly artifact: string
  readonly isGood: boolean
}

const IDENTITY =
  'https://github.com/sigstore-conformance/extremely-dangerous-public-oidc-beacon/.github/workflows/extremely-dangerous-oidc-beacon.yml@refs/heads/main'
const ISSUER = 'https://token.actions.githubusercontent.com'

/** As the suite’s README says. */
export function readConformance(): readonly ConformanceCase[] | undefined {
  const folder = sharedPath('data', 'vectors', 'sigstore-conformance', 'bundle-verify')
  if (folder === undefined) return undefined
  const entries = readdirSync(folder, { withFileTypes: true })
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => toCase(folder, name))
}

function toCase(folder: string, name: string): ConformanceCase {
  const files = readdirSync(join(folder, name))
  const path = (file: string): string => join(folder, name, file)
  const text = (file: string, other: string): string =>
    files.includes(file) ? readFileSync(path(file), 'utf8').trim() : other
  const signer = files.includes('key.pub')
    ? ['--key', path('key.pub')]
    : whoIs(text('identity', IDENTITY), text('issuer', ISSUER))
  const root = files.includes('trusted_root.json')
    ? ['--trusted-root', path('trusted_root.json')]
    : []
  return {
    name,
    words: ['verify-bundle', '--bundle', path('bundle.sigstore.json'), ...signer, ...root],
    artifact: files.includes('artifact') ? path('artifact') : join(folder, 'a.txt'),
    isGood: !name.endsWith('_fail'),
  }
}

export function whoIs(identity: string = IDENTITY, issuer: string = ISSUER): readonly string[] {
  return ['--certificate-identity', identity, '--certificate-oidc-issuer', issuer]
}

/** Every place in a document that holds a value that is no list and no object. */
export function leavesOf(value: unknown, path: readonly string[] = []): readonly string[][] {
  if (value === null || typeof value !== 'object') return [[...path]]
  return Object.entries(value).flatMap(([name, inner]) => leavesOf(inner, [...path, name]))
}

export function valueAt(document: Loose, path: readonly string[]): Loose {
  return path.reduce((reached, name) => reached[name], document)
}

/** A copy in which that place holds something else; undefined takes it out. */
export function changed(document: Loose, path: readonly string[], value: unknown): Loose {
  const copy = structuredClone(document)
  const holder = valueAt(copy, path.slice(0, -1))
  const name = path.at(-1) ?? ''
  if (value === undefined) delete holder[name]
  else holder[name] = value
  return copy
}
