export type { LogLevel, NodeConfig } from './config.ts'
export { type ConfigPlace, openConfig } from './open-config.ts'
export type { Overrides } from './parse-config.ts'
