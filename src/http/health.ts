// What a node tells those who look after it: /metrics for Prometheus, /healthz (is it alive), /readyz (should it be given work). Nothing is
// changed here, and nothing is told that is not in `registry status`.

import type { HttpAnswer } from './listen.ts'
import { type Listening, openHttp } from './listen.ts'
import type { Metrics } from './metrics.ts'

export interface Health {
  /** What is wrong, in words; empty for nothing. */
  alive(): Promise<readonly string[]>
  ready(): Promise<readonly string[]>
}

const JSON_TYPE = 'application/json'

export function serveHealth(
  listen: string,
  { health, metrics }: { readonly health: Health; readonly metrics: Metrics },
): Promise<Listening> {
  const pages: Readonly<Record<string, () => Promise<HttpAnswer>>> = {
    '/healthz': async () => report(await health.alive()),
    '/readyz': async () => report(await health.ready()),
    '/metrics': async () => ({
      status: 200,
      type: metrics.contentType,
      body: await metrics.text(),
    }),
  }
  return openHttp(listen, async ({ method, url = '' }) => {
    const [path = ''] = url.split('?')
    const page = Object.hasOwn(pages, path) ? pages[path] : undefined
    if (page === undefined) return { status: 404, body: `${Object.keys(pages).join('\n')}\n` }
    if (method === 'GET' || method === 'HEAD') return await page()
    return { status: 405, headers: { allow: 'GET, HEAD' }, body: 'Only GET and HEAD.\n' }
  })
}

function report(problems: readonly string[]): HttpAnswer {
  const status = problems.length === 0 ? 200 : 503
  const body = `${JSON.stringify({ status: status === 200 ? 'ok' : 'failing', problems })}\n`
  return { status, type: JSON_TYPE, body }
}
