// What a node shows over HTTP, each only where the configuration asks for it: metrics and health, and its face as a witness.

import type { NodeConfig } from '../config/index.ts'
import { type Federation, figuresOf } from '../federation/index.ts'

/** The metrics library is loaded by who has asked for it. */
export async function openHealth(
  { http }: NodeConfig,
  federation: Federation,
  isStopping: () => boolean,
): Promise<(AsyncDisposable & { readonly url: string }) | undefined> {
  if (http.listen === undefined) return undefined
  const { createMetrics, serveHealth } = await import('../../http/index.ts')
  const metrics = createMetrics(async () => figuresOf(await federation.status()))
  const listening = await serveHealth(http.listen, {
    metrics,
    health: {
      alive: async () => [],
      ready: async () => {
        if (isStopping()) return ['the node is stopping']
        try {
          await federation.store.findRecords([{ table: 'self', key: 'publisher' }])
          return []
        } catch {
          return ['the store cannot be read']
        }
      },
    },
  })
  return {
    url: listening.url,
    [Symbol.asyncDispose]: async () => {
      metrics[Symbol.dispose]()
      await listening[Symbol.asyncDispose]()
    },
  }
}

export async function openWitnessFace(
  { witness: { listen } }: NodeConfig,
  { witness }: Federation,
): Promise<
  | {
      readonly vkey: string
      readonly listening: (AsyncDisposable & { readonly url: string }) | undefined
    }
  | undefined
> {
  if (witness === undefined) return undefined
  if (listen === undefined) return { vkey: witness.vkey, listening: undefined }
  const { serveWitness } = await import('../../http/index.ts')
  return { vkey: witness.vkey, listening: await serveWitness(listen, witness) }
}
