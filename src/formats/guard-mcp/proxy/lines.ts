// The stdio transport of MCP seen from a server: one JSON-RPC message a line. Unlike the SDK’s it reads batches, and answers what it
// cannot read, as JSON-RPC asks for; it checks no more of a message than the guard has to know.

import type { Readable, Writable } from 'node:stream'
import { RegistryError } from '../../../lib/index.ts'
import { kindOf, type Message } from '../wire.ts'

/** What the SDK’s own reader takes. */
const MAX_LINE = 10 * 1024 * 1024
const NEWLINE = 0x0a

interface Reader {
  onMessage(message: Message | readonly Message[]): void
  /** Nothing more comes: undefined at the end of the stream. */
  onEnd(error: RegistryError | undefined): void
  /** To answer with what could not be read. */
  reply(message: Message): void
}

/** Reads until the stream ends, the line limit is broken, or `stop` is called. */
export function readLines(input: Readable, reader: Reader): () => void {
  let parts: Buffer[] = []
  let length = 0
  const stop = (): void => {
    input.off('data', onData)
    input.off('end', onEnd)
    input.off('error', onEnd)
    input.pause()
  }
  const onEnd = (): void => {
    stop()
    reader.onEnd(undefined)
  }
  const onData = (chunk: Buffer): void => {
    let rest = chunk
    for (let at = rest.indexOf(NEWLINE); at !== -1; at = rest.indexOf(NEWLINE)) {
      readLine(Buffer.concat([...parts, rest.subarray(0, at)]).toString('utf8'), reader)
      parts = []
      length = 0
      rest = rest.subarray(at + 1)
    }
    parts.push(rest)
    length += rest.length
    if (length <= MAX_LINE) return
    stop()
    reader.onEnd(tooLong())
  }
  input.on('data', onData).on('end', onEnd).on('error', onEnd)
  return stop
}

export function writeLine(output: Writable, message: Message): void {
  output.write(`${JSON.stringify(message)}\n`)
}

function readLine(line: string, reader: Reader): void {
  if (line.trim() === '') return
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    reader.reply(unreadable(-32700, 'This line is not JSON.'))
    return
  }
  const all: readonly unknown[] = Array.isArray(value) ? value : [value]
  if (all.length > 0 && all.every((one) => kindOf(one) !== 'nonsense')) {
    reader.onMessage(value as Message | readonly Message[])
  } else reader.reply(unreadable(-32600, 'This line is no JSON-RPC message.'))
}

function unreadable(code: number, message: string): Message {
  return { jsonrpc: '2.0', id: null, error: { code, message } } as unknown as Message
}

function tooLong(): RegistryError {
  return new RegistryError('LIMIT_EXCEEDED', 'The client sent a message that does not end.', {
    expected: `a line of at most ${MAX_LINE} bytes`,
    got: 'a longer one',
    next: 'See what is connected to the standard input of the guard.',
  })
}
