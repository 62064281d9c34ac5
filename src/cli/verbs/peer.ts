// registry peer add|list|remove|ping|key

import { RegistryError } from '../../lib/index.ts'
import { openDialer, rememberedPeers } from '../../node/index.ts'
import type { Store } from '../../store/index.ts'
import {
  addPeer,
  connectSource,
  createNetworkKey,
  type KnownPeer,
  listPeers,
  readPeerAddress,
  removePeer,
} from '../../sync/index.ts'
import type { Invocation } from '../command.ts'
import { dialerPlace } from '../dialer.ts'
import { safe } from '../terminal.ts'

type Shown = Omit<KnownPeer, 'how'> & { readonly how: KnownPeer['how'] | 'pull' }

const PINGS = 3
/** Every node knows the question, and none has an answer. */
const NOBODY = 'ping/ping'

export async function run(invocation: Invocation): Promise<undefined> {
  const [action, ...words] = invocation.args
  const [word] = words
  if (action === 'list' && word === undefined) return await list(invocation)
  if (action === 'key' && word === undefined) return key(invocation)
  if (action === 'add' && word !== undefined) return await add(invocation, words)
  if (action === 'remove' && word !== undefined) return await remove(invocation, words)
  if (action === 'ping' && words.length === 1) return await ping(invocation, words[0] ?? '')
  throw new RegistryError('USAGE', 'Say what to do with which peer.', {
    expected: 'list, add ADDRESS…, remove PEER…, ping PEER, or key',
    got: invocation.args.join(' '),
    next: 'See `registry peer --help`.',
  })
}

async function add(invocation: Invocation, words: readonly string[]): Promise<undefined> {
  const { terminal } = invocation
  // All are read before any is kept.
  const read = await Promise.all(words.map(readPeerAddress))
  const { store } = await invocation.workspace()
  const added: unknown[] = []
  for (const { peerId, address } of read) {
    const isNew = await addPeer(store, peerId, address)
    added.push({ peerId, address, added: isNew })
    terminal.line(`${isNew ? 'Added' : 'There already:'} ${safe(address)}`)
  }
  if (terminal.isJson) terminal.json({ peers: added })
  else terminal.remark('A running `registry serve` connects within some seconds, and stays.')
}

async function list({ terminal, workspace }: Invocation): Promise<undefined> {
  const { store } = await workspace()
  const peers = await findAll(store)
  if (terminal.isJson) terminal.json({ peers })
  for (const { peerId, how, lastSeen, addresses } of peers) {
    terminal.line(`${safe(peerId)}  ${how.padEnd(9)}  ${lastSeen ?? 'not connected yet'}`)
    for (const address of addresses) terminal.line(`  ${safe(address)}`)
  }
  if (peers.length === 0) terminal.remark('No peers here yet. Next: `registry peer add ADDRESS`.')
}

async function remove(invocation: Invocation, words: readonly string[]): Promise<undefined> {
  const { terminal } = invocation
  const { store } = await invocation.workspace()
  const known = await listPeers(store)
  const ids = words.map((word) => idIn(word))
  const unknown = ids.find((id) => !known.some(({ peerId }) => peerId === id))
  if (unknown !== undefined) throw noPeer(unknown)
  for (const peerId of ids) {
    await removePeer(store, peerId)
    terminal.line(`Removed ${safe(peerId)}`)
  }
  if (terminal.isJson) terminal.json({ peers: ids.map((peerId) => ({ peerId, removed: true })) })
}

async function ping(invocation: Invocation, word: string): Promise<undefined> {
  const { terminal, signal } = invocation
  const addresses = await addressesOf(invocation, word)
  await using network = await openDialer(dialerPlace(invocation))
  let failure: unknown
  for (const address of addresses) {
    try {
      const started = performance.now()
      await using peer = connectSource(await network.dial(address, { signal }))
      const connectMs = since(started)
      const answers: number[] = []
      for (let i = 0; i < PINGS; i += 1) {
        const asked = performance.now()
        await peer.claimants(NOBODY, { signal })
        answers.push(since(asked))
      }
      const answerMs = Math.min(...answers)
      if (terminal.isJson) terminal.json({ peerId: idIn(address), address, connectMs, answerMs })
      terminal.line(`${safe(address)} answers in ${answerMs} ms (connected in ${connectMs} ms)`)
      return
    } catch (error) {
      signal.throwIfAborted()
      failure = error
    }
  }
  throw failure
}

function key({ terminal }: Invocation): undefined {
  const text = createNetworkKey()
  if (terminal.isJson) terminal.json({ key: text })
  for (const line of text.trimEnd().split('\n')) terminal.line(line)
  terminal.remark('Whoever has this key is in. Give the same file to every node of the network.')
}

/** Those of earlier pulls are no more than addresses. */
async function findAll(store: Store): Promise<readonly Shown[]> {
  const peers: readonly Shown[] = await listPeers(store)
  const known = new Set(peers.map(({ peerId }) => peerId))
  const pulled = (await rememberedPeers(store)).filter((address) => address.includes('/p2p/'))
  const others = pulled.map((address) => ({
    peerId: idIn(address),
    addresses: [address],
    how: 'pull' as const,
  }))
  return [...peers, ...others.filter(({ peerId }) => !known.has(peerId))]
}

async function addressesOf(invocation: Invocation, word: string): Promise<readonly string[]> {
  if (word.includes('/')) return [(await readPeerAddress(word)).address]
  const { store } = await invocation.workspace()
  const found = (await findAll(store)).find(({ peerId }) => peerId === word)
  if (found === undefined || found.addresses.length === 0) throw noPeer(word)
  return found.addresses
}

function idIn(word: string): string {
  return /\/p2p\/([^/]+)$/.exec(word)?.[1] ?? word
}

function since(started: number): number {
  return Math.round((performance.now() - started) * 10) / 10
}

function noPeer(peerId: string): RegistryError {
  return new RegistryError('NOT_FOUND', 'This peer is not known here.', {
    expected: 'the id or address of a peer that `registry peer list` shows',
    got: peerId.slice(0, 200),
    next: 'Add it with `registry peer add ADDRESS`.',
  })
}
