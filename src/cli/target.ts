// What a word on the command line is meant to be.

/**
 * Whether it can only be meant as a CID, well written or not: a name has a "/" in it, and a CID of another kind deserves to be told
 * what is wrong with it.
 */
export function meansCid(word: string): boolean {
  return /^(?:b[a-z2-7]{20,}|[zQ][a-z0-9]{40,})$/i.test(word)
}
