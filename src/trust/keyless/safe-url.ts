// Where an identity token, a password for a quarter of an hour, may be sent: over TLS, or to this very machine.

const LOOPBACK: ReadonlySet<string> = new Set(['127.0.0.1', '[::1]', 'localhost'])

/** A URL to put a path behind: no query, no fragment, no user. */
export function isSafeUrl(text: string): boolean {
  const url = URL.parse(text)
  if (url === null || /[?#\s\\]/.test(text) || url.username !== '' || url.password !== '')
    return false
  return url.protocol === 'https:' || (url.protocol === 'http:' && LOOPBACK.has(url.hostname))
}
