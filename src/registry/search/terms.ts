// The words of a text, as far as search tells them apart: lower case, without accents, plurals and the words that every sentence has.

const STOP: ReadonlySet<string> = new Set(
  'a an and any are as at be by can for from give get has have how i if in into is it its me my of on or that the this to use using want what when which with you your'.split(
    ' ',
  ),
)
/** Of one field; what a publisher writes beyond that finds nothing. */
const MOST = 400

/** Each once, in the order in which they come. */
export function termsOf(text: string): readonly string[] {
  const plain = text
    .replaceAll(/(\p{Ll})(\p{Lu})/gu, '$1 $2')
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .toLowerCase()
  const terms = new Set<string>()
  for (const [word] of plain.matchAll(/[\p{L}\p{N}]+/gu)) {
    if (terms.size === MOST) break
    if (!STOP.has(word)) terms.add(stemOf(word))
  }
  return [...terms]
}

/** `queries` and `query`, `cats` and `cat`; `address` stays. */
function stemOf(word: string): string {
  if (word.length > 4 && word.endsWith('ies')) return `${word.slice(0, -3)}y`
  if (word.length > 3 && word.endsWith('s') && !/(?:ss|us|is)$/.test(word)) return word.slice(0, -1)
  return word
}
