// Writing a file whole or not at all: its bytes are synced under another name before it gets its own.

import { constants } from 'node:fs'
import { link, open, rename, rm } from 'node:fs/promises'

let temporaries = 0

/** Throws what the file system throws. With `once` an existing file is left alone (EEXIST); otherwise it is replaced. */
export async function writeWhole(
  path: string,
  bytes: Uint8Array,
  { once = false, mode = 0o644 }: { readonly once?: boolean; readonly mode?: number } = {},
): Promise<void> {
  temporaries += 1
  const temporary = `${path}.${process.pid}-${temporaries}.tmp`
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW
  try {
    await using file = await open(temporary, flags, mode)
    await file.writeFile(bytes)
    await file.sync()
    // Unlike a rename, a link never replaces what is there.
    await (once ? link(temporary, path) : rename(temporary, path))
  } finally {
    await rm(temporary, { force: true })
  }
}

/** A file's name is durable only once its folder is synced. */
export async function syncFolder(path: string): Promise<void> {
  await using folder = await open(path, 'r')
  await folder.sync()
}
