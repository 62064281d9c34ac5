// `pull --out`: a release as files that other programs can check without us: `sha256sum -c SHA256SUMS`. Names come from a peer, so
// nothing of them decides where a file goes beyond one plain name inside the folder.

import { lstat, mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Cid, digestOf } from '../cid/index.ts'
import {
  equalBytes,
  isRegistryError,
  RegistryError,
  toHex,
  utf8,
  writeWhole,
} from '../lib/index.ts'
import type { VerifiedRelease } from '../resolve/index.ts'
import type { Block, Store } from '../store/index.ts'

/** Writes `release.json`, `tools/NAME.json` and `SHA256SUMS`; answers the paths, in that order. Existing files are never replaced. */
export async function writeRelease(
  store: Store,
  release: VerifiedRelease,
  folder: string,
): Promise<readonly string[]> {
  await makeFolder(folder)
  await makeFolder(join(folder, 'tools'))
  const names = fileNames(release.tools)
  const cids = [release.cid, ...release.tools.map(({ cid }) => cid)]
  const blocks = await getBlocks(store, cids)
  const files = blocks.map((block, i) => ({
    ...block,
    path: i === 0 ? 'release.json' : `tools/${names[i - 1]}.json`,
  }))
  const sums = files.map(({ cid, path }) => `${toHex(digestOf(cid))}  ${path}\n`).join('')
  const written = [...files, { path: 'SHA256SUMS', bytes: utf8(sums) }]
  for (const { path, bytes } of written) await writeNew(join(folder, path), bytes)
  return written.map(({ path }) => join(folder, path))
}

/** Writes one block as `CID.json`. */
export async function writeBlock(block: Block, folder: string): Promise<string> {
  await makeFolder(folder)
  const path = join(folder, `${block.cid}.json`)
  await writeNew(path, block.bytes)
  return path
}

async function getBlocks(store: Store, cids: readonly Cid[]): Promise<readonly Block[]> {
  const found = await store.findBlocks(cids)
  return cids.map((cid, i) => {
    const bytes = found[i]
    if (bytes !== undefined) return { cid, bytes }
    throw new RegistryError('NOT_FOUND', 'A block of this release is not in the store.', {
      expected: cid,
      got: 'nothing',
      next: 'Pull the release again.',
    })
  })
}

/** Windows device names, whatever follows the first dot. */
const RESERVED = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i

/** A tool’s name where that is a plain file name of its own on every system, else its CID. */
function fileNames(
  tools: readonly { readonly name: string; readonly cid: Cid }[],
): readonly string[] {
  const taken = new Map<string, number>()
  for (const { name } of tools) {
    taken.set(name.toLowerCase(), (taken.get(name.toLowerCase()) ?? 0) + 1)
  }
  return tools.map(({ name, cid }) => {
    const plain = /^[A-Za-z0-9_][A-Za-z0-9_.-]*$/.test(name) && !name.endsWith('.')
    const alone = taken.get(name.toLowerCase()) === 1
    return plain && alone && !RESERVED.test(name) ? name : cid
  })
}

export async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true })
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code
    throw code === 'EEXIST' ? notFolder(folder) : unwritable(`The folder ${folder}`, cause)
  }
  // A link would let whoever made it choose where the files go.
  if (!(await lstat(folder)).isDirectory()) throw notFolder(folder)
}

function notFolder(folder: string): RegistryError {
  return new RegistryError('FILE_UNAVAILABLE', 'The output folder is a link or not a folder.', {
    expected: 'a folder',
    got: folder,
    next: 'Name a folder of your own, or one that does not exist yet.',
  })
}

function unwritable(what: string, cause: unknown): RegistryError {
  return new RegistryError('FILE_UNAVAILABLE', `${what} cannot be written.`, {
    expected: 'a folder that can be written to, with room',
    got: (cause as NodeJS.ErrnoException).code ?? String(cause),
    next: 'Choose another folder with `--out`.',
    cause,
  })
}

/** The same bytes already there are fine. */
export async function writeNew(path: string, bytes: Uint8Array): Promise<void> {
  try {
    await writeWhole(path, bytes, { once: true })
  } catch (cause) {
    await explain(path, bytes, cause)
  }
}

async function explain(path: string, bytes: Uint8Array, cause: unknown): Promise<void> {
  if (isRegistryError(cause)) throw cause
  if ((cause as NodeJS.ErrnoException).code !== 'EEXIST')
    throw unwritable(`The file ${path}`, cause)
  const isLink = (await lstat(path)).isSymbolicLink()
  if (!isLink && equalBytes(await readFile(path), bytes)) return
  throw new RegistryError('FILE_EXISTS', `The file ${path} exists already, with other content.`, {
    expected: 'a new file',
    got: isLink ? 'a link' : 'a different file',
    next: 'Move it away, or choose another folder with `--out`.',
    cause,
  })
}
