// Which subjects a rule means: one exact string, or a URI in whose path a segment may hold one `*`. Never a regular expression:
// patterns that were anchored nowhere are how identity checks have been got round (T14).

/** What a person did not mean to write: everything that has a meaning in regular expressions and none here. */
const REGEX_SIGNS = /[\\^$()[\]{}|?]|\.[*+]/
const URI = /^([a-z][a-z0-9+.-]*:\/\/[^/\s*]+)(\/[^\s]*)?$/
const EMAIL = /^[^@\s*]+@[^@\s*]+\.[^@\s*.]+$/

/** Why `pattern` names no subject, in the words of an error’s `expected`; undefined if it is good. */
export function whyNoSanPattern(pattern: string): string | undefined {
  if (EMAIL.test(pattern)) return undefined
  const [, authority, path = ''] = URI.exec(pattern) ?? []
  if (authority === undefined) return 'a whole URI or e-mail address, `*` only in a URI’s path'
  if (REGEX_SIGNS.test(path)) return 'a plain URI: this is not a regular expression'
  const crowded = path.split('/').some((segment) => segment.split('*').length > 2)
  return crowded ? 'at most one `*` between two slashes' : undefined
}

/** `*` stands for one or more characters of its segment, never for `/` or `@`, so it cannot reach over what separates the parts. */
export function matchesSan(pattern: string, san: string): boolean {
  const wanted = pattern.split('/')
  const parts = san.split('/')
  return wanted.length === parts.length && wanted.every((part, i) => matchesPart(part, parts[i]))
}

function matchesPart(pattern: string, part = ''): boolean {
  const star = pattern.indexOf('*')
  if (star < 0) return pattern === part
  const [before, after] = [pattern.slice(0, star), pattern.slice(star + 1)]
  if (part.length <= before.length + after.length) return false
  const middle = part.slice(before.length, part.length - after.length)
  return part.startsWith(before) && part.endsWith(after) && !middle.includes('@')
}
