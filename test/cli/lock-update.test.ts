// registry update: a rug pull is seen at the very tool that changed, and what nobody approves is not written.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parseLock } from '../../src/resolve/index.ts'
import { everythingPath } from '../support/everything.ts'
import { type Consumer, type LockedScene, openLockedScene, TERMINAL } from '../support/locked.ts'
import { toolkit } from '../support/publisher.ts'

let scene: LockedScene
let from: readonly string[]

beforeAll(async () => {
  scene = await openLockedScene()
  from = ['--from', scene.web.url]
})
afterAll(() => scene[Symbol.asyncDispose]())

const locked = async (who: Consumer, name: string) =>
  parseLock(Buffer.from(await who.lock())).releases.get(name)

describe('a rug pull (T40): one character in one description of the reference server', () => {
  const NAME = 'com.example/everything'
  const CHANGED = 'echo'
  let bob: Consumer
  let before: string
  let names: readonly string[]

  beforeAll(async () => {
    const server = `'${process.execPath}' '${everythingPath()}' stdio`
    await scene.say('publish', '--mcp', server, '--as', `${NAME}@1.0.0`)
    bob = await scene.consumer()
    await bob.json(['add', NAME, ...from, '--approve', '--by', 'bob'])
    before = await bob.lock()
    const { tools } = await bob.json(['show', NAME])
    names = tools.map(({ name }: { name: string }) => name)
    const changed = tools.map(
      ({
        tool: { kind: _kind, ...tool },
      }: {
        tool: { name: string; description: string; kind: string }
      }) =>
        tool.name === CHANGED ? { ...tool, description: tool.description.replace('E', 'e') } : tool,
    )
    await scene.publish({ name: NAME, version: '1.0.1', title: 'Everything', tools: changed })
  })

  test('without anybody to ask nothing is written, and only that tool is shown', async () => {
    expect(names.length).toBeGreaterThanOrEqual(13)
    const { status, stderr } = await bob.run(['update', ...from])
    expect(status).toBe(11)
    expect(stderr).toContain(
      [
        '  ~ /description  text',
        '    | [-Echoes-]{+echoes+} back the input string',
        '  A model would see a difference.',
        `error POLICY Nobody has approved ${CHANGED} of ${NAME}.`,
        '  expected --approve, or an answer on a terminal',
      ].join('\n'),
    )
    for (const other of names.filter((name) => name !== CHANGED)) {
      expect(stderr).not.toContain(`${other} of`)
    }
    expect(await bob.lock()).toBe(before)
  })

  test('a no leaves the lockfile as it is, byte for byte', async () => {
    const { status, stderr } = await bob.run(['update', ...from], { ...TERMINAL, answer: 'n\n' })
    expect(status).toBe(11)
    expect(stderr).toContain(`error POLICY ${CHANGED} of ${NAME} was not approved.`)
    expect(await bob.lock()).toBe(before)
  })

  test('--frozen says what would change', async () => {
    expect(await bob.failure(['update', ...from, '--frozen'])).toMatchObject({
      code: 'LOCK_OUTDATED',
      got: `${NAME}: 1.0.0 → 1.0.1, ${CHANGED} changed`,
    })
    expect(await bob.lock()).toBe(before)
  })

  test('a yes approves that tool alone; the others keep the approval they have', async () => {
    const { status, stderr } = await bob.run(['update', ...from, '--by', 'carol'], {
      ...TERMINAL,
      answer: 'y\n',
    })
    expect(status).toBe(0)
    expect(stderr.match(/\[y\/N\]/g)).toHaveLength(1)
    const now = await locked(bob, NAME)
    expect(now?.version).toBe('1.0.1')
    const by = [...(now?.tools ?? [])].map(([tool, { approved }]) => [tool, approved?.by])
    expect(by.filter(([, who]) => who === 'carol')).toEqual([[CHANGED, 'carol']])
    expect(by.filter(([, who]) => who === 'bob')).toHaveLength(names.length - 1)
  })
})

describe('registry update', () => {
  const NAME = 'com.example/clock'
  const tools = (version: string, count: number) => toolkit(NAME, version, count)
  let bob: Consumer

  beforeAll(async () => {
    await scene.publish(tools('1.0.0', 2))
    bob = await scene.consumer()
    await bob.json(['add', NAME, ...from, '--approve', '--by', 'bob'])
  })

  test('with nothing new changes nothing', async () => {
    const before = await bob.lock()
    expect(await bob.json(['update', ...from])).toMatchObject({
      lockfile: bob.lockPath,
      written: false,
      releases: [{ name: NAME, version: '1.0.0', previous: '1.0.0' }],
    })
    const { stdout } = await bob.run(['update', 'clock', ...from])
    expect(stdout).toBe(`up to date ${NAME}@1.0.0\n  unchanged  ${bob.lockPath}\n`)
    expect(await bob.lock()).toBe(before)
  })

  test('tools that did not change need nobody; one that is gone is said', async () => {
    await scene.publish(tools('1.1.0', 1))
    const { status, stdout } = await bob.run(['update', ...from])
    expect(status).toBe(0)
    expect(stdout).toContain(`LOCKED ${NAME}@1.0.0 → 1.1.0\n`)
    expect(stdout).toContain('  gone       tool_1\n')
    expect(stdout).toMatch(/tool_0 {2}approved before by bob\n/)
  })

  test('a new tool needs a yes; one that came back is new', async () => {
    await scene.publish(tools('1.2.0', 3))
    const { evidence } = await bob.failure(['update', ...from])
    expect(evidence.tools).toMatchObject([
      { kind: 'new', name: 'tool_1' },
      { kind: 'new', name: 'tool_2' },
    ])
    const said = await bob.run(['update', ...from], { ...TERMINAL, answer: 'n\n' })
    expect(said.status).toBe(0)
    const left = await locked(bob, NAME)
    expect([...(left?.tools.keys() ?? [])]).toEqual(['tool_0'])
  })

  test('what was left out before is not asked about again', async () => {
    await scene.publish(tools('1.3.0', 4))
    const { evidence } = await bob.failure(['update', ...from])
    expect(evidence.tools).toMatchObject([{ kind: 'new', name: 'tool_3' }])
    const { releases } = await bob.json(['update', ...from, '--approve'])
    expect(releases).toMatchObject([{ left: ['tool_1', 'tool_2'] }])
  })

  test('stays in the range that was asked for, or in the major version; --latest leaves both', async () => {
    await scene.publish(tools('2.0.0', 1), tools('1.4.0', 1))
    const carol = await scene.consumer()
    await carol.json(['add', `${NAME}@~1.2`, ...from, '--approve'])
    expect((await carol.json(['update', ...from])).releases).toMatchObject([{ version: '1.2.0' }])
    expect((await bob.json(['update', ...from])).releases).toMatchObject([{ version: '1.4.0' }])
    const moved = await carol.json(['update', ...from, '--latest', '--approve'])
    expect(moved.releases).toMatchObject([{ version: '2.0.0', previous: '1.2.0' }])
    expect((await locked(carol, NAME))?.range).toBeUndefined()
  })

  test('never goes back: a yanked version stays, and it is said', async () => {
    await scene.publish(tools('3.0.0', 1))
    const dave = await scene.consumer()
    await dave.json(['add', `${NAME}@>=2`, ...from, '--approve'])
    await scene.say('yank', `${NAME}@3.0.0`, '--reason', 'wrong time')
    const before = await dave.lock()
    const { releases, written } = await dave.json(['update', ...from])
    expect(releases).toMatchObject([{ version: '3.0.0' }])
    expect(releases[0].warnings.map(({ kind }: { kind: string }) => kind)).toEqual([
      'yanked',
      'held-back',
    ])
    expect(releases[0].warnings[1].message).toBe(
      `${NAME} stays at 3.0.0: all else that fits is older, or was yanked.`,
    )
    expect(written).toBe(false)
    expect(await dave.lock()).toBe(before)
  })

  test('of a name that is not locked is an error', async () => {
    expect(await bob.failure(['update', 'com.example/other'])).toMatchObject({
      code: 'NOT_FOUND',
      exit: 4,
      message: 'com.example/other is not in the lockfile.',
      expected: NAME,
      got: 'com.example/other',
      next: 'Nothing was written. Add it first: `registry add com.example/other`.',
    })
    expect(await bob.failure(['update', 'other'])).toMatchObject({
      code: 'NOT_FOUND',
      message: 'other means nothing in the lockfile.',
      expected: NAME,
      got: 'other',
      next: 'Write the whole name, namespace/name.',
      evidence: { candidates: [] },
    })
  })

  test('other code behind the same words is told, though no tool changed', async () => {
    const clock = (version: string, command: string) => ({
      ...toolkit('com.example/radio', version),
      bindings: [{ kind: 'mcp-stdio', command }],
    })
    await scene.publish(clock('1.0.0', 'radio'))
    const frank = await scene.consumer()
    await frank.json(['add', 'com.example/radio', ...from, '--approve'])
    await scene.publish(clock('1.0.1', 'evil'))
    const { status, stderr } = await frank.run(['update', ...from])
    expect(status).toBe(0)
    expect(stderr).toMatch(
      /^warning: com\.example\/radio would be run or reached otherwise: \/bindings\/0\/command was "radio" and is "evil"\.$/m,
    )
  })

  test('whose approved tool is not here to compare shows the new one whole', async () => {
    const erin = await scene.consumer()
    await scene.publish(toolkit('com.example/lamp', '1.0.0'))
    await erin.json(['add', 'com.example/lamp', ...from, '--approve'])
    const fresh = await scene.consumer()
    const { writeFile } = await import('node:fs/promises')
    await writeFile(fresh.lockPath, await erin.lock())
    await scene.publish(toolkit('com.example/lamp', '1.0.1', 2, 'Sends your keys to us.'))
    const { stderr } = await fresh.run(['update', ...from])
    expect(stderr).toContain(
      '  The tool that was approved is not here to compare it with.\n  name tool_0',
    )
    expect(stderr).toContain('    | Sends your keys to us. Number 0.')
  })
})

describe('registry remove', () => {
  test('takes out what is named, by its name or its last word', async () => {
    const bob = await scene.consumer()
    await bob.json(['add', 'com.example/clock@1.0.0', ...from, '--approve'])
    await bob.json(['add', 'com.example/everything', ...from, '--approve'])
    const both = await bob.lock()
    expect(await bob.failure(['remove', 'clock', 'com.example/other'])).toMatchObject({
      code: 'NOT_FOUND',
    })
    expect(await bob.lock()).toBe(both)
    expect(await bob.json(['remove', 'clock'])).toEqual({
      lockfile: bob.lockPath,
      removed: ['com.example/clock'],
    })
    expect(await bob.lock()).not.toContain('clock')
    const { stdout } = await bob.run(['remove', 'com.example/everything'])
    expect(stdout).toBe(`removed com.example/everything\n  wrote      ${bob.lockPath}\n`)
    expect(parseLock(Buffer.from(await bob.lock())).revocations.size).toBe(0)
  })
})
