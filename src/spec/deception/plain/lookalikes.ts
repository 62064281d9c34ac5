// Letters of other alphabets that look like ours (after the confusables of UTS #39: the ones that attacks use), and words that mix them.

import type { Place } from '../phrases/signal.ts'

/** Lower case: what each is taken for. */
export const LOOKALIKES: ReadonlyMap<string, string> = new Map(
  'аa вb еe ёe ѕs іi їi јj кk мm нh оo рp сc тt уy хx ԁd һh ԛq ԝw αa βb εe ηn ιi κk νv οo ρp τt υu χx γy ıi օo ցg հh ոn սu'
    .split(' ')
    .map((pair) => [pair.slice(0, 1), pair.slice(1)]),
)

/** Greek, Cyrillic, Armenian. */
const FOREIGN = /[\u0370-\u058f]/

/** Words that mix our letters with those of another alphabet that look like ours. */
export function findMixedWords(raw: string): readonly Place[] {
  if (!FOREIGN.test(raw)) return []
  const mixed: Place[] = []
  for (const { 0: word, index } of raw.matchAll(/[\p{L}\p{M}]{3,64}/gu)) {
    if (!/[a-z]/i.test(word) || !FOREIGN.test(word)) continue
    if (![...word.toLowerCase()].some((letter) => LOOKALIKES.has(letter))) continue
    mixed.push({ start: index, end: index + word.length })
  }
  return mixed
}
