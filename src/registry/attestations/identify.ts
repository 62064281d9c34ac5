// Whose certificate signed an attestation, by the trusted roots that this store knows.

import { RegistryError } from '../../lib/index.ts'
import type { Store } from '../../store/index.ts'
import type { Identify } from '../../trust/index.ts'

export async function loadIdentify(_store: Store): Promise<Identify> {
  return () => {
    throw new RegistryError('SIGNER_UNAUTHORIZED', 'Keyless attestations are not read yet.')
  }
}
