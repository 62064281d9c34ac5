export { type Cid, cidFromDigest, cidOf, digestOf, isCid, parseCid } from './cid.ts'
