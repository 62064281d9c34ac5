// Hearing a log without asking it for a release: its newest head, what it withdraws, and nothing else. For advisers, whose releases
// nobody here uses.

import { RegistryError, toHex } from '../../lib/index.ts'
import { findHead } from '../../log/index.ts'
import { assertNotForked, readHead } from '../../resolve/index.ts'
import type { PublisherId } from '../../spec/index.ts'
import { loadVerifier } from '../../trust/index.ts'
import { findSeenHead, keepForkIn, seenRecord } from '../forks.ts'
import { keepNews } from '../lifecycle/news.ts'
import { askPeers, type Peer } from '../peers.ts'
import { openSurvey } from '../survey.ts'
import type { Running, Workspace } from '../workspace.ts'

/** Takes the longest that verifies. Throws as `pull` does; a log that is written here is heard already. */
export async function learnHead(
  { store }: Workspace,
  { publisher, peers }: { readonly publisher: PublisherId; readonly peers: readonly Peer[] },
  running: Running = {},
): Promise<void> {
  if ((await findHead(store, publisher)) !== undefined) return
  await assertNotForked(store, publisher)
  await using survey = await openSurvey(peers, publisher, running)
  await askPeers(survey.peers, running, async (source) => {
    await using _lock = await store.lock(`log/${publisher}`, running)
    const floor = await findSeenHead(store, publisher)
    const asked = { publisher, floor }
    const news = await readHead(source, await loadVerifier(store), asked, running).catch(
      async (error: unknown) => {
        throw await keepForkIn(store, error, () => source.label)
      },
    )
    if (news === undefined) throw stillGrowing(source.label)
    await keepNews(store, { ...news, from: source.label })
    const note = news.evidence.checkpoint
    const { origin, size, root } = news.head.checkpoint
    await store.commit({
      put: [seenRecord(publisher, { note, from: source.label })],
      floors: [{ origin, size, root: toHex(root) }],
    })
  })
}

function stillGrowing(label: string): RegistryError {
  return new RegistryError('PEER_UNAVAILABLE', `${label} changed its answer while it was asked.`, {
    expected: 'proofs for the checkpoint it just gave',
    got: 'no index for it',
    next: 'Try again in a moment, or ask another peer.',
  })
}
