export { decodeBase32, encodeBase32 } from './base32.ts'
export { concatBytes, equalBytes, fromBase64, fromHex, toBase64, toHex, utf8 } from './bytes.ts'
export {
  type ErrorCode,
  type ErrorDetails,
  isErrorCode,
  isRegistryError,
  RegistryError,
  type Verdict,
} from './errors.ts'
export { sha256, sha256Hex } from './hash.ts'
