// What happens in a running node, one line each, for people and for log collectors. Texts may come from strangers: they are cut and
// escaped, so that none can forge a line, move a cursor or fill a disk. Values under names that sound like secrets are never written.

import { escapeJsonText, escapeText, isRegistryError } from '../lib/index.ts'
import type { LogLevel } from './config/index.ts'

export type LogFields = Readonly<Record<string, unknown>>
type Say = (event: string, fields?: LogFields) => void

export interface Logger {
  readonly debug: Say
  readonly info: Say
  readonly warn: Say
  readonly error: Say
}

export interface LoggerOptions {
  readonly level: LogLevel
  readonly format: 'json' | 'text'
  readonly now: () => Date
  /** Takes one line, with its end. */
  readonly write: (line: string) => void
}

const LEVELS: readonly LogLevel[] = ['debug', 'info', 'warn', 'error']
const MAX_TEXT = 400
const MAX_ITEMS = 20
const SECRET = /pass|secret|token|credential|private_?key|psk/i
/** Of one event in a minute: a peer that fails as fast as it can must not fill the disk. */
const PER_MINUTE = 120

export function createLogger({ level, format, now, write }: LoggerOptions): Logger {
  const least = LEVELS.indexOf(level)
  const quota = createQuota(now)
  const say = (which: LogLevel): Say => {
    if (LEVELS.indexOf(which) < least) return () => {}
    return (event, fields = {}) => {
      const suppressed = quota(event)
      if (suppressed === undefined) return
      const more = suppressed === 0 ? {} : { suppressed }
      const head = { time: now().toISOString(), level: which, event }
      const said = { ...head, ...plainFields(fields), ...more }
      write(format === 'json' ? `${escapeJsonText(JSON.stringify(said))}\n` : textOf(said))
    }
  }
  return { debug: say('debug'), info: say('info'), warn: say('warn'), error: say('error') }
}

/** How many of this event were left out since the last one that was written; undefined: leave this one out as well. */
function createQuota(now: () => Date): (event: string) => number | undefined {
  const counts = new Map<string, { minute: number; said: number; left: number }>()
  return (event) => {
    const minute = Math.floor(now().getTime() / 60_000)
    const count = counts.get(event) ?? { minute, said: 0, left: 0 }
    counts.set(event, count)
    if (count.minute !== minute) Object.assign(count, { minute, said: 0 })
    if (count.said >= PER_MINUTE) {
      count.left += 1
      return undefined
    }
    const { left } = count
    Object.assign(count, { said: count.said + 1, left: 0 })
    return left
  }
}

function plainFields(fields: LogFields): LogFields {
  return Object.fromEntries(
    Object.entries(fields)
      .filter(([, value]) => value !== undefined)
      .map(([key, value]) => [key, SECRET.test(key) ? 'withheld' : plain(value)]),
  )
}

function plain(value: unknown): unknown {
  if (typeof value === 'string') return cut(value)
  if (typeof value === 'number' || typeof value === 'boolean' || value === null) return value
  if (value instanceof Error) return errorOf(value)
  if (value instanceof Uint8Array) return `${value.length} bytes`
  if (Array.isArray(value)) return value.slice(0, MAX_ITEMS).map(plain)
  return typeof value === 'object' ? plainFields(value as LogFields) : cut(String(value))
}

/** Evidence and causes stay out: they can be large, and hold anything. */
function errorOf(error: Error): LogFields {
  if (!isRegistryError(error))
    return { code: 'UNEXPECTED', message: cut(error.stack ?? error.message) }
  const { code, message, details } = error
  const texts = { expected: details.expected, got: details.got, next: details.next }
  return { code, message: cut(message), ...plainFields(texts) }
}

function cut(text: string): string {
  const safe = escapeText(text.slice(0, MAX_TEXT))
  return text.length > MAX_TEXT ? `${safe}…` : safe
}

function textOf({ time, level, event, ...fields }: LogFields): string {
  const words = Object.entries(fields).map(([key, value]) => `${key}=${JSON.stringify(value)}`)
  return `${time} ${String(level).padEnd(5)} ${[event, ...words].join(' ')}\n`
}
