export { type Environment, type Home, homeAt } from './home.ts'
export { createPeerBook, openDialer, type PeerBook, rememberedPeers } from './peers.ts'
export {
  loadTools,
  openRegistry,
  type PullOptions,
  type Registry,
  type RegistryOptions,
} from './registry.ts'
export { openWorkspace } from './workspace.ts'
