// Commands: looking at what is here.

import type { CommandSpec } from '../command.ts'
import { PUBLISHER } from './options.ts'

export const READ: readonly CommandSpec[] = [
  {
    name: 'show',
    args: '<name-or-cid>',
    about: 'show a release, a tool or any block',
    options: [PUBLISHER],
    examples: ['registry show io.github.alice/weather', 'registry show bafkrei… --json'],
    load: () => import('../verbs/show.ts'),
  },
  {
    name: 'diff',
    args: '<before> <after>',
    about: 'compare two releases, tools or toolkit files: what a model would see otherwise',
    options: [
      PUBLISHER,
      { flags: '--exit-code', about: 'end with 10 when a model would see a difference' },
    ],
    examples: [
      'registry diff io.github.alice/weather@1.4.2 io.github.alice/weather',
      'registry diff io.github.alice/weather weather.toolkit.json --exit-code',
      'registry diff bafkrei… bafkrei… --json',
    ],
    load: () => import('../verbs/diff.ts'),
  },
  {
    name: 'lint',
    args: '<target> [more...]',
    about: 'look for text that could deceive a model or a person, in toolkit files and releases',
    options: [
      PUBLISHER,
      { flags: '--strict', about: 'end with 11 when something deceptive is found' },
    ],
    examples: [
      'registry lint weather.toolkit.json --strict',
      'registry lint io.github.alice/weather',
      'registry lint bafkrei… --json',
    ],
    load: () => import('../verbs/lint.ts'),
  },
  {
    name: 'list',
    about: 'list the releases held here, published and pulled',
    examples: ['registry list', 'registry list --json'],
    load: () => import('../verbs/list.ts'),
  },
  {
    name: 'search',
    args: '<word> [more...]',
    about: 'find releases by words: of publishers you chose, those you trust first',
    options: [{ flags: '--limit <n>', about: 'how many at most; 10 unless said' }],
    examples: ['registry search weather forecast', 'registry search "send mail" --limit 3 --json'],
    load: () => import('../verbs/search.ts'),
  },
  {
    name: 'log',
    args: '[publisher]',
    about: 'show the entries of a publisher’s log; yours if none is named',
    options: [
      { flags: '--from <seq>', about: 'first entry to show' },
      { flags: '--to <seq>', about: 'stop before this entry' },
      {
        flags: '--proof',
        about: 'also the newest checkpoint, and what proves each entry against it',
      },
    ],
    examples: ['registry log', 'registry log --from 10 --to 20', 'registry log --proof --json'],
    load: () => import('../verbs/log.ts'),
  },
]
