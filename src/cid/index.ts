export { type Block, blockOf, isHashed } from './block.ts'
export { type Cid, cidFromDigest, cidOf, digestOf, isCid, parseCid, writeDigest } from './cid.ts'
