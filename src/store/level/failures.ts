// What LevelDB and the file system say, in words a person can act on. LevelDB knows three kinds of failure and writes the
// operating system's reason into prose; "already locked" is not among what is translated here, since `open` waits for that.

import { isRegistryError, RegistryError } from '../../lib/index.ts'
import { closed } from '../checks.ts'

/** strerror texts, as LevelDB passes them on → the code everyone else uses. */
const OS_CODES: readonly (readonly [text: string, code: string])[] = [
  ['No space left on device', 'ENOSPC'],
  ['Disk quota exceeded', 'EDQUOT'],
  ['Input/output error', 'EIO'],
  ['Read-only file system', 'EROFS'],
  ['Permission denied', 'EACCES'],
  ['Operation not permitted', 'EPERM'],
  ['Too many open files', 'EMFILE'],
  ['File too large', 'EFBIG'],
  ['Not a directory', 'ENOTDIR'],
  ['No such file or directory', 'ENOENT'],
]

const NEXT: Readonly<Record<string, string>> = {
  ENOSPC:
    'Free some disk space, then run the command again. Nothing that was acknowledged is lost.',
  EDQUOT: 'Free some of your disk quota, then run the command again.',
  EIO: 'The disk reports errors: copy the folder to another disk before anything else.',
  EROFS: 'Mount the file system for writing, or choose another folder.',
  EACCES: 'Give yourself access to the folder, or choose another one.',
  EPERM: 'Give yourself access to the folder, or choose another one.',
  EMFILE: 'Raise the limit of open files (ulimit -n), then run the command again.',
  ENOTDIR: 'Choose a folder: a file is in its way.',
  EEXIST: 'Choose a folder: a file is in its way.',
}

/** Any error of the database or of a file beside it → RegistryError. */
export function translateFailure(error: unknown): RegistryError {
  if (isRegistryError(error)) return error
  const texts = describe(error)
  if (texts.codes.includes('LEVEL_CORRUPTION')) return corrupt(error)
  // With a cause, "not open" only says that opening failed.
  if (/_NOT_OPEN$|^LEVEL_ABORTED$/.test(texts.codes.at(-1) ?? '')) return closed()
  const code = osCode(texts)
  // Inside an open database, a file that is not there was there.
  if (code === 'ENOENT') return corrupt(error)
  return new RegistryError(
    'STORE_UNAVAILABLE',
    `The store cannot be read or written: ${code ?? texts.message}.`,
    {
      next: NEXT[code ?? ''] ?? 'Check the disk and the folder, then run the command again.',
      ...(code === undefined ? {} : { got: code }),
      cause: error,
    },
  )
}

export function isLocked(error: unknown): boolean {
  return describe(error).codes.includes('LEVEL_LOCKED')
}

export function corrupt(cause: unknown, message = 'The database is damaged.'): RegistryError {
  return new RegistryError('STORE_CORRUPT', message, {
    next: 'Restore the folder from a backup, or move its `db` folder away and pull again; floors are kept.',
    cause,
  })
}

/** A write failed half-way: LevelDB may or may not have it, so what follows could build on sand. */
export function poisoned(cause: RegistryError): RegistryError {
  return new RegistryError(
    'STORE_UNAVAILABLE',
    'The store takes no more writes, because an earlier one failed and may have been kept in part.',
    { next: `${cause.details.next ?? ''} Open the store again to go on.`.trim(), cause },
  )
}

interface Description {
  readonly codes: readonly string[]
  readonly message: string
}

/** Codes and texts along the chain of causes: abstract-level wraps what LevelDB said. */
function describe(error: unknown): Description {
  const codes: string[] = []
  let message = ''
  for (let it = error; it instanceof Error; it = it.cause) {
    if ('code' in it && typeof it.code === 'string') codes.push(it.code)
    message = it.message
  }
  return { codes, message }
}

function osCode({ codes, message }: Description): string | undefined {
  const plain = codes.find((code) => /^E[A-Z0-9]+$/.test(code))
  return plain ?? OS_CODES.find(([text]) => message.includes(text))?.[1]
}
