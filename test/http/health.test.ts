// /metrics, /healthz and /readyz over a real port: what they answer, to whom, and that a slow or greedy client ends alone.

import { once } from 'node:events'
import { request } from 'node:http'
import { connect } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { createMetrics, type Figure, openHttp, serveHealth } from '../../src/http/index.ts'

const open: AsyncDisposable[] = []
afterEach(async () => {
  for (const one of open.splice(0)) await one[Symbol.asyncDispose]()
})

const FIGURES: readonly Figure[] = [
  { name: 'heads', help: 'Logs held.', kind: 'gauge', values: [{ value: 3 }] },
  {
    name: 'refusals_total',
    help: 'Refused.',
    kind: 'counter',
    values: [{ labels: { code: 'FORKED' }, value: 2 }],
  },
]

async function start(problems: readonly string[] = [], read = async () => FIGURES) {
  const metrics = createMetrics(read)
  const health = { alive: async () => [], ready: async () => problems }
  const listening = await serveHealth('0', { health, metrics })
  open.push(listening)
  return listening
}

/** Without fetch, which sets the Host header itself. */
async function ask(url: string, options: { method?: string; host?: string } = {}) {
  const { method = 'GET', host } = options
  const asked = request(url, { method, agent: false, ...(host ? { headers: { host } } : {}) })
  asked.end()
  const [response] = await once(asked, 'response')
  let body = ''
  for await (const chunk of response) body += chunk
  return { status: response.statusCode as number, body, type: response.headers['content-type'] }
}

describe('pages', () => {
  test('metrics are the figures and those of the process', async () => {
    const { url } = await start()
    const { status, body, type } = await ask(`${url}/metrics`)
    expect(status).toBe(200)
    expect(type).toContain('text/plain; version=0.0.4')
    expect(body).toContain('# TYPE toolmark_heads gauge\ntoolmark_heads 3\n')
    expect(body).toContain('toolmark_refusals_total{code="FORKED"} 2\n')
    expect(body).toMatch(/^process_resident_memory_bytes [0-9]+$/m)
    expect((await ask(`${url}/metrics`)).body).toContain('toolmark_refusals_total{code="FORKED"} 2')
  })

  test('a label cannot forge a line', async () => {
    const values = [{ labels: { code: 'a"}\nevil 1' }, value: 1 }]
    const { url } = await start([], async () => [{ name: 'x', help: 'x', kind: 'gauge', values }])
    expect((await ask(`${url}/metrics`)).body).toContain('toolmark_x{code="a\\"}\\nevil 1"} 1')
  })

  test('ready or not', async () => {
    const ok = await ask(`${(await start()).url}/readyz`)
    expect([ok.status, ok.body]).toEqual([200, '{"status":"ok","problems":[]}\n'])
    const { url } = await start(['the node is stopping'])
    const not = await ask(`${url}/readyz`)
    expect(not.status).toBe(503)
    expect(JSON.parse(not.body)).toEqual({ status: 'failing', problems: ['the node is stopping'] })
    expect((await ask(`${url}/healthz`)).status).toBe(200)
  })

  test('many who ask at once are one reading', async () => {
    let readings = 0
    const { url } = await start([], async () => {
      readings += 1
      await new Promise((resolve) => setTimeout(resolve, 100))
      return FIGURES
    })
    const answers = await Promise.all(Array.from({ length: 10 }, () => ask(`${url}/metrics`)))
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200))
    expect(readings).toBeLessThanOrEqual(2)
  })

  test('a reading that fails is no crash', async () => {
    const { url } = await start([], async () => {
      throw new Error('secret path')
    })
    const { status, body } = await ask(`${url}/metrics`)
    expect([status, body]).toEqual([500, 'This node could not answer.\n'])
  })
})

describe('strangers', () => {
  test.each([
    ['/', 'GET', 404],
    ['/metrics/../x', 'GET', 404],
    ['/__proto__', 'GET', 404],
    ['/metrics', 'POST', 405],
    ['/metrics', 'DELETE', 405],
    ['/metrics', 'HEAD', 200],
  ])('%s %s', async (path, method, status) => {
    const { url } = await start()
    expect((await ask(`${url}${path}`, { method })).status).toBe(status)
  })

  test('a name that a web page has pointed here reads nothing', async () => {
    const { url } = await start()
    const { status, body } = await ask(`${url}/metrics`, { host: 'evil.example:80' })
    expect([status, body]).toEqual([421, 'This is for this machine alone.\n'])
    expect((await ask(`${url}/metrics`, { host: 'localhost' })).status).toBe(200)
  })

  test('a port is one of this machine alone', async () => {
    expect((await start()).url).toMatch(/^http:\/\/127\.0\.0\.1:[0-9]+$/)
  })

  test('stops at once, whoever hangs on', async () => {
    const listening = await start()
    open.splice(0)
    const socket = connect(Number(new URL(listening.url).port), '127.0.0.1')
    socket.on('error', () => {})
    await once(socket, 'connect')
    socket.write('GET /metrics HTTP/1.1\r\nHost: loc')
    const began = performance.now()
    await listening[Symbol.asyncDispose]()
    expect(performance.now() - began).toBeLessThan(4_000)
    socket.destroy()
  })
})

describe('refusals', () => {
  test('an address that is none', async () => {
    await expect(openHttp('somewhere', async () => ({ status: 200 }))).rejects.toMatchObject({
      code: 'USAGE',
      message: 'This is not an address to serve HTTP on.',
      details: { got: 'somewhere', next: 'Write it as 127.0.0.1:9464.' },
    })
  })

  test('a port that is taken', async () => {
    const { url } = await start()
    const { port } = new URL(url)
    await expect(openHttp(port, async () => ({ status: 200 }))).rejects.toMatchObject({
      code: 'PEER_UNAVAILABLE',
      message: `HTTP cannot be served on ${port}.`,
      details: { got: 'EADDRINUSE' },
    })
  })
})
