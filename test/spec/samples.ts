// One valid document of each kind that uses every field there is, so that mutating it meets every rule.

import { cidOf } from '../../src/cid/index.ts'
import { type Json, utf8 } from '../../src/lib/index.ts'

export type Document = { [key: string]: Json }

const inputSchema = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] }

const toolFields: Document = {
  name: 'get_forecast',
  title: 'Forecast',
  description: 'The weather\nof tomorrow, \u202ehidden',
  inputSchema,
  outputSchema: { type: 'object' },
  annotations: {
    title: 'Forecast',
    readOnlyHint: true,
    destructiveHint: false,
    idempotentHint: true,
    openWorldHint: true,
  },
  effects: {
    filesystem: { read: true, write: false, delete: false, paths: ['/tmp'] },
    network: true,
    subprocess: false,
    idempotent: true,
    reversible: true,
    destructive: false,
    creates: ['file'],
    modifies: [],
    deletes: [],
    interactive: { stdin: 'none', prompts: false, tty: false },
    cost: { estimate: 'low', billable: true },
    duration: { typical: '1-2s', timeout: '30s' },
  },
  examples: [{ description: 'Rome', input: { city: 'Rome' }, output: [1, null] }],
  hints: {
    search: 'rain sun',
    defer: true,
    timeoutMs: 1000,
    concurrencySafe: true,
    locality: 'remote',
    maxResultBytes: 1000,
    cost: 'free',
  },
  icons: [
    { src: 'https://a.example/i.png', mimeType: 'image/png', sizes: ['48x48'], theme: 'dark' },
  ],
  execution: { taskSupport: 'optional' },
  _meta: { 'example/x': 1 },
}

export const TOOL: Document = { kind: 'tool/v1', ...toolFields }

const strings = { NAME: 'value' }
const operations = { get_forecast: { method: 'get' } }

const releaseFields: Document = {
  name: 'com.example/weather',
  version: '1.2.3-rc.1',
  title: 'Weather',
  description: 'All about\nweather',
  license: 'Apache-2.0',
  homepage: 'https://a.example/',
  repository: 'https://a.example/git',
  authors: [{ name: 'Zoë', email: 'z@a.example', url: 'https://a.example/z' }],
  keywords: ['weather', '天気'],
  bindings: [
    { kind: 'mcp-stdio', command: 'npx', args: ['-y', 'x'], env: strings },
    { kind: 'mcp-http', url: 'https://a.example/mcp', headers: { 'X-Key': '$KEY' } },
    { kind: 'http', url: 'https://a.example', headers: { 'X-Key': 'a' }, operations },
    { kind: 'cli', command: 'weather', args: ['--json'], env: strings, operations },
    { kind: 'module', module: 'weather', exports: { get_forecast: 'forecast' } },
    { kind: 'container', image: 'a.example/weather@sha256:00', args: [], env: strings },
    { kind: 'websocket', url: 'wss://a.example/ws', headers: { 'X-Key': 'a' } },
  ],
  auth: {
    required: true,
    methods: [
      { type: 'token', envVar: 'KEY', description: 'A key', setupCommand: 'weather login' },
    ],
    checkCommand: 'weather whoami',
  },
  artifacts: [
    { platform: 'linux-amd64', sha256: 'a'.repeat(64), url: 'https://a.example/x', size: 12 },
  ],
  permissions: ['network'],
  patterns: [
    {
      name: 'Compare',
      description: 'Two cities',
      steps: [{ command: 'weather rome', description: 'first' }],
      variables: { city: { type: 'string' } },
      tags: ['two'],
      executable: false,
    },
  ],
  'x-team': { anything: [1] },
}

export const RELEASE: Document = {
  kind: 'release/v1',
  ...releaseFields,
  tools: { get_forecast: cidOf(utf8('a')), 'get.rain': cidOf(utf8('b')) },
}

export const TOOLKIT: Document = {
  kind: 'toolkit/v1',
  ...releaseFields,
  tools: [toolFields, { name: 'get.rain', inputSchema: {} }],
}
