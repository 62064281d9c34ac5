// The pre-shared key of a private network, in the form that libp2p nodes share (/key/swarm/psk/1.0.0/). It encrypts all there is
// below the handshake: without it nobody learns even that this is a node. It says nothing about what is trusted.

import { randomBytes } from 'node:crypto'
import { RegistryError } from '../../lib/index.ts'

const FORM = /^\/key\/swarm\/psk\/1\.0\.0\/\r?\n\/base16\/\r?\n([0-9a-f]{64})\s*$/i

/** The text of a new key: for a file that only its nodes can read. */
export function createNetworkKey(): string {
  return formatNetworkKey(randomBytes(32).toString('hex'))
}

/** The bytes as libp2p takes them. Throws KEY_INVALID. */
export function parseNetworkKey(bytes: Uint8Array): Uint8Array {
  const hex = FORM.exec(Buffer.from(bytes.subarray(0, 200)).toString('latin1'))?.[1]
  if (hex !== undefined && bytes.length <= 200) {
    return Buffer.from(formatNetworkKey(hex.toLowerCase()).trimEnd())
  }
  // Never a word of what came: most of it may be a key.
  throw new RegistryError('KEY_INVALID', 'This is not the key of a private network.', {
    expected: 'three lines: /key/swarm/psk/1.0.0/, /base16/, and 64 hex digits',
    got: `${bytes.length} bytes of another form`,
    next: 'Copy the key file from another node of the network, or make a new one for all of them.',
  })
}

function formatNetworkKey(hex: string): string {
  return `/key/swarm/psk/1.0.0/\n/base16/\n${hex}\n`
}
