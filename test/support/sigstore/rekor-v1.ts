// Rekor v1 on loopback: the entries of @sigstore/mock’s log, each a tree of one leaf with a promise of its time; and, as the real one does,
// an entry that is there is not added again: the answer says where it is.

import { createHash } from 'node:crypto'
import { initializeTLog, rekorHandler } from '@sigstore/mock'
import { type Faulty, fromHandler, json, newKey, refuse, type Serve } from './answer.ts'

export interface RekorV1 {
  readonly serve: Serve
  readonly spki: Buffer
}

/** `another` is the certificate that entries name by the fault `other-key`. */
export async function makeRekorV1(url: string, another: Buffer, fault: Faulty): Promise<RekorV1> {
  const log = await initializeTLog(url, newKey())
  const handler = rekorHandler(log)
  const entries = new Map<string, string>()
  const add = async (uuid: string, body: string): Promise<string> => {
    const proposed = JSON.parse(body)
    if (fault() === 'other-key') {
      const [signature] = proposed.spec.content.envelope.signatures
      signature.publicKey = Buffer.from(pemOf(another)).toString('base64')
    }
    const answer = fromHandler(await handler.fn(JSON.stringify(proposed)))
    const [entry] = Object.values(JSON.parse(`${answer.body}`))
    const stored = JSON.stringify({ [uuid]: entry })
    entries.set(uuid, stored)
    return stored
  }
  const serve: Serve = async ({ method, path, body }) => {
    if (method === 'GET') {
      const found = entries.get(path.split('/').at(-1) ?? '')
      return found === undefined ? refuse(404, 'no such entry') : json(200, found)
    }
    const uuid = createHash('sha256').update(body).digest('hex')
    if (entries.has(uuid)) {
      const conflict = refuse(409, 'an equivalent entry already exists')
      return { ...conflict, location: `/api/v1/log/entries/${uuid}` }
    }
    const stored = await add(uuid, body)
    return fault() === 'lost' ? refuse(503, 'the answer was lost') : json(201, stored)
  }
  return { serve, spki: log.publicKey }
}

function pemOf(bytes: Buffer): string {
  const lines = bytes.toString('base64').replace(/(.{64})(?!$)/g, '$1\n')
  return `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`
}
