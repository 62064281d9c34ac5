export { createFederation, type Federation, type FederationOptions } from './federation.ts'
export { figuresOf } from './figures.ts'
export { type NodeStatus, readStoredStatus } from './status.ts'
