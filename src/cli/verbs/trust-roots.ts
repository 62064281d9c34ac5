// registry trust refresh-roots, registry trust roots: trusted roots of Sigstore instances, fetched or read only when somebody says so.

import { join, resolve } from 'node:path'
import { RegistryError, readBounded } from '../../lib/index.ts'
import {
  type PutRoot,
  putRoot,
  removeRoot,
  type ShownRoot,
  showRoots,
} from '../../registry/index.ts'
import { PUBLIC_GOOD } from '../../trust/index.ts'
import { fetchTrustedRoot, PUBLIC_GOOD_MIRROR } from '../../trust/tuf/index.ts'
import { type Invocation, listOption, textOption } from '../command.ts'
import { safe } from '../terminal.ts'

const ROOT_BYTES = 1024 * 1024
const HOUR_MS = 60 * 60_000

export async function refreshRoots(invocation: Invocation): Promise<undefined> {
  const { terminal, args } = invocation
  if (args.length > 0) throw usage('options only', args.join(' '))
  const from = textOption(invocation, 'from')
  const name = textOption(invocation, 'name') ?? PUBLIC_GOOD
  const issuers = listOption(invocation, 'issuer')
  if (from !== undefined && textOption(invocation, 'name') === undefined) {
    throw usage('--name NAME with --from FILE', 'no name')
  }
  if (name === PUBLIC_GOOD && issuers.length > 0) {
    throw usage('--issuer only with the --name of a private instance', issuers.join(', '))
  }
  const { store, now } = await invocation.workspace()
  const bytes = await readRoot(invocation, from)
  const since = now().toISOString()
  const named = issuers.length > 0 ? { issuers } : {}
  const put = await putRoot(store, { name, bytes, since, ...named })
  if (terminal.isJson) terminal.json(toJson(put))
  else print(invocation, put)
  return undefined
}

async function readRoot(invocation: Invocation, from: string | undefined): Promise<Uint8Array> {
  const { folder, home } = invocation
  if (from !== undefined) return await readBounded(resolve(folder, from), ROOT_BYTES)
  const tufRoot = textOption(invocation, 'tufRoot')
  return await fetchTrustedRoot({
    mirror: textOption(invocation, 'mirror') ?? PUBLIC_GOOD_MIRROR,
    rootFile: tufRoot === undefined ? undefined : resolve(folder, tufRoot),
    cache: join(home.folder, 'tuf'),
  })
}

function print({ terminal }: Invocation, { name, digest, issuers, old }: PutRoot): void {
  const change = old === undefined ? 'added' : old === digest ? 'unchanged' : 'replaced'
  terminal.line(`${safe(name)} ${change}`)
  terminal.line(`  digest     sha256:${digest}`)
  if (old !== undefined && old !== digest) terminal.line(`  before     sha256:${old}`)
  if (issuers !== undefined) terminal.line(`  issuers    ${safe(issuers.join(', '))}`)
}

function toJson({ name, digest, since, issuers, old }: PutRoot) {
  return { name, digest, since, issuers: issuers ?? null, old: old ?? null }
}

export async function roots(invocation: Invocation): Promise<undefined> {
  const { terminal, args } = invocation
  const { store, now } = await invocation.workspace()
  const [action, name] = args
  if (action === 'remove' && name !== undefined) {
    await removeRoot(store, name)
    if (terminal.isJson) terminal.json({ name, removed: true })
    else terminal.line(`${safe(name)} is not used any more`)
    return undefined
  }
  if (action !== undefined) throw usage('nothing, or remove NAME', args.join(' '))
  const shown = await showRoots(store)
  const ageOf = ({ since }: ShownRoot) => (since === undefined ? undefined : hours(since, now()))
  if (terminal.isJson) {
    terminal.json({
      roots: shown.map((root) => ({
        name: root.name,
        digest: root.digest,
        since: root.since ?? null,
        ageHours: ageOf(root) ?? null,
        issuers: root.issuers ?? null,
      })),
    })
    return undefined
  }
  for (const root of shown) {
    const age = ageOf(root)
    terminal.line(safe(root.name))
    terminal.line(`  digest     sha256:${root.digest}`)
    const since = age === undefined ? 'comes with this program' : `${root.since}, ${age} hours ago`
    terminal.line(`  since      ${since}`)
    const whom = root.issuers?.join(', ') ?? 'every issuer that no other root names'
    terminal.line(`  issuers    ${safe(whom)}`)
  }
  return undefined
}

function hours(since: string, now: Date): number {
  return Math.max(0, Math.floor((Number(now) - Number(new Date(since))) / HOUR_MS))
}

function usage(expected: string, got: string): RegistryError {
  const next = 'See `registry trust --help`.'
  return new RegistryError('USAGE', 'This does not say which root to take from where.', {
    expected,
    got,
    next,
  })
}
