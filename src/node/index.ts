export { cosignPublished } from './ask-witnesses.ts'
export { dialHome } from './dial-home.ts'
export type { Home } from './home.ts'
export { openOwnWitness } from './node-key.ts'
export { createPeerBook, openDialer, rememberedPeers } from './peers.ts'
export { openPolicy } from './policy-file.ts'
export {
  loadTools,
  openRegistry,
  type PullOptions,
  type Registry,
  type RegistryOptions,
} from './registry.ts'
export type { StartOptions } from './start.ts'
