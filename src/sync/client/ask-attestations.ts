// Asking a peer for attestations. One that is older than the question calls it unreadable: it has none to give, and is not asked again.

import { isRegistryError } from '../../lib/index.ts'
import type { Source, SourceOptions } from '../../resolve/index.ts'
import { said } from '../wire/fields.ts'
import type { Answers, Asks } from '../wire/ops.ts'

type Ask = (ask: Asks['attestations'], options?: SourceOptions) => Promise<Answers['attestations']>

export function createAttestationAsker(ask: Ask): NonNullable<Source['attestations']> {
  const none = { attestations: [], next: undefined }
  let isOlder = false
  return async (subject, query, options) => {
    if (isOlder) return none
    try {
      return await ask(said({ subject, ...query }), options)
    } catch (error) {
      if (!isRegistryError(error, 'MESSAGE_INVALID')) throw error
      isOlder = true
      return none
    }
  }
}
