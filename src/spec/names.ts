// Names, namespaces, publisher ids and references (docs/protocol.md, "Names").

/** `p` and the base32 of the sha-256 of the genesis statement: 53 characters. */
export type PublisherId = string & { readonly __brand: 'PublisherId' }
