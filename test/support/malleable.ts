// What of a bundle means nothing, and may change without its statement being refused: all else must not.

const HINT = '/verificationMaterial/publicKey/hint'

/** A bundle is never identified by its bytes: its key hint, its spelling and the form of its signature are anyone's to change. */
export const MEANINGLESS: readonly string[] = [
  `${HINT}: empty`,
  `${HINT}: space at the end`,
  `${HINT}: upper case`,
  `${HINT}: character 0`,
  `${HINT}: character 25`,
  `${HINT}: character 49`,
  '/verificationMaterial/timestampVerificationData: removed',
  'another spelling',
  'keys in another order',
  'signature n - s',
  'a keyid',
  'empty tlogEntries',
  'bundle twice',
]

/** An oracle of its own: the same JSON but for the hint. */
export function saysTheSame(bytes: Uint8Array, original: Uint8Array): boolean {
  const read = (from: Uint8Array): string => {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(from)
    const json = JSON.parse(text)
    const { hint } = json.verificationMaterial.publicKey
    if (typeof hint !== 'string') throw new TypeError('no hint')
    json.verificationMaterial.publicKey.hint = ''
    return JSON.stringify(json)
  }
  try {
    return read(bytes) === read(original)
  } catch {
    return false
  }
}
