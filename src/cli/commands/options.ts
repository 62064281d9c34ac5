// Options that several commands share, word for word.

import type { OptionSpec } from '../command.ts'

export const FROM: OptionSpec = {
  flags: '--from <address>',
  about:
    'node (multiaddr) or static log (https://…) to ask; may be given several times, tried in order',
  many: true,
}
export const CONFIG: OptionSpec = {
  flags: '--config <file>',
  about:
    'configuration of the node here, which may name a private network (default: node.toml in the home folder)',
}
export const PUBLISHER: OptionSpec = {
  flags: '--publisher <id>',
  about: 'the publisher you mean, for a namespace that is not a publisher id',
}

export const KEY_FILE: OptionSpec = {
  flags: '--key-file <name>',
  about: 'key file that signs; may be given several times; default: those that the log asks for',
  many: true,
}
export const FRESHNESS: readonly OptionSpec[] = [
  {
    flags: '--witness <vkey>',
    about: 'key of a witness who should have seen the log lately; may be given several times',
    many: true,
  },
  { flags: '--quorum <number>', about: 'how many of the witnesses; default: more than half' },
  { flags: '--max-age <age>', about: 'how long ago at most, such as 36h or 7d; default: 7d' },
]
export const KEYLESS: readonly OptionSpec[] = [
  {
    flags: '--identity <provider>',
    about:
      'sign without a key, as auto, github, gitlab, token-file:PATH, token-env:NAME, browser or device',
  },
  {
    flags: '--signing-config <file>',
    about: 'with --identity: the Sigstore instance to ask; default: the public-good one',
  },
  { flags: '--oidc-issuer <url>', about: 'with --identity browser or device: where to log in' },
]
/** Of every command that adds to the own log. */
export const SIGNED_ELSEWHERE: readonly OptionSpec[] = [
  {
    flags: '--request <file>',
    about: 'append nothing; write what has to be signed, for others to sign it',
  },
  {
    flags: '--signatures <file>',
    about: 'such a file, signed by others; may be given several times',
    many: true,
  },
]
export const YES: OptionSpec = { flags: '--yes', about: 'do not ask' }

export const LOCKFILE: OptionSpec = {
  flags: '--lockfile <file>',
  about: 'the lockfile; default: tools.lock.json here',
}
export const TRUST_FILES: readonly OptionSpec[] = [
  LOCKFILE,
  { flags: '--policy <file>', about: 'the trust policy; default: trust.toml here' },
]
export const APPROVE: OptionSpec = { flags: '--approve', about: 'approve every tool that is shown' }
export const BY: OptionSpec = {
  flags: '--by <name>',
  about: 'who approves, for the record; default: your user name',
}
export const FROZEN: OptionSpec = {
  flags: '--frozen',
  about: 'write nothing; fail if the lockfile would change',
}
