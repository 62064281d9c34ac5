// Addresses and keys of libp2p nodes, as text and bytes from outside.

import { generateKeyPairFromSeed, privateKeyFromProtobuf } from '@libp2p/crypto/keys'
import type { PrivateKey } from '@libp2p/interface'
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import { RegistryError } from '../lib/index.ts'

export async function readNodeKey(bytes: Uint8Array | undefined): Promise<PrivateKey | undefined> {
  if (bytes === undefined) return undefined
  try {
    const key =
      bytes.length === 32
        ? await generateKeyPairFromSeed('Ed25519', bytes)
        : privateKeyFromProtobuf(bytes)
    if (key.type === 'Ed25519') return key
    throw new Error(`it is ${key.type}`)
  } catch (cause) {
    throw new RegistryError('KEY_INVALID', 'This is not the key of a node.', {
      expected: '32 bytes, or libp2p’s protobuf form of an Ed25519 private key',
      got: `${bytes.length} bytes`,
      next: 'Remove the node’s key file to make a new identity; peers must then be told the new address.',
      cause,
    })
  }
}

export function parseAddress(text: string): Multiaddr {
  try {
    return multiaddr(text)
  } catch (cause) {
    throw new RegistryError('USAGE', 'This is not the address of a node.', {
      expected: 'a multiaddr such as /ip4/192.0.2.1/tcp/4001/p2p/12D3KooW…',
      got: JSON.stringify(text.slice(0, 120)),
      next: 'Copy the address that `registry serve` prints.',
      cause,
    })
  }
}

/** The peer that an address names last, if it names one. */
export function peerIdIn(address: Multiaddr): string | undefined {
  return address.getComponents().findLast(({ name }) => name === 'p2p')?.value
}
