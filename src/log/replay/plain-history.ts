// The usual history, of versions that nobody has taken back, read at one look instead of parsed: every value in its text has one spelling,
// so a text of this form is canonical. It only ever says yes; every other text, and its faults, are history.ts's.

import type { Cid } from '../../cid/index.ts'
import { isName, isVersion } from '../../spec/index.ts'
import type { History, HistoryVersion } from './history.ts'

/** Some 30 versions. In what is cut out of a text all of it stays, so it is a short one. */
const PLAIN_LIMIT = 4 * 1024

/** No value holds a character that JSON would escape; what else a name and a version must be is asked afterwards. */
const NAME = /\{"kind":"history\/v1","name":"([a-z0-9._/-]+)","versions":\{/y
const VERSION =
  /"([0-9A-Za-z.-]+)":\{"release":"(bafkrei[a-h][a-z2-7]{50}[aeimquy4])","seq":([1-9][0-9]{0,14})\}(,|\}\}$)/y

export function readPlainHistory(bytes: Uint8Array): History | undefined {
  if (bytes.length > PLAIN_LIMIT) return undefined
  // Every byte a character: what is not ASCII fits nowhere in the form.
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1')
  NAME.lastIndex = 0
  const name = NAME.exec(text)?.[1]
  if (name === undefined || !isName(name)) return undefined
  const versions = readVersions(text, NAME.lastIndex)
  return versions && { kind: 'history/v1', name, versions }
}

/** In canonical order, so each once; undefined unless they fill the rest of the text. */
function readVersions(text: string, start: number): History['versions'] | undefined {
  const versions: Record<string, HistoryVersion> = {}
  let before = ''
  VERSION.lastIndex = start
  for (;;) {
    const [, version, release, seq, end] = VERSION.exec(text) ?? []
    if (version === undefined || version <= before || !isVersion(version)) return undefined
    versions[version] = { release: release as Cid, seq: Number(seq) }
    if (end !== ',') return Object.freeze(versions)
    before = version
  }
}
