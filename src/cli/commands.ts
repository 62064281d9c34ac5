// Every command there is: its words, its options, its examples. Help and shell completion are made from this table.

import type { CommandSpec, OptionSpec } from './command.ts'

const FROM: OptionSpec = {
  flags: '--from <address>',
  about:
    'node (multiaddr) or static log (https://…) to ask; may be given several times, tried in order',
  many: true,
}
const PUBLISHER: OptionSpec = {
  flags: '--publisher <id>',
  about: 'the publisher you mean, for a namespace that is not a publisher id',
}

const KEY_FILE: OptionSpec = {
  flags: '--key-file <name>',
  about: 'key file that signs; may be given several times; default: those that the log asks for',
  many: true,
}
const FRESHNESS: readonly OptionSpec[] = [
  {
    flags: '--witness <vkey>',
    about: 'key of a witness who should have seen the log lately; may be given several times',
    many: true,
  },
  { flags: '--quorum <number>', about: 'how many of the witnesses; default: more than half' },
  { flags: '--max-age <age>', about: 'how long ago at most, such as 36h or 7d; default: 7d' },
]
const KEYLESS: readonly OptionSpec[] = [
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
const YES: OptionSpec = { flags: '--yes', about: 'do not ask' }

const LOCKFILE: OptionSpec = {
  flags: '--lockfile <file>',
  about: 'the lockfile; default: tools.lock.json here',
}
const TRUST_FILES: readonly OptionSpec[] = [
  LOCKFILE,
  { flags: '--policy <file>', about: 'the trust policy; default: trust.toml here' },
]
const APPROVE: OptionSpec = { flags: '--approve', about: 'approve every tool that is shown' }
const BY: OptionSpec = {
  flags: '--by <name>',
  about: 'who approves, for the record; default: your user name',
}
const FROZEN: OptionSpec = {
  flags: '--frozen',
  about: 'write nothing; fail if the lockfile would change',
}

export const COMMANDS: readonly CommandSpec[] = [
  {
    name: 'init',
    about: 'make a publisher: its keys and the first entry of its log',
    options: [
      {
        flags: '--passphrase',
        about: 'protect the keys with a passphrase, asked for or taken from TOOLMARK_PASSPHRASE',
      },
    ],
    examples: ['registry init', 'registry --home ./demo init --json'],
    load: () => import('./verbs/init.ts'),
  },
  {
    name: 'publish',
    args: '[file...]',
    about: 'sign and publish toolkit files, or the tools of an MCP server',
    options: [
      {
        flags: '--mcp <command>',
        about: 'start this MCP server over stdio and publish what it lists',
      },
      { flags: '--mcp-url <url>', about: 'publish what the MCP server at this URL lists' },
      { flags: '--as <name[@version]>', about: 'name and version to publish an MCP server under' },
      {
        flags: '--to <multiaddr>',
        about: 'submit to the node that holds the log key, and publish in its log',
      },
      { flags: '--publisher <id>', about: 'with --to: whose log, for names that do not say it' },
      { ...KEY_FILE, about: `with --to: ${KEY_FILE.about}` },
      ...KEYLESS,
    ],
    examples: [
      'registry publish weather.toolkit.json',
      'registry publish weather.toolkit.json --to /ip4/192.0.2.7/tcp/4040/p2p/12D3KooW… --publisher pbagt…',
      'registry publish --mcp "npx -y @modelcontextprotocol/server-everything"',
      'registry publish --mcp-url http://127.0.0.1:3001/mcp --as io.github.alice/weather@1.4.2',
    ],
    load: () => import('./verbs/publish.ts'),
  },
  {
    name: 'pull',
    args: '<name-or-cid>',
    about: 'fetch a release by name, or any block by CID, and verify it before storing it',
    options: [
      FROM,
      PUBLISHER,
      ...FRESHNESS,
      { flags: '--out <dir>', about: 'also write the release as files, with a SHA256SUMS' },
      {
        flags: '--attestations',
        about: 'also fetch what others have said about the release and its tools',
      },
    ],
    examples: [
      'registry pull io.github.alice/weather@^1 --from /ip4/192.0.2.7/tcp/4040/p2p/12D3KooW… --publisher pbagt…',
      'registry pull io.github.alice/weather --from https://tools.example/public',
      'registry pull io.github.alice/weather --witness witness.example+b04d6f8f+BN… --max-age 36h',
      'registry pull bafkrei… --from /dns4/registry.example/tcp/443/wss --out ./weather',
    ],
    load: () => import('./verbs/pull.ts'),
  },
  {
    name: 'verify',
    args: '[target...]',
    about: 'prove again, offline, that releases, tools or files are what their publisher signed',
    options: [
      {
        flags: '--locked',
        about: 'everything that is locked, by the trust policy: what an agent does at its start',
      },
      ...TRUST_FILES,
      {
        flags: '--frozen',
        about: 'with --locked: fail if the policy has changed since the lockfile was written',
      },
      {
        flags: '--prefixed',
        about: 'with --locked: tools are seen as RELEASE__TOOL, so that two may share a name',
      },
      PUBLISHER,
      ...FRESHNESS,
      {
        flags: '--require-fresh',
        about: 'fail with 6 where witnesses have not seen the log lately',
      },
    ],
    examples: [
      'registry verify',
      'registry verify --locked',
      'registry verify --locked --frozen --json',
      'registry verify io.github.alice/weather',
      'registry verify --witness witness.example+b04d6f8f+BN… --require-fresh',
      'registry verify weather/tools/get_forecast.json',
    ],
    load: () => import('./verbs/verify.ts'),
  },
  {
    name: 'verify-bundle',
    args: '<file-or-digest>',
    about: 'check a Sigstore bundle of any tool: did this signer sign this file?',
    options: [
      { flags: '--bundle <file>', about: 'the bundle, version 0.1 to 0.3' },
      {
        flags: '--certificate-identity <name>',
        about: 'who must have signed: the exact name in the certificate, a URI or e-mail address',
      },
      {
        flags: '--certificate-oidc-issuer <url>',
        about: 'who vouched for that name, exactly; goes with --certificate-identity',
      },
      {
        flags: '--key <file>',
        about: 'instead of both: PEM of the public key that must have signed',
      },
      {
        flags: '--trusted-root <file>',
        about: 'trusted_root.json of the Sigstore instance; default: the public-good one',
      },
      { flags: '--staging', about: 'the instance is Sigstore’s staging one' },
    ],
    examples: [
      'registry verify-bundle --bundle app.tgz.sigstore.json --certificate-identity alice@example.com --certificate-oidc-issuer https://github.com/login/oauth app.tgz',
      'registry verify-bundle --bundle app.tgz.sigstore.json --key release.pem sha256:9f86…',
    ],
    load: () => import('./verbs/verify-bundle.ts'),
  },
  {
    name: 'guard',
    args: '<command> [args...]',
    about: 'stand between an MCP client and a server: only tools that are what was verified pass',
    options: [
      {
        flags: '--release <name[@range]>',
        about: 'release whose tools the server may offer; may be given several times',
        many: true,
      },
      {
        flags: '--locked',
        about: 'what is locked and approved, by the trust policy: all of it, or --release',
      },
      ...TRUST_FILES,
      PUBLISHER,
      {
        flags: '--check',
        about: 'compare once, say what was found, and end with 10 if anything is',
      },
      { flags: '--allow-instructions', about: 'pass on what the server tells the model of itself' },
    ],
    examples: [
      'registry guard --locked --release io.github.alice/weather -- npx -y weather-mcp',
      'registry guard --release io.github.alice/weather@^1 -- npx -y weather-mcp',
      'registry guard --check --release io.github.alice/weather -- npx -y weather-mcp --json',
    ],
    load: () => import('./verbs/guard.ts'),
  },
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
    load: () => import('./verbs/add.ts'),
  },
  {
    name: 'remove',
    args: '<name> [name...]',
    about: 'take releases out of the lockfile',
    options: [LOCKFILE],
    examples: ['registry remove io.github.alice/weather', 'registry remove weather'],
    load: () => import('./verbs/remove.ts'),
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
    load: () => import('./verbs/update.ts'),
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
    load: () => import('./verbs/install.ts'),
  },
  {
    name: 'outdated',
    about: 'list what is locked, and which versions there are by now',
    options: [FROM, LOCKFILE],
    examples: ['registry outdated', 'registry outdated --json'],
    load: () => import('./verbs/outdated.ts'),
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
    load: () => import('./verbs/audit.ts'),
  },
  {
    name: 'show',
    args: '<name-or-cid>',
    about: 'show a release, a tool or any block',
    options: [PUBLISHER],
    examples: ['registry show io.github.alice/weather', 'registry show bafkrei… --json'],
    load: () => import('./verbs/show.ts'),
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
    load: () => import('./verbs/diff.ts'),
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
    load: () => import('./verbs/lint.ts'),
  },
  {
    name: 'list',
    about: 'list the releases held here, published and pulled',
    examples: ['registry list', 'registry list --json'],
    load: () => import('./verbs/list.ts'),
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
    load: () => import('./verbs/log.ts'),
  },
  {
    name: 'yank',
    args: '<name@version>',
    about: 'withdraw a release from new use; who has it goes on with a warning',
    options: [{ flags: '--reason <text>', about: 'why, for those who use it' }, KEY_FILE],
    examples: ['registry yank io.github.alice/weather@1.4.2 --reason "wrong units"'],
    load: () => import('./verbs/yank.ts'),
  },
  {
    name: 'deprecate',
    args: '<name@version>',
    about: 'tell everyone who uses a release to move on',
    options: [
      { flags: '--message <text>', about: 'what they should know' },
      { flags: '--successor <name[@range]>', about: 'what to use instead' },
      KEY_FILE,
    ],
    examples: [
      'registry deprecate io.github.alice/weather@1.4.2 --successor io.github.alice/weather@^2',
    ],
    load: () => import('./verbs/deprecate.ts'),
  },
  {
    name: 'revoke',
    args: '[target]',
    about: 'forbid all use of a release, tool or artifact, or of a key; there is no way back',
    options: [
      { flags: '--key <name-or-fingerprint>', about: 'revoke this key instead of a release' },
      { flags: '--reason <text>', about: 'why, for everyone who used it' },
      KEY_FILE,
      YES,
    ],
    examples: [
      'registry revoke io.github.alice/weather@1.4.2 --reason "leaks its input"',
      'registry revoke bafkrei… --reason "malware" --yes',
      'registry revoke --key signing --reason "laptop stolen"',
    ],
    load: () => import('./verbs/revoke.ts'),
  },
  {
    name: 'tombstone',
    args: '<target>',
    about: 'remove the bytes of a block, here and wherever it is heard; there is no way back',
    options: [{ flags: '--reason <text>', about: 'why the bytes have to go' }, KEY_FILE, YES],
    examples: ['registry tombstone bafkrei… --reason "contains a password"'],
    load: () => import('./verbs/tombstone.ts'),
  },
  {
    name: 'publisher',
    args: '<action> [target]',
    about:
      'who speaks for a publisher, and changing that (actions: show, rotate, delegate, recover)',
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
      YES,
    ],
    examples: [
      'registry publisher show',
      'registry publisher rotate',
      'registry publisher rotate --release signing --release bob.pem --threshold release=2',
      'registry publisher delegate com.acme/weather --to bob.pem',
      'registry publisher recover bafkrei… --reason "restored a backup"',
    ],
    load: () => import('./verbs/publisher.ts'),
  },
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
    load: () => import('./verbs/attest.ts'),
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
    load: () => import('./verbs/attestations.ts'),
  },
  {
    name: 'alias',
    args: '<action> [word] [name]',
    about: 'let a bare word stand for a name, on this node only (actions: add, list, remove)',
    examples: [
      'registry alias add weather io.github.alice/weather@^1',
      'registry alias list',
      'registry alias remove weather',
    ],
    load: () => import('./verbs/alias.ts'),
  },
  {
    name: 'pin',
    args: '<action> [namespace] [publisher]',
    about: 'see and change which publisher a namespace means here (actions: list, accept, remove)',
    options: [{ flags: '--yes', about: 'with accept: do not ask' }],
    examples: [
      'registry pin list',
      'registry pin accept io.github.alice pbagt…',
      'registry pin remove io.github.alice',
    ],
    load: () => import('./verbs/pin.ts'),
  },
  {
    name: 'trust',
    args: '<action> [target] [name]',
    about:
      'the trust policy, trust.toml, and the roots of keyless signatures (actions: init, check, explain, add, refresh-roots, roots)',
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
    load: () => import('./verbs/trust.ts'),
  },
  {
    name: 'namespace',
    args: '<action> [namespace-or-file]',
    about:
      'which publisher a domain or account names, and claiming it (actions: verify, recheck, list, export, forget, claim, attest)',
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
    load: () => import('./verbs/namespace.ts'),
  },
  {
    name: 'key',
    args: '<action> [name] [file]',
    about: 'list, export or import key files (actions: list, export, import)',
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
    load: () => import('./verbs/key.ts'),
  },
  {
    name: 'serve',
    about: 'run a node that peers can pull from, and that other commands here share the store with',
    options: [
      {
        flags: '--listen <multiaddr>',
        about: 'address to listen on (TCP, or WebSocket with /ws); may be given several times',
        many: true,
      },
      {
        flags: '--accept-submissions',
        about: 'be the home of your log: take releases that its keys have signed elsewhere',
      },
    ],
    examples: [
      'registry serve',
      'registry serve --listen /ip4/0.0.0.0/tcp/4040 --listen /ip4/0.0.0.0/tcp/4041/ws',
      'registry serve --accept-submissions --listen /ip4/0.0.0.0/tcp/4040',
    ],
    load: () => import('./verbs/serve.ts'),
  },
  {
    name: 'export',
    args: '[publisher]',
    about: 'write a log as files that any web server can serve; yours if none is named',
    options: [
      {
        flags: '--static <dir>',
        about: 'folder to write to; what is there already is kept, only what is new is added',
      },
    ],
    examples: ['registry export --static ./public', 'registry export --static ./public pbagt…'],
    load: () => import('./verbs/export.ts'),
  },
  {
    name: 'fork',
    args: '<action> [cid-or-file]',
    about:
      'publishers that showed two histories of their log, and the proofs (actions: list, show, export, import, accept)',
    options: [
      { flags: '--out <dir>', about: 'with export: write the proof as CID.json into this folder' },
      { ...FROM, about: 'with accept: peer that shows the log that recovered' },
      { ...YES, about: 'with accept: do not ask' },
    ],
    examples: [
      'registry fork list',
      'registry fork export bafkrei… > fork.json',
      'registry fork import fork.json',
      'registry fork accept bafkrei… --from https://tools.example/public',
    ],
    load: () => import('./verbs/fork.ts'),
  },
  {
    name: 'doctor',
    about: 'check the store, your log, key permissions, the clock and the peers',
    options: [{ ...FROM, about: 'peer to try to reach; default: those that pulls succeeded from' }],
    examples: ['registry doctor', 'registry doctor --json'],
    load: () => import('./verbs/doctor.ts'),
  },
  {
    name: 'completion',
    args: '<shell>',
    about: 'print a completion script for bash, zsh or fish',
    examples: [
      'source <(registry completion bash)',
      'registry completion fish > ~/.config/fish/completions/registry.fish',
    ],
    load: () => import('./verbs/completion.ts'),
  },
]
