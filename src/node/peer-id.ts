// Whom an address names: the peer that has to prove itself there.

import { RegistryError } from '../lib/index.ts'

/** Throws USAGE for an address without a peer id: whoever sits on the way could answer there. */
export function peerIdOf(address: string): string {
  const id = findPeerId(address)
  if (id !== undefined) return id
  throw new RegistryError('USAGE', 'This address does not say which node has to be there.', {
    expected: 'a multiaddr that ends in /p2p/ and a peer id',
    got: address.slice(0, 200),
    next: 'Copy the whole address that `registry serve` prints there.',
  })
}

/** The last one: those before it are relays. */
export function findPeerId(address: string): string | undefined {
  return /(?:\/p2p\/|^memory:)([^/]{1,128})$/.exec(address)?.[1]
}
