// Handing a checkpoint in at a C2SP tlog-witness (https://c2sp.org/tlog-witness): one POST, bounded in size and time. What comes back is
// claims; the caller verifies the lines.

import { escapeText, isRegistryError, RegistryError } from '../lib/index.ts'
import type { SubmitCheckpoint, WitnessAnswer } from '../registry/index.ts'
import { formatSubmitted, SIZE_TYPE } from './witness-body.ts'

/** The lines of a few keys, large ones of other algorithms among them. */
const ANSWER_BYTES = 16 * 1024
const TOTAL_MS = 10_000

/** Throws PEER_UNAVAILABLE, PEER_MISBEHAVED, PEER_LIMIT and the verdict of the witness, each with the address. */
export const submitCheckpoint: SubmitCheckpoint = async (url, submitted, { signal }) => {
  signal?.throwIfAborted()
  const late = AbortSignal.timeout(TOTAL_MS)
  try {
    const response = await fetch(`${url}/add-checkpoint`, {
      method: 'POST',
      body: Buffer.from(formatSubmitted(submitted)),
      headers: { 'content-type': 'text/plain; charset=utf-8' },
      redirect: 'manual',
      signal: signal === undefined ? late : AbortSignal.any([signal, late]),
    })
    return readAnswer(url, response, await readBounded(url, response))
  } catch (cause) {
    signal?.throwIfAborted()
    if (isRegistryError(cause)) throw cause
    const why = late.aborted ? `it took longer than ${TOTAL_MS} ms` : 'it cannot be reached'
    throw new RegistryError('PEER_UNAVAILABLE', `The witness at ${url} did not answer: ${why}.`, {
      expected: 'a cosignature',
      got: 'no answer',
      next: 'It is asked again with the next publish; check the URL: `registry witness list`.',
      cause,
    })
  }
}

function readAnswer(url: string, response: Response, body: Uint8Array): WitnessAnswer {
  const { status, headers } = response
  if (status === 200) return { kind: 'cosigned', lines: body }
  const text = Buffer.from(body).toString('latin1')
  const isSize = headers.get('content-type')?.split(';')[0] === SIZE_TYPE
  if (status === 409 && isSize && /^(0|[1-9][0-9]{0,15})\n$/.test(text)) {
    return { kind: 'conflict', size: Number(text) }
  }
  throw refused(url, status, text)
}

const MEANING: Readonly<Record<number, string>> = {
  400: 'it cannot read the request',
  403: 'it trusts another key for this log',
  404: 'it does not witness this log',
  409: 'it names no size that it cosigned last',
  422: 'it has seen another history of this log',
}

function refused(url: string, status: number, text: string): RegistryError {
  const meaning = MEANING[status] ?? 'it does not say why'
  const words = escapeText(text.slice(0, 120)).trim()
  return new RegistryError(
    status >= 500 ? 'PEER_UNAVAILABLE' : 'PEER_MISBEHAVED',
    `The witness at ${url} did not cosign: ${meaning}.`,
    {
      expected: 'HTTP 200',
      got: `HTTP ${status}${words === '' ? '' : `: ${words}`}`,
      next:
        status === 404 || status === 403
          ? 'Ask its operator to add your log: `registry publisher show` has its key.'
          : 'Try again later, or tell its operator.',
    },
  )
}

async function readBounded(url: string, { body }: Response): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  let length = 0
  for await (const part of body ?? []) {
    length += part.length
    if (length > ANSWER_BYTES) {
      throw new RegistryError('PEER_LIMIT', `The answer of the witness at ${url} is too long.`, {
        expected: `at most ${ANSWER_BYTES} bytes`,
        got: `${length} bytes or more`,
        next: 'Nothing of it was kept. Tell its operator.',
      })
    }
    parts.push(part)
  }
  return Buffer.concat(parts)
}
