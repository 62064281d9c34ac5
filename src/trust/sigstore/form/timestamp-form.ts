// What the library does not ask of an RFC 3161 response: that it was granted, has one signer, and that what was signed calls itself a
// timestamp (RFC 3161, 2.4.2; RFC 5652, 11.1). Form only: signature, time and authority are the library’s.

import { equalBytes, fromHex } from '../../../lib/index.ts'
import { type Element, readElement, readElements, SEQUENCE, SET } from './der.ts'
import { refuseForm } from './fields.ts'

/** granted, and granted with changes */
const GRANTED = [0, 1]
/** 1.2.840.113549.1.9.3, and the content type it must name, 1.2.840.113549.1.9.16.1.4. */
const CONTENT_TYPE = fromHex('06092a864886f70d010903')
const TIMESTAMP = fromHex('060b2a864886f70d0109100104')
const CONTEXT_0 = 0xa0

/** Throws BUNDLE_INVALID. */
export function assertTimestamp(der: Uint8Array, path: string): void {
  // The library reads to the end of the first element: what follows would be carried unseen.
  const response = readElement(der, SEQUENCE)
  if (response === undefined) throw refuseForm(path, 'one element of DER', 'other bytes')
  const [status, token] = readElements(response) ?? []
  const [code] = childrenOf(status)
  if (code?.value.length !== 1 || !GRANTED.includes(code.value[0] ?? -1)) {
    throw refuseForm(path, 'a timestamp that was granted', 'another status')
  }
  const [signer, ...others] = childrenOf(childrenOf(childrenOf(childrenOf(token)[1])[0]).at(-1))
  if (signer === undefined || others.length > 0) {
    throw refuseForm(path, 'a timestamp with one signer', signer === undefined ? 'none' : 'several')
  }
  const attributes = childrenOf(childrenOf(signer).find(({ tag }) => tag === CONTEXT_0))
  const types = attributes.filter(({ value }) => startsWith(value, CONTENT_TYPE))
  const [named] = types.map(({ value }) => readElement(value.subarray(CONTENT_TYPE.length), SET))
  if (types.length !== 1 || named === undefined || !equalBytes(named, TIMESTAMP)) {
    throw refuseForm(path, 'signed attributes of a timestamp', 'others')
  }
}

function childrenOf(element: Element | undefined): readonly Element[] {
  return (element === undefined ? undefined : readElements(element.value)) ?? []
}

function startsWith(bytes: Uint8Array, start: Uint8Array): boolean {
  return equalBytes(bytes.subarray(0, start.length), start)
}
