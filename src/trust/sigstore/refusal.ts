// The errors that several files here throw, each in one place.

import { RegistryError } from '../../lib/index.ts'

export function rootRefusal(expected: string, got: string, cause?: unknown): RegistryError {
  return new RegistryError('ROOT_INVALID', 'This trusted root cannot be used.', {
    expected,
    got: got.slice(0, 200),
    next: 'Get the trusted root again from whoever runs that Sigstore instance.',
    ...(cause === undefined ? {} : { cause }),
  })
}

export function missing(what: string, expected: number, got: number): RegistryError {
  return new RegistryError(
    'EVIDENCE_MISSING',
    `The signature comes without a ${what} that the trusted root asks for.`,
    {
      expected: `at least ${expected}`,
      got: `${got}`,
      next: 'Do not use it. Whoever signed has to sign again, with a log and a time that this root knows.',
    },
  )
}

export function unauthorized(expected: string, got: string): RegistryError {
  return new RegistryError('SIGNER_UNAUTHORIZED', 'This was not signed by who was expected.', {
    expected,
    got,
    next: 'Do not use it, unless you know this signer and meant to name them.',
  })
}
