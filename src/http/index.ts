export { serveHealth } from './health.ts'
export { type HttpAnswer, type Listening, openHttp } from './listen.ts'
export { createMetrics, type Figure } from './metrics.ts'
