// The sentences in which this module says that a peer cannot be reached, went away, broke the rules or hit a limit.

import { RegistryError } from '../lib/index.ts'
import { FRAME_LIMIT } from '../spec/index.ts'
import { ANNOUNCEMENT_BYTES } from './announce/announcer.ts'

export function unreachable(address: string, why: string, cause?: unknown): RegistryError {
  return new RegistryError(
    'PEER_UNAVAILABLE',
    `The peer at ${address} cannot be reached: ${why}.`,
    {
      next: 'Is the node running there? Start one with `registry serve`, and copy the address it prints.',
      ...(cause === undefined ? {} : { cause }),
    },
  )
}

export function gone(remote: string, why: string, cause?: unknown): RegistryError {
  return new RegistryError('PEER_UNAVAILABLE', `The channel to ${remote} is gone: ${why}.`, {
    next: 'Try again, or use another peer.',
    ...(cause === undefined ? {} : { cause }),
  })
}

export function misbehaved(remote: string, what: string, cause?: unknown): RegistryError {
  return new RegistryError('PEER_MISBEHAVED', `The peer ${remote} broke the protocol: ${what}.`, {
    next: 'Use another peer; nothing of this answer was kept.',
    ...(cause === undefined ? {} : { cause }),
  })
}

export function tooLarge(length: number): RegistryError {
  return new RegistryError('PEER_LIMIT', 'A frame is larger than a channel carries.', {
    expected: `at most ${FRAME_LIMIT} bytes`,
    got: `${length} bytes`,
    next: 'Ask for less at a time.',
  })
}

export function announcementTooLarge(length: number): RegistryError {
  return new RegistryError('PEER_LIMIT', 'An announcement is larger than peers take.', {
    expected: `at most ${ANNOUNCEMENT_BYTES} bytes`,
    got: `${length} bytes`,
    next: 'Peers learn of it when they reconcile with this node; nothing needs to be done.',
  })
}
