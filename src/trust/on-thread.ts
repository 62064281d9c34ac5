// Signature checks on other threads, handed over by the many: a thread that is woken for each of them takes the processor from the one that
// wakes it, and one that is at work finds the next by itself.

import { verify } from 'node:crypto'
import { type PublicKey, toKeyObject } from './public-key.ts'

interface Check {
  readonly key: PublicKey
  readonly data: Uint8Array
  readonly signature: Uint8Array
  readonly settle: (isGood: boolean) => void
}

const MANY = 32

let waiting: Check[] = []

/** Of a P-256 key. Malformed signatures are false too, and so are bad keys. Begins with the others of this moment, or when there are many. */
export function verifyOnThread(
  key: PublicKey,
  data: Uint8Array,
  signature: Uint8Array,
): Promise<boolean> {
  return new Promise((settle) => {
    if (waiting.push({ key, data, signature, settle }) === MANY) handOver()
    else if (waiting.length === 1) queueMicrotask(handOver)
  })
}

function handOver(): void {
  const checks = waiting
  waiting = []
  for (const { key, data, signature, settle } of checks) {
    try {
      verify('sha256', data, toKeyObject(key), signature, (error, isGood) => {
        settle(error === null && isGood)
      })
    } catch {
      settle(false)
    }
  }
}
