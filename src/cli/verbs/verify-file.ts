// A file that `pull --out` wrote has its expected hash beside it, in SHA256SUMS. It is a hint for a better error, never a proof:
// whoever can change the file can change the sums.

import { readFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { cidFromDigest, cidOf } from '../../cid/index.ts'
import { fromHex, RegistryError } from '../../lib/index.ts'

export interface Expectation {
  explain(bytes: Uint8Array, error: unknown): unknown
}

export async function expectedBeside(path: string): Promise<Expectation | undefined> {
  const digest =
    (await findSum(dirname(path), basename(path))) ??
    (await findSum(dirname(dirname(path)), join(basename(dirname(path)), basename(path))))
  if (digest === undefined) return undefined
  const expected = cidFromDigest(fromHex(digest))
  return {
    explain: (bytes, error) => {
      const got = cidOf(bytes)
      if (got === expected) return error
      return new RegistryError(
        'HASH_MISMATCH',
        `The file ${path} is not what was pulled: its bytes have changed.`,
        {
          expected,
          got,
          next: 'Do not use it. Remove it and pull again.',
        },
      )
    },
  }
}

async function findSum(folder: string, name: string): Promise<string | undefined> {
  const text = await readFile(join(folder, 'SHA256SUMS'), 'utf8').catch(() => '')
  for (const line of text.split('\n')) {
    const [digest = '', file] = line.split('  ')
    if (file === name && /^[0-9a-f]{64}$/.test(digest)) return digest
  }
  return undefined
}
