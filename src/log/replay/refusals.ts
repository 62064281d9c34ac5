// The words for entries that the log's own state does not allow.

import { type ErrorDetails, RegistryError } from '../../lib/index.ts'

type Words = Pick<ErrorDetails, 'expected' | 'got' | 'next'>

const NEXT = 'Do not use it. Ask another peer; if the answer is the same, tell the publisher.'

/** Someone says what they may not say. */
export function notAllowed(message: string, words: Words): RegistryError {
  return new RegistryError('SIGNER_UNAUTHORIZED', message, { next: NEXT, ...words })
}

/** An entry that does not follow from those before it. */
export function outOfOrder(expected: string, got: string): RegistryError {
  return new RegistryError(
    'SEQUENCE_INVALID',
    'This entry does not follow in the publisher’s log.',
    { expected, got, next: NEXT },
  )
}

/** What is withdrawn stays withdrawn, and only once (T19). */
export function alreadyDone(message: string, words: Words): RegistryError {
  return new RegistryError('LIFECYCLE_INVALID', message, { next: NEXT, ...words })
}

/** A second yank, or the same release again, would be an entry that says nothing (T16). */
export function saysNothing({
  kind,
  seq,
}: {
  readonly kind: string
  readonly seq: number
}): RegistryError {
  return alreadyDone('This entry says what the log has said before.', {
    expected: 'an entry that changes something',
    got: `entry ${seq}, a ${kind}`,
  })
}
