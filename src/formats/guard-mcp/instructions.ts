// Words of a server to the model that no tool carries: `instructions`, and what it says of itself at length. Nobody has signed them.

import { isJsonObject, RegistryError, sha256Hex, utf8 } from '../../lib/index.ts'
import type { Loose } from './wire.ts'

export type InstructionRule =
  | { readonly kind: 'none' }
  | { readonly kind: 'all' }
  | { readonly kind: 'these'; readonly digest: string }

/** Throws USAGE for what is neither a boolean nor a digest. */
export function parseInstructionRule(allowed: boolean | string = false): InstructionRule {
  if (typeof allowed === 'boolean') return { kind: allowed ? 'all' : 'none' }
  if (/^sha256-[0-9a-f]{64}$/.test(allowed)) return { kind: 'these', digest: allowed }
  throw new RegistryError('USAGE', 'This does not say which instructions are allowed.', {
    expected: 'true, false, or sha256- and 64 hex digits',
    got: JSON.stringify(allowed),
    next: 'Give the SHA-256 of the text you have read, in hex.',
  })
}

/** The answer to `initialize` without words that the rule does not allow. */
export function withholdWords(message: Loose, rule: InstructionRule): Loose {
  if (!isJsonObject(message.result) || rule.kind === 'all') return message
  const { instructions, serverInfo, protocolVersion, capabilities, _meta } = message.result
  const known = Object.entries({ protocolVersion, capabilities, _meta })
  const isAllowed = typeof instructions === 'string' && isThese(instructions, rule)
  return {
    ...message,
    result: {
      // A field that MCP does not define yet may hold words as well.
      ...Object.fromEntries(known.filter(([, value]) => value !== undefined)),
      ...(isJsonObject(serverInfo) ? { serverInfo: withoutDescription(serverInfo) } : {}),
      ...(isAllowed ? { instructions } : {}),
    },
  }
}

function isThese(text: string, rule: InstructionRule): boolean {
  return rule.kind === 'these' && `sha256-${sha256Hex(utf8(text))}` === rule.digest
}

function withoutDescription({ description: _unsigned, ...info }: Loose): Loose {
  return info
}
