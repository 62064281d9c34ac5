// A lockfile in the one form that format-lock.ts writes, read at one look a tool instead of parsed: half the price, at every start. It only
// ever says yes; every other text, and its faults, are parse-lock.ts's.

import type { Cid } from '../../cid/index.ts'
import { findForbidden } from '../../lib/index.ts'
import {
  isPublisherId,
  type PublisherId,
  parseName,
  parseRange,
  parseToolName,
  parseVersion,
} from '../../spec/index.ts'
import { LOCK_VERSION, type Lock, type LockedRelease, type LockedTool } from './lock.ts'

/** Beyond it, keys are counted: no plain text of this length has as many as are allowed. */
const PLAIN_LIMIT = 8 * 1024 * 1024

const CID = 'bafkrei[a-h][a-z2-7]{50}[aeimquy4]'
const DIGEST = 'sha256-[0-9a-f]{64}'
/** The same, of any length: to count up to it costs more than the rest, so it is looked at afterwards. */
const ANY_CID = 'bafkrei[a-h][a-z2-7]+[aeimquy4]'
const ANY_DIGEST = 'sha256-[0-9a-f]+'
const CID_LENGTH = 59
const DIGEST_LENGTH = 71
const COUNT = '(0|[1-9][0-9]{0,14})'
/** Nothing that JSON would escape; what a word must be besides is asked of its parser. */
const WORD = '"([!#-[\\]-~]{1,256})"'
const BY = '"([^"\\\\]{1,100})"'

const sticky = (lines: readonly string[]): RegExp => new RegExp(lines.join('\\n'), 'y')

const HEAD = sticky([
  '\\{',
  `  "lockVersion": ${LOCK_VERSION},(?:`,
  `  "policy": "(${DIGEST})",)?`,
  '  "releases": \\{',
  '',
])
const RELEASE = sticky([
  `    ${WORD}: \\{(?:`,
  '      "range": "([ !#-[\\]-~]{1,256})",)?',
  `      "version": ${WORD},`,
  `      "release": "(${CID})",`,
  '      "publisher": "([a-z2-7]{53})",',
  `      "statement": "(${CID})",`,
  `      "log": \\{ "index": ${COUNT}, "size": ${COUNT}, "root": "([0-9a-f]{64})" \\},`,
  '      "tools": \\{',
  '',
])
/** Approved as it is, by its own CID once more; others are rare, and read the long way. */
const TOOL = sticky([
  '        "([A-Za-z0-9_.-]+)": \\{',
  `          "cid": "(${ANY_CID})",`,
  `          "surface": "(${ANY_DIGEST})",`,
  `          "approved": \\{ "by": ${BY}, "cid": "\\2" \\}`,
  '        \\}(,?)',
  '',
])
const RELEASE_END = sticky(['      \\}', '    \\}(,?)', ''])
const MIDDLE = sticky(['  \\},', '  "revocations": \\{', ''])
const REVOCATION = sticky([`    "([a-z2-7]{53})": ${COUNT}(,?)`, ''])
const END = sticky(['  \\}', '\\}', '$'])

/** Well-formed text in; undefined unless it is a whole lockfile in that form. */
export function readPlainLock(text: string): Lock | undefined {
  if (text.length > PLAIN_LIMIT) return undefined
  try {
    return readWhole({ text, at: 0 })
  } catch {
    return undefined // A fault, for whoever can say where.
  }
}

interface Cursor {
  readonly text: string
  at: number
}

function readWhole(cursor: Cursor): Lock | undefined {
  const head = take(cursor, HEAD)
  const releases = readMembers(cursor, readRelease)
  if (head === undefined || releases === undefined || take(cursor, MIDDLE) === undefined)
    return undefined
  const revocations = readMembers(cursor, readRevocation)
  if (revocations === undefined || take(cursor, END) === undefined) return undefined
  for (const { publisher } of releases.values()) if (!revocations.has(publisher)) return undefined
  const [, policy] = head
  return { releases, revocations, ...(policy === undefined ? {} : { policy }) }
}

interface Member<K, V> {
  readonly key: K
  readonly value: V
  readonly hasNext: boolean
}

/** At least one, each once, a comma between them. */
function readMembers<K, V>(
  cursor: Cursor,
  read: (cursor: Cursor) => Member<K, V> | undefined,
): Map<K, V> | undefined {
  const members = new Map<K, V>()
  for (;;) {
    const member = read(cursor)
    if (member === undefined || members.has(member.key)) return undefined
    members.set(member.key, member.value)
    if (!member.hasNext) return members
  }
}

function readRelease(cursor: Cursor): Member<string, LockedRelease> | undefined {
  const found = take(cursor, RELEASE)
  const tools = found && readMembers(cursor, readTool)
  const end = take(cursor, RELEASE_END)
  if (found === undefined || tools === undefined || end === undefined) return undefined
  const [, name, range, version, release, publisher, statement, index, size, root = ''] = found
  const log = { index: Number(index), size: Number(size), root }
  if (!isPublisherId(publisher) || log.index >= log.size) return undefined
  const value: LockedRelease = {
    ...(range === undefined ? {} : { range: parseRange(range) }),
    version: parseVersion(version),
    release: release as Cid,
    publisher,
    statement: statement as Cid,
    log,
    tools,
  }
  return { key: parseName(name), value, hasNext: end[1] === ',' }
}

function readTool(cursor: Cursor): Member<string, LockedTool> | undefined {
  const found = take(cursor, TOOL)
  if (found === undefined) return undefined
  const [, key, digest = '', surface = '', by = '', comma] = found
  if (digest.length !== CID_LENGTH || surface.length !== DIGEST_LENGTH) return undefined
  if (findForbidden(by) !== undefined) return undefined
  // The one key of a legitimate form that no JSON of ours may have.
  if (key === '__proto__') return undefined
  const cid = digest as Cid
  const value = { cid, surface, approved: { by, cid } }
  return { key: parseToolName(key), value, hasNext: comma === ',' }
}

function readRevocation(cursor: Cursor): Member<PublisherId, number> | undefined {
  const found = take(cursor, REVOCATION)
  if (found === undefined || !isPublisherId(found[1])) return undefined
  return { key: found[1], value: Number(found[2]), hasNext: found[3] === ',' }
}

function take(cursor: Cursor, form: RegExp): RegExpExecArray | undefined {
  form.lastIndex = cursor.at
  const found = form.exec(cursor.text)
  if (found === null) return undefined
  cursor.at = form.lastIndex
  return found
}
