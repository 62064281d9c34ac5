// Commands: whom a node keeps up with.

import type { CommandSpec } from '../command.ts'
import { CONFIG } from './options.ts'

export const FOLLOWING: readonly CommandSpec[] = [
  {
    name: 'follow',
    args: '[publisher-namespace-name-or-peer...]',
    about: 'keep up with publishers, namespaces or a peer’s list; without one, show whom',
    options: [
      { flags: '--never', about: 'the opposite: neither fetch nor serve their logs' },
      { flags: '--untold', about: 'leave them out of what peers are told who ask for your list' },
      { flags: '--max-size <size>', about: 'most that one log may take here, such as 500MiB' },
      { flags: '--max-entries <number>', about: 'most entries of one log' },
    ],
    examples: [
      'registry follow pbagt…',
      'registry follow io.github.alice com.acme/weather',
      'registry follow /ip4/192.0.2.1/tcp/4040/p2p/12D3…',
      'registry follow --never com.spam',
      'registry follow',
    ],
    load: () => import('../verbs/follow.ts'),
  },
  {
    name: 'unfollow',
    args: '<publisher-namespace-or-peer> [more...]',
    about: 'keep up with them no longer, or refuse them no longer; drops logs that nobody needs',
    examples: ['registry unfollow pbagt…', 'registry unfollow com.acme com.spam'],
    load: () => import('../verbs/unfollow.ts'),
  },
  {
    name: 'mirror',
    about: 'keep a copy of everything that peers have, within a quota; without options, show it',
    options: [
      {
        flags: '--quota <size>',
        about: 'mirror, within so many bytes on this disk, such as 50GiB',
      },
      { flags: '--off', about: 'mirror no longer; drops logs that nobody follows or needs' },
    ],
    examples: ['registry mirror --quota 50GiB', 'registry mirror', 'registry mirror --off'],
    load: () => import('../verbs/mirror.ts'),
  },
  {
    name: 'sync',
    args: '[peer...]',
    about: 'fetch what is followed from these peers, or from those known; goes on until stopped',
    options: [{ flags: '--once', about: 'ask everybody once, and end' }, CONFIG],
    examples: ['registry sync --once', 'registry sync /ip4/192.0.2.1/tcp/4040/p2p/12D3…'],
    load: () => import('../verbs/sync.ts'),
  },
]
