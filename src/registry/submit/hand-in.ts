// Handing a submission in: the home node says which blocks it lacks, and is sent exactly those.

import type { Cid } from '../../cid/index.ts'
import { RegistryError } from '../../lib/index.ts'
import type { Block } from '../../store/index.ts'
import type { Running } from '../workspace.ts'
import type { HomeNode, Submission } from './port.ts'

/** Well below a frame; one block may be larger. */
const PARCEL_BYTES = 256 * 1024
/** Release blocks, then up to 4,096 tools, 1,024 at a time; no honest node asks more often. */
const ROUNDS = 8

/** Resolves when all entries are in the log, as far as the home node says. */
export async function handIn(
  home: HomeNode,
  submission: Submission,
  blocks: readonly Block[],
  running: Running,
): Promise<void> {
  const own = new Map(blocks.map((block) => [block.cid, block.bytes]))
  for (let round = 1; round <= ROUNDS; round++) {
    const { missing, entries } = await home.submit(submission, running)
    if (missing.length === 0 && entries.length === submission.entries.length) return
    if (missing.length === 0) throw odd(home, 'it acknowledged another number of entries')
    for (const parcel of parcelsOf(home, own, missing)) await home.stage(parcel, running)
  }
  throw odd(home, 'it asked for blocks again and again')
}

function* parcelsOf(
  home: HomeNode,
  own: ReadonlyMap<Cid, Uint8Array>,
  missing: readonly Cid[],
): Generator<readonly Uint8Array[]> {
  let parcel: Uint8Array[] = []
  let size = 0
  for (const cid of missing) {
    const bytes = own.get(cid)
    // Blocks of this machine that belong to no release of the submission are nobody's business.
    if (bytes === undefined) throw odd(home, 'it asked for a block of no release submitted')
    if (parcel.length > 0 && size + bytes.length > PARCEL_BYTES) {
      yield parcel
      parcel = []
      size = 0
    }
    parcel.push(bytes)
    size += bytes.length
  }
  if (parcel.length > 0) yield parcel
}

function odd({ label }: HomeNode, what: string): RegistryError {
  return new RegistryError(
    'PEER_MISBEHAVED',
    `The home node ${label} broke the protocol: ${what}.`,
    {
      next: 'Nothing more was sent. Check the address of the home node.',
    },
  )
}
