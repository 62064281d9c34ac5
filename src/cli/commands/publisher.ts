// Commands: what a publisher can say after a release, and who speaks for it.

import type { CommandSpec } from '../command.ts'
import { KEY_FILE, KEYLESS, SIGNED_ELSEWHERE, YES } from './options.ts'

export const PUBLISHING: readonly CommandSpec[] = [
  {
    name: 'sign',
    args: '<file>',
    about: 'look at what others ask you to sign for their log, and sign it',
    options: [
      {
        flags: '--out <file>',
        about: 'write the signed request here; default: into the same file',
      },
      { ...KEY_FILE, about: 'key file that signs; default: those here that are asked for' },
      ...KEYLESS,
      YES,
    ],
    examples: [
      'registry sign weather.request.json',
      'registry sign weather.request.json --key-file signing --yes',
    ],
    load: () => import('../verbs/sign.ts'),
  },
  {
    name: 'yank',
    args: '<name@version>',
    about: 'withdraw a release from new use; who has it goes on with a warning',
    options: [
      { flags: '--reason <text>', about: 'why, for those who use it' },
      KEY_FILE,
      ...SIGNED_ELSEWHERE,
    ],
    examples: ['registry yank io.github.alice/weather@1.4.2 --reason "wrong units"'],
    load: () => import('../verbs/yank.ts'),
  },
  {
    name: 'deprecate',
    args: '<name@version>',
    about: 'tell everyone who uses a release to move on',
    options: [
      { flags: '--message <text>', about: 'what they should know' },
      { flags: '--successor <name[@range]>', about: 'what to use instead' },
      KEY_FILE,
      ...SIGNED_ELSEWHERE,
    ],
    examples: [
      'registry deprecate io.github.alice/weather@1.4.2 --successor io.github.alice/weather@^2',
    ],
    load: () => import('../verbs/deprecate.ts'),
  },
  {
    name: 'revoke',
    args: '[target]',
    about: 'forbid all use of a release, tool or artifact, or of a key; there is no way back',
    options: [
      { flags: '--key <name-or-fingerprint>', about: 'revoke this key instead of a release' },
      { flags: '--reason <text>', about: 'why, for everyone who used it' },
      KEY_FILE,
      ...SIGNED_ELSEWHERE,
      YES,
    ],
    examples: [
      'registry revoke io.github.alice/weather@1.4.2 --reason "leaks its input"',
      'registry revoke bafkrei… --reason "malware" --yes',
      'registry revoke --key signing --reason "laptop stolen"',
    ],
    load: () => import('../verbs/revoke.ts'),
  },
  {
    name: 'tombstone',
    args: '<target>',
    about: 'remove the bytes of a block, here and wherever it is heard; there is no way back',
    options: [
      { flags: '--reason <text>', about: 'why the bytes have to go' },
      KEY_FILE,
      ...SIGNED_ELSEWHERE,
      YES,
    ],
    examples: ['registry tombstone bafkrei… --reason "contains a password"'],
    load: () => import('../verbs/tombstone.ts'),
  },
  {
    name: 'publisher',
    args: '<action> [target]',
    about: 'who speaks for a publisher, and changing that',
    actions: ['show', 'rotate', 'delegate', 'recover'],
    options: [
      {
        flags: '--root <key>',
        about:
          'with rotate: a key of the root role (key file, fingerprint or PEM file); all of them',
        many: true,
      },
      { flags: '--release <key>', about: 'with rotate: the same for the release role', many: true },
      {
        flags: '--release-identity <rule>',
        about:
          'with rotate: a keyless signer of the release role, issuer=URL,san=URI and any claim; all of them, or none',
        many: true,
      },
      { flags: '--brake <key>', about: 'with rotate: the same for the brake role', many: true },
      { flags: '--log', about: 'with rotate: make a new log key' },
      {
        flags: '--threshold <number>',
        about: 'how many keys have to sign: with rotate ROLE=N, with delegate N',
        many: true,
      },
      { flags: '--prepare', about: 'with rotate: make the next root key, and commit to it' },
      {
        flags: '--next-key <file>',
        about: 'with rotate: commit to this next root key, held elsewhere',
        many: true,
      },
      { flags: '--to <file>', about: 'with delegate: PEM of a key that may release', many: true },
      {
        flags: '--to-identity <rule>',
        about: 'with delegate: a keyless signer who may release',
        many: true,
      },
      { flags: '--by <path>', about: 'with delegate: the delegation that is passed on' },
      { flags: '--remove', about: 'with delegate: take it back' },
      { flags: '--reason <text>', about: 'with recover: what happened' },
      KEY_FILE,
      ...SIGNED_ELSEWHERE,
      YES,
    ],
    examples: [
      'registry publisher show',
      'registry publisher rotate',
      'registry publisher rotate --release signing --release bob.pem --threshold release=2',
      'registry publisher delegate com.acme/weather --to bob.pem',
      'registry publisher recover bafkrei… --reason "restored a backup"',
    ],
    load: () => import('../verbs/publisher.ts'),
  },
]
