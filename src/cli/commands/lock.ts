// Commands: what is locked and approved.

import type { CommandSpec } from '../command.ts'
import { APPROVE, BY, FROM, FROZEN, LOCKFILE, PUBLISHER, TRUST_FILES, YES } from './options.ts'

export const LOCK: readonly CommandSpec[] = [
  {
    name: 'add',
    args: '<name>',
    about: 'lock a release, and approve its tools: what a model would see is shown first',
    options: [
      {
        flags: '--tool <name>',
        about: 'lock only this tool; may be given several times',
        many: true,
      },
      FROM,
      PUBLISHER,
      APPROVE,
      { ...YES, about: 'answer every question with yes, also those of the policy' },
      BY,
      FROZEN,
      ...TRUST_FILES,
    ],
    examples: [
      'registry add io.github.alice/weather@^1 --from https://tools.example/public',
      'registry add io.github.alice/weather --tool get_forecast --publisher pbagt…',
      'registry add io.github.alice/weather --approve --by alice',
    ],
    load: () => import('../verbs/add.ts'),
  },
  {
    name: 'remove',
    args: '<name> [name...]',
    about: 'take releases out of the lockfile',
    options: [LOCKFILE],
    examples: ['registry remove io.github.alice/weather', 'registry remove weather'],
    load: () => import('../verbs/remove.ts'),
  },
  {
    name: 'update',
    args: '[name...]',
    about: 'lock newer versions, and approve the tools that changed',
    options: [
      { flags: '--latest', about: 'leave the range that was asked for, and the major version' },
      FROM,
      APPROVE,
      { ...YES, about: 'answer every question with yes, also those of the policy' },
      BY,
      FROZEN,
      ...TRUST_FILES,
    ],
    examples: [
      'registry update',
      'registry update io.github.alice/weather --latest',
      'registry update --frozen',
    ],
    load: () => import('../verbs/update.ts'),
  },
  {
    name: 'install',
    about: 'fetch everything that is locked, from any peer, and prove that it is what is locked',
    options: [
      FROM,
      { ...FROZEN, about: 'also fail if the lockfile is not up to date' },
      ...TRUST_FILES,
    ],
    examples: ['registry install', 'registry install --frozen --from https://tools.example/public'],
    load: () => import('../verbs/install.ts'),
  },
  {
    name: 'outdated',
    about: 'list what is locked, and which versions there are by now',
    options: [FROM, LOCKFILE],
    examples: ['registry outdated', 'registry outdated --json'],
    load: () => import('../verbs/outdated.ts'),
  },
  {
    name: 'audit',
    about: 'look for withdrawals, advisories, forks and age of everything that is locked',
    options: [
      FROM,
      { flags: '--offline', about: 'ask no peer: only what is known here' },
      ...TRUST_FILES,
    ],
    examples: ['registry audit', 'registry audit --from https://tools.example/public --json'],
    load: () => import('../verbs/audit.ts'),
  },
]
