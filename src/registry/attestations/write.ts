// `attestations --out`: the statement and the bundle of each as files that other programs can check. Names are hashes, nobody’s words.

import { join } from 'node:path'
import { attesterId } from '../../trust/index.ts'
import { makeFolder, writeNew } from '../write-out.ts'
import type { ListedAttestation } from './list.ts'

/** Writes `STATEMENT.json`, and `STATEMENT.SIGNER.sigstore.json` for each signer; answers the paths. No file is replaced. */
export async function writeAttestations(
  listed: readonly ListedAttestation[],
  folder: string,
): Promise<readonly string[]> {
  await makeFolder(folder)
  const files = new Map<string, Uint8Array>()
  for (const { attestation } of listed) {
    const { statement, bytes, signer, carried } = attestation
    files.set(`${statement}.json`, bytes)
    files.set(`${statement}.${attesterId(signer).slice(0, 20)}.sigstore.json`, carried.bundle)
  }
  for (const [name, bytes] of files) await writeNew(join(folder, name), bytes)
  return [...files.keys()].map((name) => join(folder, name))
}
