export { createFederation, type Federation, type FederationOptions } from './federation.ts'
export { figuresOf } from './figures.ts'
