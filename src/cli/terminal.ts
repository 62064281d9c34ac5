// Everything a command says goes through here: text is escaped so that no name or description can move the cursor or hide
// words, JSON is plain ASCII, colour and progress only reach a terminal.

import { styleText } from 'node:util'
import { escapeJsonText, escapeText, isRegistryError, RegistryError } from '../lib/index.ts'
import type { Progress } from '../registry/index.ts'
import { EXIT } from './exit.ts'

export interface Terminal {
  /** A line of the answer. Values in it must have gone through `safe`. */
  line(text?: string): void
  /** A remark beside the answer: to standard error, and not with --json. */
  remark(text: string): void
  json(value: unknown): void
  progress(progress: Progress): void
  /** Takes the line of progress away, for whoever writes there next. */
  clear(): void
  /** Reports a failure and answers the exit status. */
  fail(error: unknown): number
  readonly isJson: boolean
}

export interface Streams {
  readonly stdout: NodeJS.WriteStream
  readonly stderr: NodeJS.WriteStream
}

/** Text from outside, made harmless. */
export const safe: (text: string) => string = escapeText

export function createTerminal(streams: Streams, isJson: boolean): Terminal {
  // The streams are opened by touching them, which takes a millisecond each: only those that are written to are.
  let lastProgress = 0
  const clear = (): void => {
    if (lastProgress > 0 && streams.stderr.isTTY) writeTo(streams.stderr, '\r\u001b[K')
    lastProgress = 0
  }
  const json = (value: unknown): void => {
    clear()
    writeTo(streams.stdout, `${escapeJsonText(JSON.stringify(value))}\n`)
  }
  return {
    isJson,
    json,
    clear,
    line: (text = '') => {
      clear()
      if (!isJson) writeTo(streams.stdout, `${text}\n`)
    },
    remark: (text) => {
      clear()
      if (!isJson) writeTo(streams.stderr, `${styled('dim', text, streams.stderr)}\n`)
    },
    progress: ({ what, done, total }) => {
      const now = Date.now()
      if (isJson || !streams.stderr.isTTY || now - lastProgress < 100) return
      lastProgress = now
      writeTo(streams.stderr, `\r${safe(what)} ${done}/${total}\u001b[K`)
    },
    fail: (error) => {
      clear()
      const failure = toFailure(error)
      if (isJson) json({ error: failure })
      else writeTo(streams.stderr, describe(failure, streams.stderr))
      return failure.exit
    },
  }
}

const guarded = new WeakSet<NodeJS.WriteStream>()

/** The reader may leave first (`registry list | head -1`): what is left unsaid is lost then, the work is not. */
export function writeTo(stream: NodeJS.WriteStream, text: string): void {
  if (!guarded.has(stream)) {
    guarded.add(stream)
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error
    })
  }
  if (stream.writable) stream.write(text)
}

interface Failure {
  readonly code: string
  readonly verdict: string
  readonly exit: number
  readonly message: string
  readonly expected?: string | number
  readonly got?: string | number
  readonly next?: string
  readonly path?: string
  readonly line?: number
  readonly evidence?: unknown
}

function toFailure(error: unknown): Failure {
  const known = isRegistryError(error) ? error : unexpected(error)
  const { cause: _cause, ...details } = known.details
  const { code, verdict, message } = known
  return { code, verdict, exit: EXIT[verdict], message, ...details }
}

function unexpected(error: unknown): RegistryError {
  return new RegistryError('UNEXPECTED', 'Something failed that should not have.', {
    got: error instanceof Error ? (error.stack ?? error.message) : String(error),
    next: 'Run `registry doctor`; if it finds nothing, report this with the text above.',
    cause: error,
  })
}

function describe(failure: Failure, stream: NodeJS.WriteStream): string {
  const lines = [`${styled('red', `error ${failure.verdict}`, stream)} ${safe(failure.message)}`]
  const add = (label: string, value: string | number | undefined): void => {
    if (value !== undefined) lines.push(`  ${label.padEnd(9)}${multiline(String(value))}`)
  }
  add('at', place(failure))
  add('expected', failure.expected)
  add('got', failure.got)
  add('next', failure.next)
  lines.push(`  ${'code'.padEnd(9)}${failure.code} (exit ${failure.exit})`)
  return `${lines.join('\n')}\n`
}

function place({ line, path }: Failure): string | undefined {
  const parts = [
    line === undefined ? [] : [`line ${line}`],
    path === undefined ? [] : [path || '/'],
  ]
  const text = parts.flat().join(', ')
  return text === '' ? undefined : text
}

function multiline(text: string): string {
  return text.split('\n').map(safe).join('\n           ')
}

function styled(style: 'red' | 'dim', text: string, stream: NodeJS.WriteStream): string {
  return stream.isTTY ? styleText(style, text, { stream }) : text
}
