// Commands: other nodes, and how to reach them.

import type { CommandSpec } from '../command.ts'
import { CONFIG } from './options.ts'

export const PEERS: readonly CommandSpec[] = [
  {
    name: 'peer',
    args: '<action> [peer...]',
    about: 'nodes that this one stays connected to, or has met',
    actions: ['add', 'list', 'remove', 'ping', 'key'],
    options: [{ ...CONFIG, about: `with ping: ${CONFIG.about}` }],
    examples: [
      'registry peer add /ip4/192.0.2.1/tcp/4040/p2p/12D3…',
      'registry peer list',
      'registry peer ping 12D3…',
      'registry peer remove 12D3…',
      'registry peer key > network.key',
    ],
    load: () => import('../verbs/peer.ts'),
  },
]
