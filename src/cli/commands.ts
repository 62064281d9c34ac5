// Every command there is: its words, its options, its examples. Help and shell completion are made from this table.

import type { CommandSpec } from './command.ts'
import { FOLLOWING } from './commands/following.ts'
import { LOCK } from './commands/lock.ts'
import { NODE } from './commands/node.ts'
import { PEERS } from './commands/peers.ts'
import { PUBLISHING } from './commands/publisher.ts'
import { READ } from './commands/read.ts'
import { RELEASES } from './commands/releases.ts'
import { TRUST } from './commands/trust.ts'

export const COMMANDS: readonly CommandSpec[] = [
  ...RELEASES,
  ...LOCK,
  ...READ,
  ...PUBLISHING,
  ...TRUST,
  ...FOLLOWING,
  ...PEERS,
  ...NODE,
]
