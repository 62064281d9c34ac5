// DSSE’s pre-authentication encoding (https://github.com/secure-systems-lab/dsse/blob/master/protocol.md): what is really signed.

import { PAYLOAD_TYPE } from './bundle.ts'

/** Type and body with their lengths, so that neither can pass for part of the other. */
export function preAuthEncoding(body: Uint8Array): Uint8Array {
  const head = `DSSEv1 ${PAYLOAD_TYPE.length} ${PAYLOAD_TYPE} ${body.length} `
  const bytes = Buffer.allocUnsafe(head.length + body.length)
  bytes.write(head, 'latin1')
  bytes.set(body, head.length)
  return bytes
}
