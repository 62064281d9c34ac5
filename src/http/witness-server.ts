// A node as a C2SP tlog-witness (https://c2sp.org/tlog-witness): POST /add-checkpoint, and GET /HASH_OF_ORIGIN/checkpoint for monitors. Anybody
// may ask: the log’s own signature is what a request proves itself by. Subtrees are not cosigned.

import type { IncomingMessage } from 'node:http'
import { type ErrorCode, isRegistryError, RegistryError } from '../lib/index.ts'
import type { CosignedSize, Witness } from '../registry/index.ts'
import { type HttpAnswer, type Listening, openHttp } from './listen.ts'
import { BODY_BYTES, parseSubmitted, SIZE_TYPE } from './witness-body.ts'

const STATUS_OF: Partial<Record<ErrorCode, number>> = {
  MESSAGE_INVALID: 400,
  CHECKPOINT_INVALID: 400,
  SIGNATURE_INVALID: 403,
  NOT_FOUND: 404,
  CONFLICT: 409,
  LIMIT_EXCEEDED: 413,
  PROOF_INVALID: 422,
  FORKED: 422,
  ROLLBACK: 422,
}

export function serveWitness(
  listen: string,
  witness: Pick<Witness, 'addCheckpoint' | 'findCheckpoint'>,
): Promise<Listening> {
  return openHttp(listen, async (request) => {
    const { method, url = '' } = request
    const [path = ''] = url.split('?')
    const [, hash] = /^\/([0-9a-f]{64})\/checkpoint$/.exec(path) ?? []
    if (path === '/add-checkpoint') {
      return method === 'POST' ? await add(request, witness) : onlyBy('POST')
    }
    if (hash === undefined) return { status: 404, body: 'POST /add-checkpoint\n' }
    return method === 'GET' || method === 'HEAD' ? await show(hash, witness) : onlyBy('GET, HEAD')
  })
}

async function add(
  request: IncomingMessage,
  witness: Pick<Witness, 'addCheckpoint'>,
): Promise<HttpAnswer> {
  try {
    const submitted = parseSubmitted(await readBody(request))
    const lines = await witness.addCheckpoint(submitted)
    return { status: 200, body: lines.map((line) => `${line}\n`).join('') }
  } catch (error) {
    if (!isRegistryError(error)) throw error
    return refusal(error)
  }
}

async function show(hash: string, witness: Pick<Witness, 'findCheckpoint'>): Promise<HttpAnswer> {
  const note = await witness.findCheckpoint(hash)
  if (note !== undefined) return { status: 200, body: note }
  return { status: 404, body: 'Nothing of that log was cosigned here.\n' }
}

function refusal({ code, message, details }: RegistryError): HttpAnswer {
  const status = STATUS_OF[code] ?? 503
  const { size } = (details.evidence ?? {}) as Partial<CosignedSize>
  if (status === 409 && size !== undefined) {
    return { status, type: SIZE_TYPE, body: `${size}\n` }
  }
  // A commit that somebody else was faster than: nothing was signed, and the same request may be sent again.
  if (status === 409 || status === 503) return { status: 503, body: 'Try again later.\n' }
  const { expected, got } = details
  const values = expected === undefined ? '' : `expected ${expected}\ngot ${got}\n`
  return { status, body: `${message}\n${values}`, ...(status === 413 ? CLOSE : {}) }
}

/** The rest of a body that is too long is not waited for. */
const CLOSE = { headers: { connection: 'close' } }

async function readBody(request: IncomingMessage): Promise<Uint8Array> {
  const parts: Buffer[] = []
  let length = 0
  for await (const part of request.iterator({ destroyOnReturn: false })) {
    length += (part as Buffer).length
    // Endless data (T29), whatever was announced.
    if (length > BODY_BYTES) throw tooLong()
    parts.push(part as Buffer)
  }
  return Buffer.concat(parts)
}

function tooLong(): RegistryError {
  return new RegistryError('LIMIT_EXCEEDED', 'This request is too long.', {
    expected: `at most ${BODY_BYTES} bytes`,
    got: 'more',
  })
}

function onlyBy(allow: string): HttpAnswer {
  return { status: 405, headers: { allow }, body: `Only ${allow}.\n` }
}
