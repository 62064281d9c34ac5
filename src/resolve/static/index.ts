export { parseStaticAddress } from './address.ts'
export { encodeEntries, encodeSignatures } from './encodings.ts'
export {
  blockFile,
  checkpointFile,
  entriesFile,
  indexFile,
  partsOf,
  type StaticFile,
  signaturesFile,
  TILE_HEIGHT,
  TILE_WIDTH,
  tileFile,
} from './layout.ts'
export { staticSource } from './static-source.ts'
