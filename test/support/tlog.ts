// A log of anybody, by C2SP's words alone: two histories that begin alike, signed by one key. No code of the product but its hashing.

import { createHash, generateKeyPairSync, sign } from 'node:crypto'
import { appendLeaves, leafHash, proveConsistency, type ReadHashes } from '../../src/log/index.ts'

export interface TestLog {
  readonly origin: string
  readonly vkey: string
  /** The signed checkpoint of a history at a size. */
  note(branch: Branch, size: number): Promise<Uint8Array>
  proof(branch: Branch, from: number, to: number): Promise<readonly Uint8Array[]>
  root(branch: Branch, size: number): Promise<Uint8Array>
}

export type Branch = 'a' | 'b'

const LENGTH = 40

export async function openTestLog(origin: string, shared: number): Promise<TestLog> {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const raw = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32)
  const key = Buffer.concat([Buffer.of(1), raw])
  const id = createHash('sha256').update(`${origin}\n`).update(key).digest().subarray(0, 4)
  const trees = {
    a: await grow((i) => `entry ${i}`),
    b: await grow((i) => (i < shared ? `entry ${i}` : `another ${i}`)),
  }
  const root = async (branch: Branch, size: number): Promise<Uint8Array> => {
    const found = trees[branch].roots[size]
    if (found === undefined) throw new Error(`no size ${size}`)
    return found
  }
  return {
    origin,
    vkey: `${origin}+${id.toString('hex')}+${key.toString('base64')}`,
    root,
    proof: (branch, from, to) =>
      from === 0 || from === to
        ? Promise.resolve([])
        : proveConsistency({ from, to }, trees[branch].read),
    note: async (branch, size) => {
      const hash = Buffer.from(await root(branch, size)).toString('base64')
      const text = `${origin}\n${size}\n${hash}\n`
      const blob = Buffer.concat([id, sign(null, Buffer.from(text), privateKey)])
      return Buffer.from(`${text}\n\u2014 ${origin} ${blob.toString('base64')}\n`)
    },
  }
}

async function grow(entry: (i: number) => string) {
  const hashes = new Map<string, Uint8Array>()
  const read: ReadHashes = async (wanted) =>
    wanted.map(({ level, index }) => {
      const hash = hashes.get(`${level}/${index}`)
      if (hash === undefined) throw new Error(`no hash at ${level}/${index}`)
      return hash
    })
  const roots: (Uint8Array | undefined)[] = [createHash('sha256').digest()]
  for (let i = 0; i < LENGTH; i++) {
    const grown = await appendLeaves(i, [leafHash(Buffer.from(entry(i)))], read)
    for (const { level, index, hash } of grown.hashes) hashes.set(`${level}/${index}`, hash)
    roots.push(grown.root)
  }
  return { read, roots }
}
