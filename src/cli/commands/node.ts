// Commands: running a node and keeping it well.

import type { CommandSpec } from '../command.ts'
import { FROM, YES } from './options.ts'

export const NODE: readonly CommandSpec[] = [
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
    load: () => import('../verbs/serve.ts'),
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
    examples: [
      'source <(registry completion bash)',
      'registry completion fish > ~/.config/fish/completions/registry.fish',
    ],
    load: () => import('../verbs/completion.ts'),
  },
]
