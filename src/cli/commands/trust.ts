// Commands: whom and what to believe: attestations, names, pins, policy, keys.

import type { CommandSpec } from '../command.ts'
import { FROM, KEY_FILE, KEYLESS, PUBLISHER, SIGNED_ELSEWHERE } from './options.ts'

export const TRUST: readonly CommandSpec[] = [
  {
    name: 'attest',
    args: '<name-or-cid>',
    about: 'say something about a release, tool or block, signed; or attach what CI has signed',
    options: [
      { flags: '--type <uri>', about: 'predicate type, such as https://slsa.dev/provenance/v1' },
      { flags: '--predicate <file>', about: 'JSON file with the predicate to sign' },
      { flags: '--key-file <name>', about: 'key file that signs; default: signing' },
      ...KEYLESS,
      { flags: '--bundle <file>', about: 'attach this Sigstore bundle instead of signing' },
      {
        flags: '--key <file>',
        about: 'with --bundle: PEM of the key that signed it; may be given several times',
        many: true,
      },
      PUBLISHER,
    ],
    examples: [
      'registry attest io.github.alice/weather --type https://example.com/review/v1 --predicate review.json',
      'registry attest io.github.alice/weather@1.4.2 --bundle provenance.sigstore.json',
    ],
    load: () => import('../verbs/attest.ts'),
  },
  {
    name: 'attestations',
    args: '<name-or-cid>',
    about: 'list what others have said about a release, tool or block, and who signed it',
    options: [
      { flags: '--type <uri>', about: 'only those of this predicate type' },
      {
        ...FROM,
        about: 'node (multiaddr) to ask first; may be given several times, all are asked',
      },
      { flags: '--out <dir>', about: 'also write the statements and bundles as files' },
      PUBLISHER,
    ],
    examples: [
      'registry attestations io.github.alice/weather',
      'registry attestations io.github.alice/weather#get_forecast --type https://slsa.dev/provenance/v1 --json',
      'registry attestations bafkrei… --from /ip4/192.0.2.7/tcp/4040/p2p/12D3KooW… --out ./evidence',
    ],
    load: () => import('../verbs/attestations.ts'),
  },
  {
    name: 'alias',
    args: '<action> [word] [name]',
    about: 'let a bare word stand for a name, on this node only',
    actions: ['add', 'list', 'remove'],
    examples: [
      'registry alias add weather io.github.alice/weather@^1',
      'registry alias list',
      'registry alias remove weather',
    ],
    load: () => import('../verbs/alias.ts'),
  },
  {
    name: 'pin',
    args: '<action> [namespace] [publisher]',
    about: 'see and change which publisher a namespace means here',
    actions: ['list', 'accept', 'remove'],
    options: [{ flags: '--yes', about: 'with accept: do not ask' }],
    examples: [
      'registry pin list',
      'registry pin accept io.github.alice pbagt…',
      'registry pin remove io.github.alice',
    ],
    load: () => import('../verbs/pin.ts'),
  },
  {
    name: 'trust',
    args: '<action> [target] [name]',
    about: 'the trust policy, trust.toml, and the roots of keyless signatures',
    actions: ['init', 'check', 'explain', 'add', 'refresh-roots', 'roots'],
    options: [
      {
        flags: '--policy <file>',
        about:
          'the policy; default: $TOOLMARK_POLICY, else ./trust.toml, else that of the home folder',
      },
      { flags: '--user', about: 'with init: in the home folder, for all that you do' },
      { flags: '--vsa', about: 'with explain: print it as an unsigned in-toto statement' },
      { flags: '--allow-stale', about: 'with explain: as where stale logs are allowed' },
      { flags: '--id <publisher>', about: 'with add: its id; default: whoever is pinned' },
      {
        flags: '--tools <pattern>',
        about: 'with add: NAMESPACE/NAME or NAMESPACE/NAME#TOOL, with * in a part; default: all',
        many: true,
      },
      { flags: '--key <fingerprint>', about: 'with add: a key that may sign', many: true },
      { flags: '--san <subject>', about: 'with add: the subject of a keyless signer' },
      {
        flags: '--claim <name=value>',
        about: 'with add: a claim of that signer, such as repository_id=123456789',
        many: true,
      },
      {
        flags: '--issuer <url>',
        about: 'with add: issuer of that signer; with refresh-roots: issuer that a root speaks for',
        many: true,
      },
      { flags: '--from <file>', about: 'with refresh-roots: take the root from this file' },
      { flags: '--name <name>', about: 'with refresh-roots: what to call a private instance' },
      { flags: '--mirror <url>', about: 'with refresh-roots: TUF repository to fetch it from' },
      { flags: '--tuf-root <file>', about: 'with refresh-roots: TUF root to begin with' },
    ],
    examples: [
      'registry trust init',
      'registry trust add com.acme --id pbagt…',
      'registry trust add com.acme --issuer https://token.actions.githubusercontent.com --san "https://github.com/acme/tools/.github/workflows/release.yml@refs/tags/v*" --claim repository_id=123456789',
      'registry trust check',
      'registry trust explain com.acme/weather',
      'registry trust explain com.acme/weather --vsa > summary.json',
      'registry trust refresh-roots',
      'registry trust refresh-roots --from trusted_root.json --name corp --issuer https://id.corp.example',
      'registry trust roots',
    ],
    load: () => import('../verbs/trust.ts'),
  },
  {
    name: 'namespace',
    args: '<action> [namespace-or-file]',
    about: 'which publisher a domain or account names, and claiming it',
    actions: ['verify', 'recheck', 'list', 'export', 'forget', 'claim', 'attest'],
    options: [
      PUBLISHER,
      { flags: '--method <dns|https>', about: 'ask in this way only; default: both' },
      {
        flags: '--dns-server <address>',
        about: 'DNS server to ask instead of the machine’s; may be given several times',
        many: true,
      },
      {
        flags: '--connect <address:port>',
        about: 'connect there for HTTPS, instead of to the domain’s own public addresses',
      },
      { flags: '--evidence <file>', about: 'with verify, of an account: what its owner attested' },
      { ...KEY_FILE, about: 'with claim: key file that signs; may be given several times' },
      ...KEYLESS,
      ...SIGNED_ELSEWHERE,
    ],
    examples: [
      'registry namespace verify com.acme',
      'registry namespace verify com.acme --publisher pbagt… --method dns',
      'registry namespace export com.acme > evidence.jsonl',
      'registry namespace recheck evidence.jsonl',
      'registry namespace claim com.acme',
      'registry namespace attest io.github.alice --identity github > evidence.jsonl',
      'registry namespace verify io.github.alice --evidence evidence.jsonl',
    ],
    load: () => import('../verbs/namespace.ts'),
  },
  {
    name: 'witness',
    args: '<action> [vkey-or-name]',
    about: 'witnesses whose word about logs is kept, and that publishing asks to cosign',
    actions: ['list', 'add', 'remove', 'show'],
    options: [
      {
        flags: '--url <url>',
        about: 'with add: where the witness takes checkpoints (C2SP tlog-witness)',
      },
      { flags: '--config <file>', about: 'with show: configuration of this node' },
    ],
    examples: [
      'registry witness show',
      'registry witness add witness.example+b04d6f8f+BN… --url https://witness.example/prefix',
      'registry witness list',
      'registry witness remove witness.example',
    ],
    load: () => import('../verbs/witness.ts'),
  },
  {
    name: 'key',
    args: '<action> [name] [file]',
    about: 'list, export or import key files',
    actions: ['list', 'export', 'import'],
    options: [
      {
        flags: '--secret',
        about: 'with export: the whole key file, for a backup; without it, the public key as PEM',
      },
    ],
    examples: [
      'registry key list',
      'registry key export signing > signing.pem',
      'registry key import signing backup.json',
    ],
    load: () => import('../verbs/key.ts'),
  },
]
