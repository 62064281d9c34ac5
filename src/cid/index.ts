export { type Block, blockOf, isHashed } from './block.ts'
export { type Cid, cidFromDigest, cidOf, digestOf, isCid, parseCid } from './cid.ts'
