// A log that its own node never checked: a revoked root key rotates the keys. Every replay refuses it; so must a client that reads only the
// end of the log.

import { expect, test } from 'vitest'
import { type Cid, cidOf } from '../../src/cid/index.ts'
import { canonicalBytes } from '../../src/lib/index.ts'
import {
  appendLeaves,
  EMPTY_INDEX,
  type Hash,
  keyCid,
  leafHash,
  makeGenesis,
  makeStatement,
  originOf,
  proveInclusion,
  proveName,
  RESERVED,
  type Roles,
  type Statement,
  signCheckpoint,
  updateIndex,
} from '../../src/log/index.ts'
import { verifyHead } from '../../src/resolve/verify-head.ts'
import { loadVerifier, type Signer, signStatement } from '../../src/trust/index.ts'
import { createSigner, refusalOf } from '../log/helpers.ts'

const [alice, stolen, fresh] = [1, 2, 3].map(() => createSigner('ecdsa-p256')) as [
  Signer,
  Signer,
  Signer,
]
const log = createSigner('ed25519')
const rolesOf = (...signers: readonly Signer[]): Roles => {
  const role = { threshold: 1, keys: signers.map(({ key }) => key) }
  return { root: role, release: role, brake: role, log: { keys: [log.key] } }
}

/** Genesis by two root keys, one of them revoked, and a rotation by `signer`. */
async function evidenceOf(signer: Signer, revoked: Signer) {
  const nodes = new Map<Cid, Uint8Array>([[EMPTY_INDEX.cid, EMPTY_INDEX.bytes]])
  const read = async (cids: readonly Cid[]) => cids.map((cid) => nodes.get(cid))
  const genesis = makeGenesis({
    roles: rolesOf(alice, stolen),
    nextKeyHashes: undefined,
    created: undefined,
  })
  const { publisher } = genesis
  const state = async (keys: readonly number[]): Promise<Cid> => {
    const revokedKeys = [{ seq: 1, key: keyCid(revoked.key) }]
    const rest = { claims: {}, revoked: {}, tombstones: {}, recovered: {}, delegations: [] }
    const bytes = canonicalBytes({ kind: 'authority/v1', keys, revokedKeys, ...rest })
    const cid = cidOf(bytes)
    const updated = await updateIndex(EMPTY_INDEX.cid, [{ name: RESERVED, history: cid }], read)
    for (const block of [...updated.added, { cid, bytes }]) nodes.set(block.cid, block.bytes)
    return updated.root
  }
  const revoke = makeStatement(
    { kind: 'revoke', target: 'key', reason: 'It was stolen.', subject: keyCid(revoked.key) },
    { publisher, seq: 1, prev: genesis.cid, index: await state([]) },
  )
  const rotate = makeStatement(
    { kind: 'keys', roles: rolesOf(fresh), nextKeyHashes: undefined },
    { publisher, seq: 2, prev: revoke.cid, index: await state([2]) },
  )
  const signed = async (statement: Statement, ...by: readonly Signer[]) => ({
    statement: statement.bytes,
    bundles: await Promise.all(by.map((one) => signStatement(statement.bytes, one))),
  })
  const hashes = new Map<string, Hash>()
  const readTree = async (wanted: readonly { level: number; index: number }[]) =>
    wanted.map(({ level, index }) => hashes.get(`${level}/${index}`) as Hash)
  const leaves = [genesis, revoke, rotate].map(({ bytes }) => leafHash(bytes))
  const appended = await appendLeaves(0, leaves, readTree)
  for (const { level, index, hash } of appended.hashes) hashes.set(`${level}/${index}`, hash)
  const origin = originOf(publisher)
  const rotation = await signed(rotate, signer, fresh)
  const path = await proveName(rotate.index, RESERVED, read)
  const block = [...nodes].at(-1)?.[1] as Uint8Array
  return {
    publisher,
    checkpoint: await signCheckpoint({ origin, size: 3, root: appended.root }, log),
    genesis: await signed(genesis, alice),
    head: rotation,
    headProof: await proveInclusion({ index: 2, size: 3 }, readTree),
    authorityPath: [...path, block],
    keys: [rotation],
  }
}

test('t16-revoked-root: a revoked root key cannot rotate the keys for a light client', async () => {
  const verifier = await loadVerifier()
  const honest = await evidenceOf(alice, stolen)
  expect(verifyHead(verifier, honest).roles.root.keys).toEqual([fresh.key])
  const forged = await evidenceOf(stolen, stolen)
  expect(refusalOf(() => verifyHead(verifier, forged))).toMatch(/^SIGNER_UNAUTHORIZED/)
})
