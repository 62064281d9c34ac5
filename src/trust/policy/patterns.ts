// Which tools a publisher row speaks of: `NAMESPACE/BASE` or `NAMESPACE/BASE#TOOL`. A part may hold one `*` for one or more characters
// of that part; the namespace may not, so a row never speaks of somebody else’s names.

const BASE = /^[a-z0-9._-]*\*?[a-z0-9._-]*$/
const TOOL = /^[A-Za-z0-9_.-]*\*?[A-Za-z0-9_.-]*$/

/** Why this is no pattern, in the words of an error’s `expected`; undefined if it is good. */
export function whyNoToolPattern(pattern: string, namespace: string): string | undefined {
  const { base, tool, owner } = split(pattern)
  if (owner !== namespace) return `${namespace}/… , the namespace of this publisher, without *`
  const isGood =
    base !== '' && BASE.test(base) && tool !== '' && (tool === undefined || TOOL.test(tool))
  return isGood
    ? undefined
    : `${namespace}/NAME or ${namespace}/NAME#TOOL, with at most one * in each`
}

/** Without a tool: whether the pattern could cover any tool of the release. */
export function coversTool(pattern: string, name: string, tool: string | undefined): boolean {
  const wanted = split(pattern)
  const { owner, base } = split(name)
  if (wanted.owner !== owner || !matchesPart(wanted.base, base)) return false
  if (wanted.tool === undefined || tool === undefined) return true
  return matchesPart(wanted.tool, tool)
}

function split(pattern: string): { owner: string; base: string; tool: string | undefined } {
  const hash = pattern.indexOf('#')
  const name = hash < 0 ? pattern : pattern.slice(0, hash)
  const slash = name.indexOf('/')
  const tool = hash < 0 ? undefined : pattern.slice(hash + 1)
  return { owner: name.slice(0, Math.max(0, slash)), base: name.slice(slash + 1), tool }
}

function matchesPart(pattern: string, part: string): boolean {
  const star = pattern.indexOf('*')
  if (star < 0) return pattern === part
  const [before, after] = [pattern.slice(0, star), pattern.slice(star + 1)]
  return (
    part.length > before.length + after.length && part.startsWith(before) && part.endsWith(after)
  )
}
