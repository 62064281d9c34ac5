// Sigstore on loopback for a test: a child process that serves Fulcio, Rekor v1, Rekor v2 and a timestamp authority over http, the trusted
// root they are judged by, signing configs that name them, and identity tokens of any issuer.

import { fork } from 'node:child_process'
import { createPrivateKey } from 'node:crypto'
import { once } from 'node:events'
import { join } from 'node:path'
import { makeToken, type TokenOptions } from './token.ts'

export type Service = 'fulcio' | 'rekor1' | 'rekor2' | 'tsa'

/**
 * All: `error` 500 for ever, `busy-once` 503 once, `refuse` 400, `hang`, `garbage` (no JSON), `empty` (JSON without a word in it).
 * fulcio: `expired` (a certificate of an hour ago), `other-key` (one for a key the asker has not).
 * rekor1, rekor2: `other-key` (an entry that names another’s certificate). rekor1: `lost` (added, but answered with 503).
 */
export type Fault =
  | 'error'
  | 'busy-once'
  | 'refuse'
  | 'hang'
  | 'garbage'
  | 'empty'
  | 'expired'
  | 'other-key'
  | 'lost'

export type Endpoints = Readonly<Record<Service, string>>

export interface Ready {
  readonly kind: 'ready'
  readonly endpoints: Endpoints
  readonly issuerKey: string
  readonly trustedRoot: string
}

export type ToChild =
  | { readonly kind: 'fault'; readonly service: Service; readonly fault: Fault | 'none' }
  | { readonly kind: 'asked' }

export interface Use {
  /** Rekor v1 unless said. */
  readonly rekor?: 1 | 2 | 'both' | 'none'
  /** The loopback one unless said; false for none; or the URL of another. */
  readonly tsa?: boolean | string
}

export interface Sigstore extends AsyncDisposable {
  readonly endpoints: Endpoints
  /** trusted_root.json. */
  readonly trustedRoot: Uint8Array
  /** signing_config.v0.2.json. */
  signingConfig(use?: Use): Uint8Array
  /** An identity token, good for five minutes: of a workflow on GitHub unless said. */
  token(options?: TokenOptions): string
  /** Holds from now on, until `none`. */
  fault(service: Service, fault: Fault | 'none'): Promise<void>
  /** How many requests each service has had. */
  asked(): Promise<Readonly<Record<Service, number>>>
}

export async function startSigstore(): Promise<Sigstore> {
  const child = fork(join(import.meta.dirname, 'sigstore-child.ts'), {
    execArgv: [],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  const ended = once(child, 'exit').then(() => {
    throw new Error('the loopback Sigstore has ended')
  })
  ended.catch(() => {})
  const [ready] = (await Promise.race([once(child, 'message'), ended])) as [Ready]
  const key = createPrivateKey(ready.issuerKey)
  // One question at a time: answers carry no number.
  let last: Promise<unknown> = Promise.resolve()
  const ask = (message: ToChild): Promise<Readonly<Record<Service, number>>> => {
    const next = last.then(async () => {
      const answer = once(child, 'message')
      child.send(message)
      const [{ asked }] = (await Promise.race([answer, ended])) as [
        { asked: Readonly<Record<Service, number>> },
      ]
      return asked
    })
    last = next.catch(() => {})
    return next
  }
  return {
    endpoints: ready.endpoints,
    trustedRoot: Buffer.from(ready.trustedRoot),
    signingConfig: (use = {}) => makeSigningConfig(ready.endpoints, use),
    token: (options) => makeToken(key, options),
    fault: async (service, fault) => {
      await ask({ kind: 'fault', service, fault })
    },
    asked: () => ask({ kind: 'asked' }),
    [Symbol.asyncDispose]: async () => {
      if (child.exitCode !== null) return
      const exit = once(child, 'exit')
      child.disconnect()
      await exit
    },
  }
}

function makeSigningConfig(endpoints: Endpoints, { rekor = 1, tsa = true }: Use): Uint8Array {
  const service = (url: string, majorApiVersion: number, operator = 'loopback'): unknown => ({
    url,
    majorApiVersion,
    validFor: { start: '2026-01-01T00:00:00Z' },
    operator,
  })
  const logs = [
    ...(rekor === 2 || rekor === 'both' ? [service(endpoints.rekor2, 2, 'loopback-2')] : []),
    ...(rekor === 1 || rekor === 'both' ? [service(endpoints.rekor1, 1)] : []),
  ]
  const stamps = tsa === false ? [] : [service(tsa === true ? endpoints.tsa : tsa, 1)]
  return Buffer.from(
    JSON.stringify({
      mediaType: 'application/vnd.dev.sigstore.signingconfig.v0.2+json',
      caUrls: [service(endpoints.fulcio, 1)],
      oidcUrls: [],
      rekorTlogUrls: logs,
      tsaUrls: stamps,
      ...(logs.length > 0
        ? { rekorTlogConfig: { selector: rekor === 'both' ? 'ALL' : 'ANY' } }
        : {}),
      ...(stamps.length > 0 ? { tsaConfig: { selector: 'ANY' } } : {}),
    }),
  )
}
