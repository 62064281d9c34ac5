// Prometheus metrics: figures that are read when somebody asks, and those of the process. What the figures mean is the caller’s. No label
// may hold what a stranger chose: each value of one is a time series for good.

import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client'

export interface Figure {
  /** Without the prefix `toolmark_`; counters end in `_total`. */
  readonly name: string
  readonly help: string
  readonly kind: 'gauge' | 'counter'
  readonly values: readonly {
    readonly labels?: Readonly<Record<string, string>>
    readonly value: number
  }[]
}

export interface Metrics extends Disposable {
  readonly contentType: string
  text(): Promise<string>
}

export function createMetrics(read: () => Promise<readonly Figure[]>): Metrics {
  const process = new Registry()
  collectDefaultMetrics({ register: process })
  let rendering: Promise<string> | undefined
  const render = async (): Promise<string> => {
    const own = new Registry()
    for (const figure of await read()) register(own, figure)
    return `${await own.metrics()}${await process.metrics()}`
  }
  return {
    contentType: process.contentType,
    text: () => {
      // Many who ask at once cost no more than one.
      rendering ??= render().finally(() => {
        rendering = undefined
      })
      return rendering
    },
    [Symbol.dispose]: () => process.clear(),
  }
}

function register(registry: Registry, { name, help, kind, values }: Figure): void {
  const labelNames = [...new Set(values.flatMap(({ labels = {} }) => Object.keys(labels)))]
  const options = { name: `toolmark_${name}`, help, labelNames, registers: [registry] }
  if (kind === 'gauge') {
    const gauge = new Gauge(options)
    for (const { labels = {}, value } of values) gauge.set(labels, value)
  } else {
    const counter = new Counter(options)
    for (const { labels = {}, value } of values) counter.inc(labels, value)
  }
}
