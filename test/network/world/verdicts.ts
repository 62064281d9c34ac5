// Signature checks of a process that runs hundreds of nodes. Whether a signature is good follows from the algorithm, the bytes, the key and the
// signature alone, so each is checked once, for real, and the verdict is given to all nodes. It is also given without another thread, which
// would answer when it likes and make two runs of one seed differ.

import crypto, { hash, type KeyObject } from 'node:crypto'
import { syncBuiltinESMExports } from 'node:module'

const { verify } = crypto
const verdicts = new Map<string, boolean>()
const spkis = new WeakMap<KeyObject, string>()

type OnVerdict = (error: Error | null, isGood: boolean) => void

/** From now on, in this process. */
export function shareVerdicts(): void {
  crypto.verify = checkOnce as typeof verify
  syncBuiltinESMExports()
}

function checkOnce(
  algorithm: string | null,
  data: Uint8Array,
  key: KeyObject,
  signature: Uint8Array,
  onVerdict?: OnVerdict,
): boolean | undefined {
  const isGood = verdictOn(algorithm, data, key, signature)
  if (onVerdict === undefined) return isGood
  process.nextTick(onVerdict, null, isGood)
  return undefined
}

function verdictOn(
  algorithm: string | null,
  data: Uint8Array,
  key: KeyObject,
  signature: Uint8Array,
): boolean {
  let spki = spkis.get(key)
  if (spki === undefined) {
    spki = key.export({ format: 'der', type: 'spki' }).toString('base64')
    spkis.set(key, spki)
  }
  const id = `${algorithm} ${spki} ${hash('sha256', data)} ${hash('sha256', signature)}`
  let isGood = verdicts.get(id)
  if (isGood === undefined) {
    isGood = verify(algorithm, data, key, signature)
    verdicts.set(id, isGood)
  }
  return isGood
}
