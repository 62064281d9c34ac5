// Every change of one recorded answer: of each part by its form, and of the list the parts come in.

import { toBase64, utf8 } from '../../src/lib/index.ts'
import type { SignedStatement } from '../../src/resolve/index.ts'
import { type Form, flip, mutantsOf, negateSignature } from './mutate.ts'
import type { Answer } from './recorded-source.ts'

export interface ChangedAnswer {
  readonly label: string
  readonly answer: Answer
}

export function entryOf(answer: Answer): SignedStatement {
  if (answer.kind !== 'entries' || answer.entries.length !== 1)
    throw new Error('one entry expected')
  return answer.entries[0] as SignedStatement
}

export function itemsOf(answer: Answer): readonly Uint8Array[] {
  if (answer.kind !== 'list') throw new Error('a list expected')
  return answer.items as readonly Uint8Array[]
}

export function* changedItems(answer: Answer, form: Form): Iterable<ChangedAnswer> {
  const items = itemsOf(answer)
  for (const [i, item] of items.entries()) {
    for (const { label, bytes } of mutantsOf(item, form)) {
      yield { label: `${i} ${label}`, answer: list(items.with(i, bytes)) }
    }
    if (items.length > 1) {
      const other = items[(i + 1) % items.length] as Uint8Array
      yield { label: `${i} replaced by another`, answer: list(items.with(i, other)) }
      yield { label: `${i} gone`, answer: list(items.toSpliced(i, 1)) }
    }
    yield { label: `${i} twice`, answer: list(items.toSpliced(i, 0, item)) }
    yield {
      label: `32 zero bytes before ${i}`,
      answer: list(items.toSpliced(i, 0, new Uint8Array(32))),
    }
  }
  yield { label: 'none', answer: list([]) }
  if (items.length > 1) yield { label: 'reversed', answer: list(items.toReversed()) }
  yield { label: 'one more', answer: list([...items, new Uint8Array(32)]) }
}

export function list(items: readonly (Uint8Array | undefined)[]): Answer {
  return { kind: 'list', items }
}

export function* changedStatements({
  statement,
  bundles,
}: SignedStatement): Iterable<ChangedAnswer> {
  for (const { label, bytes } of mutantsOf(statement, 'canonical')) {
    const forged = bundles.map((bundle) => withPayload(bundle, bytes))
    yield { label: `statement ${label}`, answer: entries({ statement: bytes, bundles }) }
    yield { label: `payload ${label}`, answer: entries({ statement, bundles: forged }) }
    yield { label: `both ${label}`, answer: entries({ statement: bytes, bundles: forged }) }
  }
}

export function* changedBundles({ statement, bundles }: SignedStatement): Iterable<ChangedAnswer> {
  const [bundle] = bundles as [Uint8Array]
  for (const { label, bytes } of [...mutantsOf(bundle, 'json'), ...spellings(bundle)]) {
    yield { label, answer: entries({ statement, bundles: [bytes] }) }
  }
  yield { label: 'no bundle', answer: entries({ statement, bundles: [] }) }
  yield { label: 'bundle twice', answer: entries({ statement, bundles: [bundle, bundle] }) }
  const bad = flip(bundle, bundle.length - 30)
  yield { label: 'good bundle, then bad', answer: entries({ statement, bundles: [bundle, bad] }) }
  yield { label: 'bad bundle, then good', answer: entries({ statement, bundles: [bad, bundle] }) }
  const none: Answer = { kind: 'entries', entries: [] }
  yield { label: 'no entry', answer: none }
  const one = { statement, bundles }
  yield { label: 'entry twice', answer: { kind: 'entries', entries: [one, one] } as Answer }
}

/** Changes of a bundle that a JSON mutator does not think of. */
function spellings(bundle: Uint8Array) {
  const json = JSON.parse(Buffer.from(bundle).toString())
  const [signature] = json.dsseEnvelope.signatures
  const spelled = (label: string, change: (copy: typeof json) => void) => {
    const copy = structuredClone(json)
    change(copy)
    return { label, bytes: utf8(JSON.stringify(copy)) }
  }
  return [
    spelled('signature n - s', (copy) => {
      const sig = negateSignature(Buffer.from(signature.sig, 'base64'))
      copy.dsseEnvelope.signatures[0].sig = toBase64(sig)
    }),
    spelled('a keyid', (copy) => {
      copy.dsseEnvelope.signatures[0].keyid = 'anything'
    }),
    spelled('empty tlogEntries', (copy) => {
      copy.verificationMaterial.tlogEntries = []
    }),
    spelled('a log entry', (copy) => {
      copy.verificationMaterial.tlogEntries = [{}]
    }),
    spelled('a certificate', (copy) => {
      copy.verificationMaterial.certificate = { rawBytes: 'AAAA' }
    }),
    spelled('a raw key', (copy) => {
      copy.verificationMaterial.publicKey.rawBytes = 'AAAA'
    }),
  ]
}

function withPayload(bundle: Uint8Array, payload: Uint8Array): Uint8Array {
  const json = JSON.parse(Buffer.from(bundle).toString())
  json.dsseEnvelope.payload = toBase64(payload)
  return utf8(JSON.stringify(json))
}

function entries(...answer: readonly SignedStatement[]): Answer {
  return { kind: 'entries', entries: answer }
}
