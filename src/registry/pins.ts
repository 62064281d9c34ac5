// Pins as a thing that people handle: a changed binding accepted, a pin taken away. They are made by the first pull or publish.

import { isRegistryError, RegistryError } from '../lib/index.ts'
import { findPin, formatPin, type Pin, pinKey } from '../resolve/index.ts'
import { isPublisherId, type PublisherId, splitName } from '../spec/index.ts'
import type { Store } from '../store/index.ts'

export { listPins } from '../resolve/index.ts'

/** The pin as it is, for a person to see before it is replaced. NOT_FOUND when there is none. */
export async function getPin(store: Store, namespace: string): Promise<Pin> {
  const pin = await findPin(store, parseNamespace(namespace))
  if (pin !== undefined) return pin
  throw unpinned(namespace)
}

/** Replaces `old`, and nothing else: CONFLICT when the pin is no longer the one that the person saw. */
export async function acceptPin(
  store: Store,
  old: Pin,
  accepted: { readonly publisher: PublisherId; readonly now: Date },
): Promise<Pin> {
  const pin: Pin = {
    namespace: old.namespace,
    publisher: accepted.publisher,
    since: accepted.now.toISOString(),
    how: 'accepted',
  }
  await store.commit({ put: [formatPin(pin)], expect: [formatPin(old)] })
  return pin
}

/** NOT_FOUND when there is none. A pin that cannot be read is removed like any other. */
export async function removePin(store: Store, namespace: string): Promise<void> {
  const key = pinKey(parseNamespace(namespace))
  const [value] = await store.findRecords([key])
  if (value === undefined) throw unpinned(namespace)
  await store.commit({ remove: [key], expect: [{ ...key, value }] })
}

/** Throws NAME_INVALID for what is no namespace, and for a publisher id, which proves itself. */
function parseNamespace(text: string): string {
  try {
    const { namespace } = splitName(`${text}/x`)
    if (!isPublisherId(namespace)) return namespace
  } catch (cause) {
    throw isRegistryError(cause) ? notPinnable(text, cause) : cause
  }
  throw notPinnable(text)
}

function notPinnable(text: string, cause?: RegistryError): RegistryError {
  const message =
    cause === undefined
      ? 'A publisher id proves itself and is never pinned.'
      : `This is not a namespace. ${cause.message}`
  return new RegistryError('NAME_INVALID', message, {
    expected: 'a domain from its end, for example com.example or io.github.alice',
    got: JSON.stringify(text.slice(0, 300)),
    next: 'See `registry pin list` for what is pinned.',
    cause,
  })
}

function unpinned(namespace: string): RegistryError {
  return new RegistryError('NOT_FOUND', `No publisher is pinned to ${namespace} here.`, {
    expected: 'a namespace in `registry pin list`',
    got: namespace,
    next: `A pin is made at first use: \`registry pull ${namespace}/NAME --publisher ID\`.`,
  })
}
