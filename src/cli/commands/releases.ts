// Commands: making releases, fetching them, proving them.

import type { CommandSpec } from '../command.ts'
import {
  CONFIG,
  FRESHNESS,
  FROM,
  KEY_FILE,
  KEYLESS,
  PUBLISHER,
  SIGNED_ELSEWHERE,
  TRUST_FILES,
} from './options.ts'

export const RELEASES: readonly CommandSpec[] = [
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
    load: () => import('../verbs/init.ts'),
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
      CONFIG,
      ...KEYLESS,
      ...SIGNED_ELSEWHERE,
    ],
    examples: [
      'registry publish weather.toolkit.json',
      'registry publish weather.toolkit.json --request weather.request.json',
      'registry publish weather.toolkit.json --to /ip4/192.0.2.7/tcp/4040/p2p/12D3KooW… --publisher pbagt…',
      'registry publish --mcp "npx -y @modelcontextprotocol/server-everything"',
      'registry publish --mcp-url http://127.0.0.1:3001/mcp --as io.github.alice/weather@1.4.2',
    ],
    load: () => import('../verbs/publish.ts'),
  },
  {
    name: 'pull',
    args: '<name-or-cid>',
    about: 'fetch a release by name, or any block by CID, and verify it before storing it',
    options: [
      FROM,
      CONFIG,
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
    load: () => import('../verbs/pull.ts'),
  },
  {
    name: 'forget',
    args: '<name[@range]> [more...]',
    about: 'take pulled releases out of this store; what was learned of their publishers stays',
    options: [PUBLISHER],
    examples: [
      'registry forget io.github.alice/weather@1.4.2',
      'registry forget io.github.alice/weather --json',
    ],
    load: () => import('../verbs/forget.ts'),
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
    load: () => import('../verbs/verify.ts'),
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
    load: () => import('../verbs/verify-bundle.ts'),
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
    load: () => import('../verbs/guard.ts'),
  },
]
