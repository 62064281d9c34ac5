// One pass over a JSON text (RFC 8259) without recursion, before JSON.parse sees it. It refuses what JSON.parse lets
// through and RFC 7493 (I-JSON) forbids: duplicate keys, lone surrogates, numbers that lose their value; it bounds depth
// and keys, and knows line and path of what it refuses. It builds no values.

import { type ErrorCode, type ErrorDetails, RegistryError } from './errors.ts'
import { formatPointer } from './json-pointer.ts'

export interface ScanLimits {
  readonly maxDepth: number
  readonly maxKeys: number
}

/** An open array (`keys` is undefined) or object. `key` is the current member or index, `keyAt` where it is written. */
interface Frame {
  readonly keys: Set<string> | undefined
  key: string | number
  keyAt: number
}

interface Scan {
  readonly text: string
  readonly limits: ScanLimits
  /** Stop at this pointer. */
  readonly target: string | undefined
  readonly stack: Frame[]
  at: number
  keyCount: number
}

const NUMBER = /-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/y
const LITERAL = /true|false|null/y
const HEX4 = /[0-9a-fA-F]{4}/y
const AFTER_NUMBER = /[0-9a-zA-Z+.-]/

/** Throws the first fault of `text`. With a `target` pointer it answers the offset where that value (or its key) starts. */
export function scanJson(text: string, limits: ScanLimits, target?: string): number | undefined {
  const scan: Scan = { text, limits, target, stack: [], at: 0, keyCount: 0 }
  let closed = false
  for (;;) {
    skipSpace(scan)
    const frame = scan.stack.at(-1)
    if (!closed && target !== undefined && pathOf(scan) === target) return frame?.keyAt ?? scan.at
    if (!closed) closed = scanValue(scan)
    else if (frame === undefined) {
      if (scan.at < text.length) fault(scan, 'the end of the text')
      return undefined
    } else closed = scanAfter(scan, frame)
  }
}

/** One-based line of an offset. */
export function lineAt(text: string, offset: number): number {
  let line = 1
  for (let at = text.indexOf('\n'); at !== -1 && at < offset; at = text.indexOf('\n', at + 1))
    line++
  return line
}

/** Whether a whole value has been read: false after an opening bracket with something inside it. */
function scanValue(scan: Scan): boolean {
  const char = scan.text[scan.at]
  if (char === '"') {
    scanString(scan)
    return true
  }
  if (char === '{' || char === '[') return scanOpening(scan, char)
  if (char === '-' || (char !== undefined && char >= '0' && char <= '9')) return scanNumber(scan)
  LITERAL.lastIndex = scan.at
  if (!LITERAL.test(scan.text)) return fault(scan, 'a JSON value')
  scan.at = LITERAL.lastIndex
  return true
}

function scanOpening(scan: Scan, bracket: '{' | '['): boolean {
  if (scan.stack.length >= scan.limits.maxDepth) {
    refuse(scan, 'LIMIT_EXCEEDED', 'This JSON is nested too deeply.', {
      expected: `at most ${scan.limits.maxDepth} levels`,
      got: `${scan.stack.length + 1} levels or more`,
    })
  }
  scan.at++
  skipSpace(scan)
  const frame: Frame = { keys: bracket === '{' ? new Set() : undefined, key: 0, keyAt: scan.at }
  if (scan.text[scan.at] === (bracket === '{' ? '}' : ']')) {
    scan.at++
    return true
  }
  scan.stack.push(frame)
  if (frame.keys !== undefined) scanKey(scan, frame, frame.keys)
  return false
}

/** After a value inside a container: the next member begins, or the container closes. */
function scanAfter(scan: Scan, frame: Frame): boolean {
  const char = scan.text[scan.at]
  if (char === (frame.keys === undefined ? ']' : '}')) {
    scan.stack.pop()
    scan.at++
    return true
  }
  if (char !== ',') fault(scan, frame.keys === undefined ? '"," or "]"' : '"," or "}"')
  scan.at++
  skipSpace(scan)
  if (frame.keys === undefined) {
    frame.key = Number(frame.key) + 1
    frame.keyAt = scan.at
  } else scanKey(scan, frame, frame.keys)
  return false
}

function scanKey(scan: Scan, frame: Frame, seen: Set<string>): void {
  frame.keyAt = scan.at
  if (scan.text[scan.at] !== '"') fault(scan, 'a key in double quotes')
  const key = scanString(scan)
  frame.key = key
  scan.keyCount++
  if (scan.keyCount > scan.limits.maxKeys) {
    refuse(scan, 'LIMIT_EXCEEDED', 'This JSON has too many keys.', {
      expected: `at most ${scan.limits.maxKeys} keys`,
      got: `${scan.keyCount} keys or more`,
    })
  }
  // Two parsers may keep different ones of two equal keys: what was reviewed would not be what runs.
  if (seen.has(key)) {
    refuse(scan, 'JSON_DUPLICATE_KEY', 'This key occurs twice in one object.', {
      expected: 'each key once',
      got: `${JSON.stringify(key.slice(0, 80))} again`,
    })
  }
  // Prototype pollution. `constructor` and `prototype` are legitimate parameter names and only own properties are read.
  if (key === '__proto__') refuse(scan, 'JSON_FORBIDDEN_KEY', 'The key "__proto__" is not allowed.')
  seen.add(key)
  skipSpace(scan)
  if (scan.text[scan.at] !== ':') fault(scan, '":" after a key')
  scan.at++
}

/** Reads the string at `scan.at` and answers its value, exact only where it is needed: for keys. */
function scanString(scan: Scan): string {
  const { text } = scan
  const start = scan.at
  let escaped = false
  for (let at = start + 1; ; at++) {
    const code = text.charCodeAt(at)
    if (code === 0x22) {
      scan.at = at + 1
      return escaped ? String(JSON.parse(text.slice(start, at + 1))) : text.slice(start + 1, at)
    }
    if (code === 0x5c) {
      escaped = true
      scan.at = at
      at = scanEscape(scan)
    } else if (!(code >= 0x20)) {
      scan.at = at
      fault(scan, 'a string without control characters, closed by a double quote')
    }
  }
}

/** `scan.at` is at a backslash; answers the offset of the escape's last character. */
function scanEscape(scan: Scan): number {
  const { text } = scan
  const start = scan.at
  if (text[start + 1] !== 'u') {
    if (!'"\\/bfnrt'.includes(text[start + 1] ?? '?')) fault(scan, 'an escape that JSON knows')
    return start + 1
  }
  const unit = hexAt(text, start + 2)
  if (unit === undefined) return fault(scan, 'four hex digits after \\u')
  if (unit < 0xd800 || unit > 0xdfff) return start + 5
  const low = text.startsWith('\\u', start + 6) ? hexAt(text, start + 8) : undefined
  if (unit > 0xdbff || low === undefined || low < 0xdc00 || low > 0xdfff) {
    // Encoders turn it into U+FFFD or refuse it: two different texts could get one hash.
    refuse(scan, 'JSON_SURROGATE', 'This string holds half of a surrogate pair.', {
      got: text.slice(start, start + 6),
    })
  }
  return start + 11
}

function hexAt(text: string, at: number): number | undefined {
  HEX4.lastIndex = at
  return HEX4.test(text) ? Number.parseInt(text.slice(at, at + 4), 16) : undefined
}

function scanNumber(scan: Scan): true {
  NUMBER.lastIndex = scan.at
  const match = NUMBER.exec(scan.text)
  const after = scan.text[NUMBER.lastIndex]
  if (match === null || (after !== undefined && AFTER_NUMBER.test(after))) {
    return fault(scan, 'a number as JSON writes it')
  }
  const [literal, fraction, exponent] = match
  const value = Number(literal)
  const lost = fraction === undefined && exponent === undefined && !Number.isSafeInteger(value)
  if (lost || !Number.isFinite(value)) {
    refuse(scan, 'JSON_NUMBER', 'This number would lose its value in a 64-bit float.', {
      expected: lost ? 'an integer within ±9007199254740991' : 'a number below 1.8e308',
      got: literal.slice(0, 40),
      next: 'Write large identifiers and amounts as strings.',
    })
  }
  scan.at += literal.length
  return true
}

function skipSpace(scan: Scan): void {
  for (; ; scan.at++) {
    const code = scan.text.charCodeAt(scan.at)
    if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return
  }
}

function pathOf(scan: Scan): string {
  return formatPointer(scan.stack.map((frame) => frame.key))
}

function fault(scan: Scan, expected: string): never {
  const char = scan.text.codePointAt(scan.at)
  const got =
    char === undefined ? 'the end of the text' : JSON.stringify(String.fromCodePoint(char))
  return refuse(scan, 'JSON_SYNTAX', 'This is not JSON.', { expected, got })
}

function refuse(scan: Scan, code: ErrorCode, message: string, details: ErrorDetails = {}): never {
  const line = lineAt(scan.text, scan.at)
  throw new RegistryError(code, message, { ...details, line, path: pathOf(scan) })
}
