// Every way to damage one piece of data that a generator can name: single bits at sampled places, and, by form, every field of a
// JSON document, every line of a signed note, every hash. A mutant that equals its original is never made.

import {
  canonicalBytes,
  equalBytes,
  fromBase64,
  type Json,
  toBase64,
  utf8,
} from '../../src/lib/index.ts'

export interface Mutant {
  readonly label: string
  readonly bytes: Uint8Array
}

/** `canonical` documents are written back in RFC 8785 form, as a careful attacker would. */
export type Form = 'canonical' | 'json' | 'note' | 'hash'

export function* mutantsOf(bytes: Uint8Array, form: Form): Iterable<Mutant> {
  for (const mutant of allMutants(bytes, form)) {
    if (!equalBytes(mutant.bytes, bytes)) yield mutant
  }
}

function* allMutants(bytes: Uint8Array, form: Form): Iterable<Mutant> {
  yield* byteMutants(bytes)
  if (form === 'canonical' || form === 'json') yield* jsonMutants(bytes, form)
  if (form === 'note') yield* noteMutants(Buffer.from(bytes).toString())
}

const SAMPLES = 40

export function* byteMutants(bytes: Uint8Array, samples = SAMPLES): Iterable<Mutant> {
  const places = Math.min(samples, bytes.length)
  for (let i = 0; i < places; i++) {
    const at = Math.floor((i * bytes.length) / places)
    yield { label: `bit ${i % 8} of byte ${at}`, bytes: flip(bytes, at, i % 8) }
  }
  yield { label: 'nothing', bytes: new Uint8Array() }
  yield { label: 'first byte gone', bytes: bytes.slice(1) }
  yield { label: 'last byte gone', bytes: bytes.slice(0, -1) }
  yield { label: 'second half gone', bytes: bytes.slice(0, bytes.length >> 1) }
  yield { label: 'zero byte appended', bytes: Buffer.concat([bytes, Uint8Array.of(0)]) }
  yield { label: 'newline appended', bytes: Buffer.concat([bytes, utf8('\n')]) }
  yield { label: 'twice', bytes: Buffer.concat([bytes, bytes]) }
}

export function flip(bytes: Uint8Array, at: number, bit = 0): Uint8Array {
  const copy = new Uint8Array(bytes)
  copy[at] = (copy[at] ?? 0) ^ (1 << bit)
  return copy
}

type Path = readonly (string | number)[]

function* jsonMutants(bytes: Uint8Array, form: 'canonical' | 'json'): Iterable<Mutant> {
  const text = Buffer.from(bytes).toString()
  const root = JSON.parse(text) as Json
  const write = (value: Json | undefined): Uint8Array =>
    value === undefined
      ? new Uint8Array()
      : form === 'canonical'
        ? canonicalBytes(value)
        : utf8(JSON.stringify(value))
  for (const [path, value] of walk(root, [])) {
    const at = `/${path.join('/')}`
    const put = (next: Json): Uint8Array => write(edit(root, path, () => next))
    for (const [what, next] of valuesInstead(value)) {
      yield { label: `${at}: ${what}`, bytes: put(next) }
    }
    if (path.length > 0) {
      yield { label: `${at}: removed`, bytes: write(edit(root, path, () => undefined)) }
      yield { label: `${at}: twice`, bytes: utf8(writeTwice(root, path)) }
    }
  }
  yield { label: 'another spelling', bytes: utf8(JSON.stringify(root, null, 1)) }
  yield { label: 'keys in another order', bytes: utf8(JSON.stringify(reversed(root))) }
}

function* walk(value: Json, path: Path): Iterable<readonly [Path, Json]> {
  yield [path, value]
  if (typeof value !== 'object' || value === null) return
  const keys = Array.isArray(value) ? value.keys() : Object.keys(value)
  for (const key of keys) yield* walk((value as never)[key] as Json, [...path, key])
}

function* valuesInstead(value: Json): Iterable<readonly [string, Json]> {
  if (value !== null) yield ['null', null]
  yield ['in a list', [value]]
  if (typeof value === 'string') yield* textsInstead(value)
  if (typeof value === 'number') {
    yield ['one more', value + 1]
    yield ['one less', value - 1]
    yield ['text', String(value)]
    yield ['huge', Number.MAX_SAFE_INTEGER]
  }
  if (typeof value === 'boolean') yield ['negated', !value]
  if (Array.isArray(value)) {
    yield ['empty', []]
    yield ['one more', [...value, value[0] ?? 0]]
    if (value.length > 1) yield ['reversed', [...value].reverse()]
  } else if (typeof value === 'object' && value !== null) {
    yield ['a field more', { ...value, extra: 1 }]
    yield ['empty', {}]
  }
}

function* textsInstead(text: string): Iterable<readonly [string, Json]> {
  yield ['number', text.length]
  yield ['empty', '']
  yield ['space at the end', `${text} `]
  yield ['upper case', text.toUpperCase()]
  const places = new Set([0, text.length >> 1, text.length - 1])
  for (const at of places) {
    const other = text[at] === 'a' ? 'b' : 'a'
    yield [`character ${at}`, `${text.slice(0, at)}${other}${text.slice(at + 1)}`]
  }
  const decoded = text.length > 40 ? fromBase64(text) : undefined
  if (decoded === undefined) return
  for (const at of [0, decoded.length >> 1, decoded.length - 1]) {
    yield [`base64 byte ${at}`, toBase64(flip(decoded, at))]
  }
  yield ['base64 byte less', toBase64(decoded.slice(0, -1))]
  yield ['base64 byte more', toBase64(Buffer.concat([decoded, Uint8Array.of(0)]))]
  yield ['base64 unpadded', text.replace(/=+$/, '')]
  yield ['base64url', Buffer.from(decoded).toString('base64url')]
}

function edit(
  value: Json,
  path: Path,
  change: (value: Json) => Json | undefined,
): Json | undefined {
  const [key, ...rest] = path
  if (key === undefined) return change(value)
  if (Array.isArray(value)) {
    return value.flatMap((item: Json, i) => {
      if (i !== key) return [item]
      const next = edit(item, rest, change)
      return next === undefined ? [] : [next]
    })
  }
  return Object.fromEntries(
    Object.entries(value as object).flatMap(([name, item]) => {
      const next = name === key ? edit(item as Json, rest, change) : (item as Json)
      return next === undefined ? [] : [[name, next]]
    }),
  )
}

/** The text with the member at `path` written two times over: `{"a":1,"a":1}`. */
function writeTwice(value: Json, path: Path): string {
  const [key, ...rest] = path
  const twice = (written: string, isIt: boolean): string[] =>
    isIt && rest.length === 0 ? [written, written] : [written]
  const inner = (item: Json, isIt: boolean): string =>
    isIt && rest.length > 0 ? writeTwice(item, rest) : JSON.stringify(item)
  if (Array.isArray(value)) {
    return `[${value.flatMap((item: Json, i) => twice(inner(item, i === key), i === key)).join(',')}]`
  }
  const members = Object.entries(value as object).flatMap(([name, item]) =>
    twice(`${JSON.stringify(name)}:${inner(item as Json, name === key)}`, name === key),
  )
  return `{${members.join(',')}}`
}

function reversed(value: Json): Json {
  if (Array.isArray(value)) return value.map(reversed)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([name, item]) => [name, reversed(item as Json)]),
  )
}

const STRANGER = `\u2014 example.com/witness ${toBase64(new Uint8Array(68).fill(7))}`
/** The order of the group of Ed25519, little endian: S + L is another spelling of S. */
const L = 2n ** 252n + 27742317777372353535851937790883648493n

function* noteMutants(text: string): Iterable<Mutant> {
  const lines = text.slice(0, -1).split('\n')
  const written = (changed: readonly string[], label: string): Mutant => ({
    label,
    bytes: utf8(`${changed.join('\n')}\n`),
  })
  for (const [i, line] of lines.entries()) {
    const put = (next: readonly string[], what: string): Mutant =>
      written([...lines.slice(0, i), ...next, ...lines.slice(i + 1)], `line ${i + 1}: ${what}`)
    yield put([], 'removed')
    yield put([line, line], 'twice')
    yield put([''], 'empty')
    yield put([`${line} `], 'space at the end')
    yield put([`${line}\r`], 'carriage return')
    yield put([line, 'extension'], 'followed by an extension')
    if (i + 1 < lines.length) yield put([lines[i + 1] as string], 'replaced by the next')
    for (const at of new Set([0, line.length >> 1, Math.max(0, line.length - 1)])) {
      const other = line[at] === 'A' ? 'B' : 'A'
      yield put([`${line.slice(0, at)}${other}${line.slice(at + 1)}`], `character ${at}`)
    }
    const word = line.split(' ').at(-1) as string
    const decoded = word.length > 40 ? fromBase64(word) : undefined
    for (let at = 0; decoded !== undefined && at < decoded.length; at += 3) {
      yield put([line.replace(word, toBase64(flip(decoded, at)))], `base64 byte ${at}`)
    }
  }
  const size = lines[1] as string
  for (const other of [
    '0',
    `0${size}`,
    `${size}0`,
    `${Number(size) - 1}`,
    `-${size}`,
    `${size}.0`,
  ]) {
    yield written([lines[0] as string, other, ...lines.slice(2)], `size ${other}`)
  }
  const last = lines.at(-1) as string
  yield written([...lines, STRANGER], 'signature by a stranger added')
  yield written([...lines.slice(0, -1), STRANGER], 'signature by a stranger instead')
  yield written([...lines.slice(0, -1), spellAgain(last)], 'signature S + L')
}

function spellAgain(line: string): string {
  const at = line.lastIndexOf(' ') + 1
  const bytes = Buffer.from(line.slice(at), 'base64')
  const s = bytes.subarray(-32)
  const sum = BigInt(`0x${Buffer.from(s).reverse().toString('hex')}`) + L
  const next = Buffer.from(sum.toString(16).padStart(64, '0'), 'hex').reverse()
  return line.slice(0, at) + toBase64(Buffer.concat([bytes.subarray(0, -32), next]))
}

/** The other good ECDSA signature by the same key over the same bytes: (r, n - s), in DER. */
export function negateSignature(der: Uint8Array): Uint8Array {
  const n = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n
  const rLength = der[3] as number
  const sLength = der[5 + rLength] as number
  const s = BigInt(
    `0x${Buffer.from(der.subarray(6 + rLength, 6 + rLength + sLength)).toString('hex')}`,
  )
  const hex = (n - s).toString(16)
  const even = hex.length % 2 === 0 ? hex : `0${hex}`
  const positive = Number.parseInt(even.slice(0, 2), 16) > 127 ? `00${even}` : even
  const next = Buffer.from(positive, 'hex')
  const body = Buffer.concat([der.subarray(2, 4 + rLength), Uint8Array.of(2, next.length), next])
  return Buffer.concat([Uint8Array.of(0x30, body.length), body])
}
