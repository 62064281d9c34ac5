// Commands: running a node and keeping it well.

import type { CommandSpec } from '../command.ts'
import { FROM, YES } from './options.ts'

export const NODE: readonly CommandSpec[] = [
  {
    name: 'serve',
    about: 'run a node that peers can pull from, and that other commands here share the store with',
    options: [
      {
        flags: '--config <file>',
        about: 'how the node is to be (default: node.toml in the home folder); options win over it',
      },
      {
        flags: '--listen <multiaddr>',
        about: 'address to listen on (TCP, or WebSocket with /ws); may be given several times',
        many: true,
      },
      {
        flags: '--accept-submissions',
        about: 'be the home of your log: take releases that its keys have signed elsewhere',
      },
      {
        flags: '--peer <multiaddr>',
        about: 'node to keep up with, with its /p2p/PEERID; may be given several times',
        many: true,
      },
      { flags: '--period <age>', about: 'how often peers are reconciled with (60s)' },
      { flags: '--witness', about: 'cosign the logs that are kept here' },
      {
        flags: '--http <host:port>',
        about: 'serve /metrics, /healthz and /readyz; a port alone is one of this machine',
      },
      { flags: '--log-level <level>', about: 'debug, info, warn or error (info)' },
      { flags: '--log-format <format>', about: 'json or text, on standard error (json)' },
    ],
    examples: [
      'registry serve',
      'registry serve --config /etc/toolmark/node.toml',
      'registry serve --listen /ip4/0.0.0.0/tcp/4040 --listen /ip4/0.0.0.0/tcp/4041/ws',
      'registry serve --accept-submissions --listen /ip4/0.0.0.0/tcp/4040',
    ],
    load: () => import('../verbs/serve.ts'),
  },
  {
    name: 'status',
    about:
      'how the running node is: peers, heads, lag, forks, budgets; without one, what the store says',
    options: [{ flags: '--watch', about: 'again every two seconds, until it is stopped' }],
    examples: ['registry status', 'registry status --watch', 'registry status --json'],
    load: () => import('../verbs/status.ts'),
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
    load: () => import('../verbs/export.ts'),
  },
  {
    name: 'fork',
    args: '<action> [cid-or-file]',
    about: 'publishers that showed two histories of their log, and the proofs',
    actions: ['list', 'show', 'export', 'import', 'accept'],
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
    load: () => import('../verbs/fork.ts'),
  },
  {
    name: 'doctor',
    about: 'check the store, your log, key permissions, the clock and the peers',
    options: [{ ...FROM, about: 'peer to try to reach; default: those that pulls succeeded from' }],
    examples: ['registry doctor', 'registry doctor --json'],
    load: () => import('../verbs/doctor.ts'),
  },
  {
    name: 'completion',
    args: '<shell>',
    about: 'print a completion script for bash, zsh or fish',
    actions: ['bash', 'zsh', 'fish'],
    examples: [
      'source <(registry completion bash)',
      'registry completion fish > ~/.config/fish/completions/registry.fish',
    ],
    load: () => import('../verbs/completion.ts'),
  },
]
