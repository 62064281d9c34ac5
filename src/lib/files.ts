// Reading files people name: with a limit, and with errors that say which file.

import { open } from 'node:fs/promises'
import { RegistryError } from './errors.ts'

/** The bytes of a file of at most `limit` bytes; FILE_UNAVAILABLE or LIMIT_EXCEEDED. */
export async function readBounded(path: string, limit: number): Promise<Uint8Array> {
  try {
    await using file = await open(path, 'r')
    const { size } = await file.stat()
    if (size > limit) throw tooLarge(path, limit, size)
    const bytes = await file.readFile()
    // A pipe or device has no size to go by.
    if (bytes.length > limit) throw tooLarge(path, limit, bytes.length)
    return bytes
  } catch (cause) {
    if (cause instanceof RegistryError) throw cause
    throw new RegistryError('FILE_UNAVAILABLE', `The file ${path} cannot be read.`, {
      expected: 'a file that can be read',
      got: (cause as NodeJS.ErrnoException).code ?? String(cause),
      next: 'Check the path.',
      cause,
    })
  }
}

function tooLarge(path: string, limit: number, size: number): RegistryError {
  return new RegistryError('LIMIT_EXCEEDED', `The file ${path} is too large.`, {
    expected: `at most ${limit} bytes`,
    got: `${size} bytes`,
    next: 'Split it into several releases.',
  })
}
