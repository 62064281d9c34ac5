// Two releases: every field has a class, absent hints mean what MCP says, and a version step is judged by the worst class.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { cidOf } from '../../src/cid/index.ts'
import { canonicalize, type Json } from '../../src/lib/index.ts'
import {
  diffReleases,
  diffTools,
  type PublisherId,
  parseToolkit,
  type Release,
  type ReleaseWithTools,
  type Risk,
  releaseBlock,
  splitToolkit,
  type Tool,
  type ToolAnnotations,
  type ToolEffects,
  toolBlock,
} from '../../src/spec/index.ts'
import { RELEASE, TOOL, TOOLKIT } from './samples.ts'

const BASE: Tool = { kind: 'tool/v1', name: 'a', inputSchema: { type: 'object' } }

function risksOf(before: Partial<Tool>, after: Partial<Tool>): readonly Risk[] {
  return diffTools({ ...BASE, ...before }, { ...BASE, ...after })?.risks ?? []
}

function releaseOf(fields: object, tools: readonly Tool[] = [BASE]): ReleaseWithTools {
  const cids = Object.fromEntries(tools.map(({ name }) => [name, cidOf(Buffer.from(name))]))
  const base = { kind: 'release/v1', name: 'com.example/a', version: '1.0.0', tools: cids }
  return { release: { ...base, ...fields } as Release, tools }
}

describe('annotations, with the defaults of MCP', () => {
  test.each<[string, ToolAnnotations | undefined, ToolAnnotations | undefined, readonly Risk[]]>([
    ['reads only, no more', { readOnlyHint: true }, { readOnlyHint: false }, ['effects-widened']],
    ['reads only, not said any more', { readOnlyHint: true }, undefined, ['effects-widened']],
    ['reads only at last', undefined, { readOnlyHint: true }, ['effects-narrowed']],
    ['may write, now said', undefined, { readOnlyHint: false }, ['other']],
    ['destroys', { destructiveHint: false }, { destructiveHint: true }, ['effects-widened']],
    ['destroys, by saying nothing', { destructiveHint: false }, {}, ['effects-widened']],
    ['destroys, now said', {}, { destructiveHint: true }, ['other']],
    ['destroys no more', {}, { destructiveHint: false }, ['effects-narrowed']],
    ['repeatable no more', { idempotentHint: true }, {}, ['effects-widened']],
    ['repeatable', {}, { idempotentHint: true }, ['effects-narrowed']],
    ['closed world no more', { openWorldHint: false }, {}, ['effects-widened']],
    ['open world, now said', {}, { openWorldHint: true }, ['other']],
    ['closed world', {}, { openWorldHint: false }, ['effects-narrowed']],
    ['another title', { title: 'a' }, { title: 'b' }, ['text']],
    ['an empty object', undefined, {}, ['other']],
    [
      'both ways',
      { readOnlyHint: true },
      { openWorldHint: false },
      ['effects-widened', 'effects-narrowed'],
    ],
  ])('%s', (_, before, after, risks) => {
    const tool = (annotations: ToolAnnotations | undefined): Partial<Tool> =>
      annotations === undefined ? {} : { annotations }
    expect(risksOf(tool(before), tool(after))).toEqual(risks)
  })
})

describe('effects', () => {
  test.each<[string, ToolEffects, ToolEffects, readonly Risk[]]>([
    ['network', {}, { network: true }, ['effects-widened']],
    ['network no more', { network: true }, { network: false }, ['effects-narrowed']],
    ['a promise is gone', { network: false }, {}, ['effects-widened']],
    ['programs', { subprocess: false }, { subprocess: true }, ['effects-widened']],
    [
      'writes',
      { filesystem: { read: true } },
      { filesystem: { read: true, write: true } },
      ['effects-widened'],
    ],
    [
      'another folder',
      { filesystem: { paths: ['/a'] } },
      { filesystem: { paths: ['/a', '/b'] } },
      ['effects-widened'],
    ],
    ['any folder', { filesystem: { paths: ['/a'] } }, { filesystem: {} }, ['effects-widened']],
    [
      'a folder less',
      { filesystem: { paths: ['/a', '/b'] } },
      { filesystem: { paths: ['/b'] } },
      ['effects-narrowed'],
    ],
    [
      'folders in another order',
      { filesystem: { paths: ['/a', '/b'] } },
      { filesystem: { paths: ['/b', '/a'] } },
      ['other'],
    ],
    ['billable', { cost: {} }, { cost: { billable: true } }, ['effects-widened']],
    ['dearer', { cost: { estimate: 'free' } }, { cost: { estimate: 'low' } }, ['effects-widened']],
    ['asks for a password', {}, { interactive: { stdin: 'password' } }, ['effects-widened']],
    ['irreversible', { reversible: true }, { reversible: false }, ['effects-widened']],
    ['deletes', {}, { deletes: ['file'] }, ['effects-widened']],
    ['slower', { duration: { typical: '1s' } }, { duration: { typical: '9s' } }, ['other']],
  ])('%s', (_, before, after, risks) => {
    expect(risksOf({ effects: before }, { effects: after })).toEqual(risks)
  })
})

describe('other fields of a tool', () => {
  test.each<[string, Partial<Tool>, Partial<Tool>, readonly Risk[], boolean]>([
    ['description', { description: 'a' }, { description: 'b' }, ['text'], true],
    ['title', {}, { title: 'b' }, ['text'], true],
    ['examples', {}, { examples: [{ input: {} }] }, ['text'], false],
    ['icons', { icons: [{ src: 'a' }] }, { icons: [{ src: 'b' }] }, ['text'], false],
    ['hints', {}, { hints: { defer: true } }, ['other'], false],
    ['_meta', { _meta: { a: 1 } }, { _meta: { a: 2 } }, ['other'], false],
    ['tasks', {}, { execution: { taskSupport: 'optional' } }, ['schema-compatible'], false],
    ['only tasks', {}, { execution: { taskSupport: 'required' } }, ['schema-breaking'], false],
    ['no tasks', {}, { execution: { taskSupport: 'forbidden' } }, ['other'], false],
    ['name', { name: 'a' }, { name: 'b' }, ['schema-breaking'], true],
  ])('%s', (_, before, after, risks, visible) => {
    expect(diffTools({ ...BASE, ...before }, { ...BASE, ...after })).toMatchObject({
      risks,
      visible,
    })
  })

  test('the order of keys is no difference', () => {
    const { name, inputSchema, kind } = BASE
    expect(diffTools(BASE, { inputSchema, name, kind })).toBeUndefined()
  })
})

describe('t40-rug-pull: what changes after approval is named', () => {
  test('one character of a description', () => {
    const diff = diffReleases(
      releaseOf({}, [{ ...BASE, description: 'Adds.' }]),
      releaseOf({ version: '1.0.1' }, [{ ...BASE, description: 'Adds!' }]),
    )
    expect(diff).toEqual({
      visible: true,
      risks: ['text'],
      changes: [],
      tools: [
        {
          kind: 'changed',
          name: 'a',
          visible: true,
          risks: ['text'],
          changes: [
            { path: '/description', before: 'Adds.', after: 'Adds!', risk: 'text', visible: true },
          ],
        },
      ],
      unchanged: [],
      step: { suggested: 'patch', actual: 'patch', tooSmall: false },
    })
  })

  test('another command behind the same words', () => {
    const binding = (...args: string[]): object => ({
      bindings: [{ kind: 'mcp-stdio', command: 'npx', args }],
    })
    expect(
      diffReleases(releaseOf(binding('-y', 'a')), releaseOf(binding('-y', 'b'))),
    ).toMatchObject({
      visible: false,
      risks: ['binding'],
      changes: [{ path: '/bindings/0/args/1', before: 'a', after: 'b', risk: 'binding' }],
      step: { suggested: 'minor', actual: 'none', tooSmall: true },
    })
  })
})

test('tools come and go', () => {
  const other: Tool = { ...BASE, name: 'b', annotations: { readOnlyHint: true } }
  const diff = diffReleases(releaseOf({}, [BASE]), releaseOf({ version: '2.0.0' }, [other]))
  expect(diff.tools.map(({ kind, name, risks }) => [kind, name, risks])).toEqual([
    ['removed', 'a', ['schema-breaking']],
    ['added', 'b', ['schema-compatible']],
  ])
  expect(diff.tools[1]?.changes).toEqual([
    {
      path: '',
      after: other,
      risk: 'schema-compatible',
      visible: true,
      why: 'a new tool; it may reach the outside world',
    },
  ])
  expect(diff.step).toEqual({ suggested: 'major', actual: 'major', tooSmall: false })
})

describe('fields of a release', () => {
  test.each<[string, object, object, Risk]>([
    ['description', { description: 'a' }, { description: 'b' }, 'text'],
    ['licence', { license: 'MIT' }, { license: 'Apache-2.0' }, 'other'],
    ['extension', {}, { 'x-a': 1 }, 'other'],
    ['new binding', {}, { bindings: [{ kind: 'module', module: 'a' }] }, 'binding'],
    [
      'artifact',
      { artifacts: [{ platform: 'any', sha256: 'a' }] },
      { artifacts: [{ platform: 'any', sha256: 'b' }] },
      'binding',
    ],
    [
      'login',
      { auth: { methods: [{ type: 'token' }] } },
      { auth: { methods: [{ type: 'token', setupCommand: 'x' }] } },
      'binding',
    ],
    ['login, whole', {}, { auth: { methods: [{ type: 'token', setupCommand: 'x' }] } }, 'binding'],
    ['needs a login', { auth: { required: false } }, { auth: { required: true } }, 'other'],
    [
      'step',
      { patterns: [{ name: 'a', steps: [{ command: 'a' }] }] },
      { patterns: [{ name: 'a', steps: [{ command: 'b' }] }] },
      'binding',
    ],
    [
      'words of a pattern',
      { patterns: [{ name: 'a', steps: [] }] },
      { patterns: [{ name: 'b', steps: [] }] },
      'text',
    ],
    ['permission', {}, { permissions: ['network'] }, 'effects-widened'],
    ['permission less', { permissions: ['a', 'b'] }, { permissions: ['b'] }, 'effects-narrowed'],
  ])('%s', (_, before, after, risk) => {
    const { changes, risks, visible } = diffReleases(releaseOf(before), releaseOf(after))
    expect([risks, visible]).toEqual([[risk], false])
    expect(changes.length).toBeGreaterThan(0)
  })
})

describe('the version step', () => {
  const words = { title: 'Other' }
  const breaks: Tool[] = [{ ...BASE, inputSchema: { type: 'object', required: ['a'] } }]
  test.each<[string, string, object, readonly Tool[], object]>([
    ['1.0.0', '1.0.0', {}, [BASE], { suggested: 'none', actual: 'none', tooSmall: false }],
    ['1.0.0', '1.0.1', words, [BASE], { suggested: 'patch', actual: 'patch', tooSmall: false }],
    ['1.0.0', '1.0.0', words, [BASE], { suggested: 'patch', actual: 'none', tooSmall: true }],
    ['1.0.0', '1.1.0', {}, breaks, { suggested: 'major', actual: 'minor', tooSmall: true }],
    ['1.0.0', '2.0.0', {}, breaks, { suggested: 'major', actual: 'major', tooSmall: false }],
    ['0.1.0', '0.2.0', {}, breaks, { suggested: 'minor', actual: 'minor', tooSmall: false }],
    ['0.1.0', '0.1.1', {}, breaks, { suggested: 'minor', actual: 'patch', tooSmall: true }],
    ['2.0.0', '1.9.0', {}, breaks, { suggested: 'major', actual: 'backward', tooSmall: false }],
    [
      '2.0.0-a',
      '2.0.0-b',
      {},
      breaks,
      { suggested: 'major', actual: 'prerelease', tooSmall: false },
    ],
    ['1.9.0', '2.0.0-a', {}, breaks, { suggested: 'major', actual: 'major', tooSmall: false }],
  ])('%s to %s', (version, next, fields, tools, step) => {
    const diff = diffReleases(
      releaseOf({ version }),
      releaseOf({ ...fields, version: next }, tools),
    )
    expect(diff.step).toEqual(step)
  })

  test('two names have no step between them', () => {
    const diff = diffReleases(releaseOf({}), releaseOf({ name: 'com.example/b' }))
    expect(diff.step).toBeUndefined()
    expect(diff.changes).toMatchObject([{ path: '/name', risk: 'other' }])
  })
})

const mutations = fc.constantFrom<Json>(null, true, false, 'x', 7, [], {}, ['a'], {
  type: 'string',
})

/** Every field of a full document, one at a time, replaced or dropped: no difference goes unnamed. */
function* mutants(value: Json): Iterable<(now: Json | undefined) => Json> {
  if (typeof value !== 'object' || value === null) return
  for (const [key, member] of Object.entries(value)) {
    const put = (now: Json | undefined): Json => {
      if (Array.isArray(value))
        return now === undefined ? value.toSpliced(Number(key), 1) : value.with(Number(key), now)
      const { [key]: _, ...rest } = value as Record<string, Json>
      return now === undefined ? rest : { ...rest, [key]: now }
    }
    yield put
    for (const inner of mutants(member)) yield (now) => put(inner(now))
  }
}

test('no difference between two tools goes unnamed, and none is made up', () => {
  const all = [...mutants(TOOL)]
  fc.assert(
    fc.property(fc.nat(all.length - 1), fc.option(mutations, { nil: undefined }), (at, now) => {
      const one = TOOL as unknown as Tool
      const other = all[at]?.(now) as unknown as Tool
      if (!isAccepted(() => toolBlock(other))) return
      const isSame = canonicalize(one) === canonicalize(other)
      expect(diffTools(one, other) === undefined).toBe(isSame)
      expect(diffTools(other, one) === undefined).toBe(isSame)
    }),
    { numRuns: 2000 },
  )
})

test('no difference between two releases goes unnamed', () => {
  const all = [...mutants(RELEASE)]
  const base = RELEASE as unknown as Release
  fc.assert(
    fc.property(fc.nat(all.length - 1), fc.option(mutations, { nil: undefined }), (at, now) => {
      const other = all[at]?.(now) as unknown as Release
      const { kind, version, tools } = base
      const compared = { ...other, kind, version, tools }
      if (!isAccepted(() => releaseBlock(compared))) return
      const diff = diffReleases({ release: base, tools: [] }, { release: compared, tools: [] })
      expect(diff.changes.length === 0).toBe(canonicalize(base) === canonicalize(compared))
    }),
    { numRuns: 2000 },
  )
})

test('widened one way is narrowed the other way', () => {
  const hint = fc.option(fc.boolean(), { nil: undefined })
  const annotations = fc.record(
    { readOnlyHint: hint, destructiveHint: hint, idempotentHint: hint, openWorldHint: hint },
    { requiredKeys: [] },
  )
  const turned: Partial<Record<Risk, Risk>> = {
    'effects-widened': 'effects-narrowed',
    'effects-narrowed': 'effects-widened',
  }
  fc.assert(
    fc.property(annotations, annotations, (one, other) => {
      const [a, b] = [tidy(one), tidy(other)]
      const there = changesOf(a, b).map(([path, risk]) => [path, turned[risk] ?? risk])
      expect(changesOf(b, a)).toEqual(there)
    }),
  )
})

test('a toolkit with itself', () => {
  const { release, tools } = splitToolkit(
    parseToolkit(Buffer.from(JSON.stringify(TOOLKIT))),
    'p' as PublisherId,
  )
  const one = { release: release.release, tools: tools.map(({ tool }) => tool) }
  expect(diffReleases(one, structuredClone(one))).toEqual({
    visible: false,
    risks: [],
    changes: [],
    tools: [],
    unchanged: ['get.rain', 'get_forecast'],
    step: { suggested: 'none', actual: 'none', tooSmall: false },
  })
})

function changesOf(before: ToolAnnotations, after: ToolAnnotations): readonly [string, Risk][] {
  const diff = diffTools({ ...BASE, annotations: before }, { ...BASE, annotations: after })
  return (diff?.changes ?? []).map(({ path, risk }) => [path, risk])
}

function tidy(annotations: object): ToolAnnotations {
  return Object.fromEntries(Object.entries(annotations).filter(([, value]) => value !== undefined))
}

function isAccepted(parse: () => unknown): boolean {
  try {
    parse()
    return true
  } catch {
    return false
  }
}
