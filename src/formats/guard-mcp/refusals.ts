// What a client is told when it asks for what the guard does not let through. No word of the server is in it: whoever reads it may be
// a model, and what a description has become is what it must not read.

import { RegistryError } from '../../lib/index.ts'
import { fieldsOf } from './compare/changes.ts'
import type { Judged, QuarantineReason } from './compare/judge.ts'
import { type Loose, type Message, shown } from './wire.ts'

const METHOD_NOT_FOUND = -32601

const REASONS: Readonly<Record<QuarantineReason | 'missing', string>> = {
  changed: 'is not what was verified any more',
  unknown: 'was not verified for this server',
  shadowed: 'has a name that another server has already',
  ambiguous: 'is listed more than once by this server',
  missing: 'was verified, but this server does not list it',
}

const NEXT: Readonly<Record<QuarantineReason | 'missing', string>> = {
  changed:
    'Look for a new release with `registry update`, which shows the difference before anything is approved.',
  unknown:
    'If a new release has it, `registry update` shows it; approve it there before it is used.',
  shadowed: 'Use the one of the other server, or connect to one of the two only.',
  ambiguous: 'Tell the server’s author: two tools of one name cannot be told apart.',
  missing: 'See whether a new release has left it out: `registry update`.',
}

export function sentenceFor(
  reason: QuarantineReason | 'missing',
  tool: string,
  fields: readonly string[] = [],
): string {
  const what = reason === 'changed' && fields.length > 0 ? ` (${fields.join(', ')})` : ''
  return `The tool ${shown(tool)} ${REASONS[reason]}${what}.`
}

export function nextFor(reason: QuarantineReason): string {
  return NEXT[reason]
}

/** Throwing it answers the call with a refusal. */
export function notCallable(
  name: unknown,
  { refused }: Judged,
  locked: ReadonlyMap<string, unknown>,
): RegistryError {
  if (typeof name !== 'string') {
    return new RegistryError('USAGE', 'The call names no tool.', {
      expected: 'the name of a tool, as text',
      got: shown(name),
      next: 'Give `params.name`.',
    })
  }
  const found = refused.get(name)
  const reason = found?.reason ?? (locked.has(name) ? 'missing' : 'unknown')
  const fields = found?.reason === 'changed' ? fieldsOf(found.diff) : []
  return new RegistryError('TOOL_QUARANTINED', sentenceFor(reason, name, fields), {
    expected: 'a verified tool that the server lists unchanged',
    got: reason,
    next: NEXT[reason],
    evidence: { tool: shown(name), reason, ...(fields.length === 0 ? {} : { fields }) },
  })
}

export function noCursor(): RegistryError {
  return new RegistryError('USAGE', 'There is no page of that cursor.', {
    expected: 'tools/list without a cursor',
    got: 'a cursor',
    next: 'The guard answers all tools in one page: ask without a cursor.',
  })
}

export function noSuchMethod({ id, method }: Loose): Message {
  const message = `The guard does not let ${shown(method)} through: it knows tools/list and tools/call.`
  return { jsonrpc: '2.0', id, error: { code: METHOD_NOT_FOUND, message } } as Message
}

export function nonsense(who: 'server' | 'client'): RegistryError {
  return new RegistryError('MESSAGE_INVALID', `The ${who} sent what is no JSON-RPC message.`, {
    expected: 'a request, a notification, or an answer',
    got: 'something that is none of them, or two at once',
    next: 'Nothing of it was passed on.',
  })
}

export function unasked(): RegistryError {
  return new RegistryError('MESSAGE_INVALID', 'The server answered what it was not asked.', {
    expected: 'an answer to an open request, once',
    got: 'an answer to none',
    next: 'Nothing of it was passed on.',
  })
}
