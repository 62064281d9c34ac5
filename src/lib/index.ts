export { findAge, inUnits } from './age.ts'
export { BASE32_VALUES, decodeBase32, encodeBase32 } from './base32.ts'
export {
  concatBytes,
  copyBytes,
  equalBytes,
  fromBase64,
  fromHex,
  toBase64,
  toHex,
  utf8,
} from './bytes.ts'
export { canonicalBytes, canonicalize, parseCanonical, readCanonical } from './canonical.ts'
export { closest } from './closest.ts'
export {
  type ErrorCode,
  type ErrorDetails,
  isErrorCode,
  isRegistryError,
  RegistryError,
  type Verdict,
} from './errors.ts'
export { readBounded } from './files.ts'
export { FrameReader, frame, frameHeader } from './frames.ts'
export { sha256, sha256Hex, writeSha256 } from './hash.ts'
export {
  decodeJsonText,
  isJsonObject,
  JSON_LIMITS,
  type Json,
  type JsonObject,
  locateLine,
  parseJson,
} from './json.ts'
export { joinPointer } from './json-pointer.ts'
export { createMemo } from './memo.ts'
export { createLocks, type Locks } from './mutex.ts'
export { dropOldest } from './newest.ts'
export { createRandom } from './random.ts'
export { escapeJsonText, escapeText, FORBIDDEN_RANGES, findForbidden } from './text.ts'
export { syncFolder, writeWhole } from './write-file.ts'
