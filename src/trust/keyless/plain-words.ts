// What a service says of itself, fit to be shown: printable, short, and without anything long enough to be a token it was sent.

import { escapeText } from '../../lib/index.ts'

const SECRET = /[A-Za-z0-9._~+/=-]{40,}/g

export function plainWords(text: string): string {
  return escapeText(text.slice(0, 400).replace(SECRET, '…').slice(0, 200))
}
