// registry namespace verify|recheck|list|export|forget|claim

import { isIP } from 'node:net'
import { type Json, parseJson, RegistryError, readBounded } from '../../lib/index.ts'
import {
  attestNamespace,
  claim,
  forgetEvidence,
  isClaimedHere,
  type KeptEvidence,
  listEvidence,
  listNamespaces,
  type NamespaceMethod,
  type NamespaceWays,
  recheckNamespace,
  verifyNamespace,
  verifyOwner,
  type Workspace,
} from '../../registry/index.ts'
import { LIMITS, type PublisherId, parsePublisherId } from '../../spec/index.ts'
import { type Invocation, listOption, textOption } from '../command.ts'
import { withKeyless } from '../keyless.ts'
import { safe } from '../terminal.ts'
import { showKnown, showVerified, verifiedJson } from './namespace-show.ts'
import { keyFiles, report } from './withdraw.ts'

/** A file holds a bundle a line, one for each way of asking. */
const MAX_BUNDLES = 8

const ALL_METHODS: readonly NamespaceMethod[] = ['dns-txt', 'https-well-known']

export async function run(invocation: Invocation): Promise<undefined> {
  const [action, target] = invocation.args
  if (action === 'list' && target === undefined) return await list(invocation)
  if (action === 'verify' && target !== undefined) return await verify(invocation, target)
  if (action === 'recheck' && target !== undefined) return await recheck(invocation, target)
  if (action === 'export' && target !== undefined) return await exportEvidence(invocation, target)
  if (action === 'forget' && target !== undefined) return await forget(invocation, target)
  if (action === 'attest' && target !== undefined) return await attest(invocation, target)
  if (action === 'claim' && target !== undefined) return await claimIt(invocation, target)
  throw new RegistryError('USAGE', 'Say what to do with which namespace.', {
    expected:
      'verify NAMESPACE, recheck FILE, list, export NAMESPACE, forget NAMESPACE, claim NAMESPACE, or attest NAMESPACE',
    got: invocation.args.join(' '),
    next: 'See `registry namespace --help`.',
  })
}

async function claimIt(invocation: Invocation, namespace: string): Promise<undefined> {
  const claimed = await claim(await invocation.workspace(), namespace, {
    keys: keyFiles(invocation),
  })
  const said = `Your log claims ${namespace}; the domain or account has to name you as well.`
  return report(invocation, claimed, { said, about: {} })
}

async function attest(invocation: Invocation, namespace: string): Promise<undefined> {
  const { terminal } = invocation
  const workspace = await withKeyless(invocation, await invocation.workspace())
  const publisher = publisherMeant(invocation)
  const made = await attestNamespace(workspace, { namespace, publisher })
  if (terminal.isJson) terminal.json({ namespace, bundles: [bundleOf(made)] })
  else terminal.line(safe(Buffer.from(made.bundle).toString('utf8')))
  return undefined
}

function publisherMeant(invocation: Invocation): PublisherId | undefined {
  const id = textOption(invocation, 'publisher')
  return id === undefined ? undefined : parsePublisherId(id)
}

async function verify(invocation: Invocation, namespace: string): Promise<undefined> {
  const { terminal, signal } = invocation
  const file = textOption(invocation, 'evidence')
  if (file !== undefined) return await verifyEvidence(invocation, namespace, file)
  const publisher = publisherMeant(invocation)
  const methods = methodsOf(textOption(invocation, 'method'))
  const workspace = await invocation.workspace()
  const ways = waysOf(invocation, workspace)
  const request = { namespace, publisher, methods }
  const verified = await verifyNamespace(workspace, request, ways, { signal })
  if (terminal.isJson) terminal.json(verifiedJson(verified))
  else showVerified(terminal, verified)
  return undefined
}

async function verifyEvidence(
  invocation: Invocation,
  namespace: string,
  file: string,
): Promise<undefined> {
  const { terminal, signal } = invocation
  const [bundle, ...more] = splitLines(await readBounded(file, 8 * LIMITS.bundleBytes), file)
  if (bundle === undefined || more.length > 0) throw tooMuch(file, more.length + 1)
  const workspace = await invocation.workspace()
  const request = { namespace, bundle, publisher: publisherMeant(invocation) }
  const ways = waysOf(invocation, workspace)
  const verified = await verifyOwner(workspace, request, ways, { signal })
  if (terminal.isJson) terminal.json(verifiedJson(verified))
  else showVerified(terminal, verified)
  return undefined
}

function tooMuch(file: string, got: number): RegistryError {
  return new RegistryError('DOCUMENT_INVALID', `${file} holds more than one bundle.`, {
    expected: 'one line',
    got: `${got} lines`,
    next: 'Give the one that is about this namespace.',
  })
}

async function recheck(invocation: Invocation, file: string): Promise<undefined> {
  const { terminal, signal } = invocation
  const bundles = splitLines(await readBounded(file, MAX_BUNDLES * LIMITS.bundleBytes), file)
  const workspace = await invocation.workspace()
  const ways = waysOf(invocation, workspace)
  const results: unknown[] = []
  for (const bundle of bundles) {
    const verified = await recheckNamespace(workspace, bundle, ways, { signal })
    if (terminal.isJson) results.push(verifiedJson(verified))
    else showVerified(terminal, verified)
  }
  if (terminal.isJson) terminal.json({ results })
  return undefined
}

async function list(invocation: Invocation): Promise<undefined> {
  showKnown(invocation.terminal, await listNamespaces(await invocation.workspace()))
  return undefined
}

async function exportEvidence(invocation: Invocation, namespace: string): Promise<undefined> {
  const { terminal } = invocation
  const { store } = await invocation.workspace()
  const kept = await Array.fromAsync(listEvidence(store, namespace))
  if (kept.length === 0) throw nothingKept(namespace)
  if (terminal.isJson) terminal.json({ namespace, bundles: kept.map(bundleOf) })
  for (const { bundle } of kept) terminal.line(safe(Buffer.from(bundle).toString('utf8')))
  return undefined
}

async function forget(invocation: Invocation, namespace: string): Promise<undefined> {
  const { terminal } = invocation
  const { store } = await invocation.workspace()
  const forgotten = await forgetEvidence(store, namespace)
  if (forgotten === 0) throw nothingKept(namespace)
  if (terminal.isJson) terminal.json({ namespace, forgotten })
  else terminal.line(`Forgot what ${safe(namespace)} answered before. Its pin, if any, stays.`)
  return undefined
}

function bundleOf({ bundle }: KeptEvidence): Json {
  return parseJson(bundle, { maxBytes: LIMITS.bundleBytes })
}

function splitLines(bytes: Uint8Array, file: string): readonly Uint8Array[] {
  const lines = Buffer.from(bytes).toString('utf8').split('\n')
  const bundles = lines.filter((line) => line.trim() !== '').map((line) => Buffer.from(line))
  if (bundles.length > 0 && bundles.length <= MAX_BUNDLES) return bundles
  throw new RegistryError('DOCUMENT_INVALID', `${file} is not a file of evidence.`, {
    expected: `1 to ${MAX_BUNDLES} bundles, one a line`,
    got: `${bundles.length} lines`,
    next: 'Make one with `registry namespace export NAMESPACE`.',
  })
}

function methodsOf(word: string | undefined): readonly NamespaceMethod[] {
  if (word === undefined) return ALL_METHODS
  if (word === 'dns') return ['dns-txt']
  if (word === 'https') return ['https-well-known']
  throw new RegistryError('USAGE', '--method takes a way of asking.', {
    expected: 'dns or https',
    got: word,
    next: 'Leave it out to ask in both ways.',
  })
}

function waysOf(invocation: Invocation, { store }: Workspace): NamespaceWays {
  const servers = listOption(invocation, 'dnsServer')
  const connect = textOption(invocation, 'connect')
  return {
    isClaimed: (namespace, publisher) => isClaimedHere(store, namespace, publisher),
    ...(servers.length === 0 ? {} : { dns: { servers } }),
    ...(connect === undefined ? {} : { https: { connect: parseConnect(connect) } }),
  }
}

function parseConnect(text: string): { readonly address: string; readonly port: number } {
  const [, six, four, digits] = /^(?:\[([0-9a-f:.]+)\]|([0-9.]+)):(\d{1,5})$/i.exec(text) ?? []
  const address = six ?? four ?? ''
  const port = Number(digits)
  if (isIP(address) !== 0 && port > 0 && port < 65_536) return { address, port }
  throw new RegistryError('USAGE', '--connect takes an address and a port.', {
    expected: '192.0.2.7:443 or [2001:db8::7]:443',
    got: text,
    next: 'Give the address itself, not a name.',
  })
}

function nothingKept(namespace: string): RegistryError {
  return new RegistryError('NOT_FOUND', `No evidence of ${namespace} is kept here.`, {
    expected: 'a namespace in `registry namespace list` that was asked for',
    got: namespace.slice(0, 200),
    next: 'Ask its domain: `registry namespace verify NAMESPACE`.',
  })
}
