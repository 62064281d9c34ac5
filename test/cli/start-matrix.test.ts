// The table of exit codes (docs/architecture.md, section 3), through `registry verify --locked`: each is reached by breaking one thing in a
// set-up that is good. What is good stays offline, also by what the kernel says.

import { execFileSync, spawnSync } from 'node:child_process'
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { ClassicLevel } from 'classic-level'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { cidOf, parseCid } from '../../src/cid/index.ts'
import type { Process } from '../../src/cli/command.ts'
import { run } from '../../src/cli/run.ts'
import { utf8 } from '../../src/lib/index.ts'
import { formatPin } from '../../src/resolve/index.ts'
import { type PublisherId, parsePublisherId, publisherIdOf } from '../../src/spec/index.ts'
import { openLevelStore, type RecordKey } from '../../src/store/index.ts'
import { blockKey } from '../../src/store/level/keys.ts'
import { parsePolicy } from '../../src/trust/policy/index.ts'
import { allow, type Consumer, type LockedScene, openLockedScene } from '../support/locked.ts'
import { toolkit } from '../support/publisher.ts'
import { REGISTRY } from '../support/registry.ts'
import { cosigned, openWitness } from '../support/witness.ts'

const NAME = 'com.example/weather'
const MAPS = 'com.example/maps'
const DAY = 24 * 60 * 60_000
const witness = openWitness('w1.example')
const VERIFY = ['verify', '--locked']
const maps = {
  ...toolkit(MAPS, '1.0.0'),
  tools: [{ ...toolkit(MAPS, '1.0.0').tools[0], name: 'find_place' }],
}

let scene: LockedScene
/** Somebody who has done everything right; each test takes a copy. */
let good: Consumer
let homes = 0

// biome-ignore lint/suspicious/noExplicitAny: a lockfile that is changed on purpose.
type Lock = any

beforeAll(async () => {
  scene = await openLockedScene()
  await scene.publish(toolkit(NAME, '1.0.0'), maps)
  good = await scene.consumer()
  for (const name of [NAME, MAPS]) {
    await good.json(['add', name, '--from', scene.web.url, '--approve', '--by', 'bob'])
  }
})
afterAll(() => scene[Symbol.asyncDispose]())

async function copy(): Promise<Consumer> {
  const fresh = await scene.consumer()
  const home = `${fresh.home}-copy-${homes++}`
  await cp(good.home, home, { recursive: true })
  const { registryHere } = await import('../support/in-process.ts')
  return {
    home,
    lockPath: join(home, 'tools.lock.json'),
    run: (args, how = {}) => registryHere(args, { home, ...how }),
    json: async (args) => JSON.parse((await registryHere(['--json', ...args], { home })).stdout),
    failure: async (args) =>
      JSON.parse((await registryHere(['--json', ...args], { home })).stdout).error,
    lock: () => readFile(join(home, 'tools.lock.json'), 'utf8'),
  }
}

async function editLock(consumer: Consumer, edit: (lock: Lock) => void): Promise<void> {
  const lock = JSON.parse(await consumer.lock())
  edit(lock)
  await writeFile(consumer.lockPath, JSON.stringify(lock, null, 2))
}

async function inStore(
  { home }: Consumer,
  change: Parameters<Awaited<ReturnType<typeof openLevelStore>>['commit']>[0],
): Promise<void> {
  await using store = await openLevelStore(join(home, 'store'))
  await store.commit(change)
}

const evidence = (): RecordKey => ({
  table: 'evidence',
  key: `${NAME}@1.0.0/${scene.publisher}`,
})

/** The refusal, the same in words and in JSON. */
async function refusal(consumer: Consumer, ...words: readonly string[]) {
  const args = [...VERIFY, ...words]
  const { status, stderr } = await consumer.run(args)
  const { code, verdict, exit, message, expected, got, next } = await consumer.failure(args)
  expect(exit).toBe(status)
  expect(stderr).toContain(`error ${verdict} ${message}`)
  expect(next, 'it says what to do').toBeTruthy()
  return { status, code, verdict, message, expected, got, next }
}

describe('every exit code', () => {
  test('0: one line a release', async () => {
    const bob = await copy()
    expect(await bob.run(VERIFY)).toEqual({
      status: 0,
      stdout: `VERIFIED ${MAPS}@1.0.0  1 tool\nVERIFIED ${NAME}@1.0.0  2 tools\n`,
      stderr: '',
    })
    const answer = await bob.json(VERIFY)
    expect(answer).toMatchObject({
      verdict: 'VERIFIED',
      lockfile: bob.lockPath,
      policy: join(bob.home, 'trust.toml'),
      warnings: [],
    })
    const lock = JSON.parse(await bob.lock())
    const { tools, ...release } = lock.releases[NAME]
    const { statement: _statement, ...said } = release
    expect(answer.releases[1]).toEqual({
      name: NAME,
      ...said,
      tools: Object.entries<Lock>(tools).map(([name, { cid, surface }]) => ({
        name,
        visibleName: name,
        cid,
        surface,
      })),
    })
  })

  test('0: the publisher itself, from the log it writes', async () => {
    const bob = await copy()
    const home = join(scene.folder, 'publisher')
    const { registryHere } = await import('../support/in-process.ts')
    const files = ['--lockfile', bob.lockPath, '--policy', join(bob.home, 'trust.toml')]
    expect(await registryHere([...VERIFY, ...files], { home })).toMatchObject({ status: 0 })
  })

  test('1: an output that breaks', async () => {
    const { home } = await copy()
    const said: string[] = []
    const stderr = Object.assign(
      new Writable({
        write: (chunk, _encoding, done) => {
          said.push(String(chunk))
          done()
        },
      }),
      { isTTY: false },
    )
    const stdout = {
      write: () => {
        throw new Error('the disk of the log is gone')
      },
    }
    const process = { env: {}, stdout, stderr, once: () => {} }
    const status = await run(['--home', home, ...VERIFY], process as unknown as Process)
    expect(status).toBe(1)
    expect(said.join('')).toContain('UNEXPECTED')
  })

  test('2: words that it would not listen to', async () => {
    expect(await refusal(await copy(), NAME, '--max-age', '3d')).toEqual({
      status: 2,
      code: 'USAGE',
      verdict: 'USAGE',
      message: '`verify --locked` takes its words from lockfile and policy.',
      expected: '--lockfile, --policy, --frozen, --require-fresh or --prefixed',
      got: `${NAME} --max-age`,
      next: 'Leave these out, or verify without `--locked`.',
    })
  })

  test('3: the proof is gone, the bytes are not', async () => {
    const bob = await copy()
    await inStore(bob, { remove: [evidence()] })
    expect(await refusal(bob)).toEqual({
      status: 3,
      code: 'UNSIGNED',
      verdict: 'UNSIGNED',
      message: `The bytes of ${NAME}@1.0.0 are here, but nothing that proves who signed them.`,
      expected: `the proof of log entry 1 of ${scene.publisher}`,
      got: 'nothing',
      next: 'Do not use it. Fetch it with its proof: `registry install`.',
    })
  })

  test('3: t21-signature-stripping: the proof is there without its signatures', async () => {
    const bob = await copy()
    await using store = await openLevelStore(join(bob.home, 'store'))
    const [value] = await store.findRecords([evidence()])
    const fields = JSON.parse(Buffer.from(value ?? []).toString())
    fields.entry.bundles = []
    await store.commit({ put: [{ ...evidence(), value: utf8(JSON.stringify(fields)) }] })
    await store[Symbol.asyncDispose]()
    expect(await refusal(bob)).toMatchObject({ status: 3, code: 'UNSIGNED' })
  })

  test('4: bytes that are not here', async () => {
    const bob = await copy()
    const { cid } = JSON.parse(await bob.lock()).releases[NAME].tools.tool_1
    await inStore(bob, { drop: [parseCid(cid)] })
    expect(await refusal(bob)).toEqual({
      status: 4,
      code: 'NOT_FOUND',
      verdict: 'NOT_FOUND',
      message: `The tool tool_1 of ${NAME} is locked, and its bytes are not here.`,
      expected: cid,
      got: 'nothing',
      next: `Fetch what is locked: \`registry install\`; or take it out: \`registry remove ${NAME}\`.`,
    })
  })

  test('4: no lockfile', async () => {
    const bob = await copy()
    await rm(bob.lockPath)
    expect(await refusal(bob)).toMatchObject({
      status: 4,
      code: 'NOT_FOUND',
      message: `There is no lockfile at ${bob.lockPath}.`,
      got: 'nothing',
    })
  })

  test('5: t01-rollback: the lockfile has seen more of the log than this store', async () => {
    const bob = await copy()
    await editLock(bob, ({ releases }) => Object.assign(releases[NAME].log, { size: 9 }))
    expect(await refusal(bob)).toEqual({
      status: 5,
      code: 'ROLLBACK',
      verdict: 'ROLLBACK',
      message: `Less is known here of the log of ${NAME} than when the lockfile was written.`,
      expected: 'at least 9 entries',
      got: '3 entries',
      next: 'Learn what the lockfile knows: `registry install`. If this store was restored from a backup, that is why.',
    })
  })

  test('5: t18-stale-revocation: the lockfile knows of more withdrawals', async () => {
    const bob = await copy()
    await editLock(bob, ({ revocations }) => {
      revocations[scene.publisher] = 1
    })
    expect(await refusal(bob)).toMatchObject({
      status: 5,
      code: 'ROLLBACK',
      expected: `at least 1 revocations of ${scene.publisher}`,
      got: '0 revocations',
    })
  })

  test('6: t02-freeze: nobody has seen the log lately, and that is asked for', async () => {
    const bob = await witnessed(new Date(Date.now() - 8 * DAY))
    const { status, stdout, stderr } = await bob.run(VERIFY)
    expect({ status, stdout }).toMatchObject({
      status: 0,
      stdout: `VERIFIED ${NAME}@1.0.0  2 tools\n`,
    })
    expect(stderr).toMatch(/^warning: com\.example\/weather@1\.0\.0 goes on although it is STALE: /)
    const { warnings } = await bob.json(VERIFY)
    expect(warnings).toMatchObject([{ kind: 'stale', name: NAME, version: '1.0.0' }])
    expect(await refusal(bob, '--require-fresh')).toMatchObject({
      status: 6,
      code: 'STALE',
      message: `Nothing says that what is known here of ${NAME}@1.0.0 is still so.`,
      expected: 'its log seen by enough witnesses within the last 7 days',
    })
  })

  test('6: and not, when they have', async () => {
    const bob = await witnessed(new Date(Date.now() - DAY))
    expect(await bob.run([...VERIFY, '--require-fresh'])).toMatchObject({ status: 0, stderr: '' })
  })

  test('7: t05-split-view: the lockfile has seen another history', async () => {
    const bob = await copy()
    await editLock(bob, ({ releases }) =>
      Object.assign(releases[NAME].log, { size: 3, root: 'f'.repeat(64) }),
    )
    const found = await refusal(bob)
    expect(found).toMatchObject({
      status: 7,
      code: 'FORKED',
      message: `The log of ${NAME} has another history here than the one in the lockfile.`,
      expected: `3 entries with root ${'f'.repeat(64)}`,
      next: 'Do not use this publisher’s tools. Find out with whoever wrote the lockfile which log they were shown.',
    })
    expect(found.got).toMatch(/^3 entries with root [0-9a-f]{64}$/)
  })

  test('7: two histories meet in one lockfile', async () => {
    const bob = await copy()
    await editLock(bob, ({ releases }) => {
      Object.assign(releases[NAME].log, { size: 2, root: 'e'.repeat(64) })
      Object.assign(releases[MAPS].log, { index: 1, size: 2, root: 'f'.repeat(64) })
    })
    // Seen before anything else is asked about positions.
    expect((await refusal(bob)).status).toBe(10)
    await editLock(bob, ({ releases }) => {
      Object.assign(releases[NAME].log, { size: 3, root: 'e'.repeat(64) })
      Object.assign(releases[MAPS].log, { index: 2, size: 3, root: 'f'.repeat(64) })
    })
    expect(await refusal(bob)).toMatchObject({ status: 7, code: 'FORKED' })
  })

  test('8: the policy means another publisher by the namespace', async () => {
    const bob = await copy()
    const other = publisherIdOf(utf8('mallory'))
    await writeFile(join(bob.home, 'trust.toml'), allow(other))
    expect(await refusal(bob)).toMatchObject({
      status: 8,
      code: 'PUBLISHER_CHANGED',
      expected: `${other}, named by the policy`,
      got: scene.publisher,
    })
  })

  test('8 and 11: the policy leaves it to the pin', async () => {
    const bob = await copy()
    const text = allow(scene.publisher).replace(/^id = .*\n/m, '')
    await writeFile(join(bob.home, 'trust.toml'), text)
    const other = publisherIdOf(utf8('mallory'))
    const pinned = (publisher: PublisherId) =>
      formatPin({
        namespace: 'com.example',
        publisher,
        how: 'flag',
        since: new Date(0).toISOString(),
      })
    // Under a policy that the lock was not written under everything is looked at again; under its own only what may have changed.
    for (const policy of [allow(scene.publisher), text]) {
      await editLock(bob, (lock) => {
        lock.policy = parsePolicy(policy).digest
      })
      await inStore(bob, { put: [pinned(parsePublisherId(scene.publisher))] })
      expect((await bob.run(VERIFY)).status).toBe(0)
      await inStore(bob, { put: [pinned(other)] })
      expect(await refusal(bob)).toMatchObject({
        status: 8,
        code: 'PUBLISHER_CHANGED',
        expected: `${other}, pinned at first use`,
        got: scene.publisher,
      })
      await inStore(bob, { remove: [pinned(other)] })
      expect(await refusal(bob)).toMatchObject({ status: 11, code: 'PUBLISHER_UNPINNED' })
    }
  })

  test('9: t18-stale-revocation: one contact is enough to learn that it is revoked', async () => {
    await using other = await openLockedScene()
    await other.publish(toolkit(NAME, '1.0.0'))
    const bob = await other.consumer()
    await bob.json(['add', NAME, '--from', other.web.url, '--approve'])
    await other.say('revoke', `${NAME}@1.0.0`, '--reason', 'leaks its input', '--yes')
    expect((await bob.run(VERIFY)).status).toBe(0)
    await bob.run(['pull', NAME, '--from', other.web.url])
    expect(await refusal(bob)).toEqual({
      status: 9,
      code: 'REVOKED',
      verdict: 'REVOKED',
      message: `${NAME}@1.0.0 was revoked by its publisher.`,
      expected: 'bytes that may be used',
      got: 'leaks its input',
      next: 'Stop using it, and ask the publisher what to use instead.',
    })
  })

  test('10: a surface that is not the one that was locked', async () => {
    const bob = await copy()
    const surface = `sha256-${'0'.repeat(64)}`
    await editLock(bob, ({ releases }) => Object.assign(releases[NAME].tools.tool_0, { surface }))
    expect(await refusal(bob)).toMatchObject({
      status: 10,
      code: 'LOCK_MISMATCH',
      message: `What a model would see of tool_0 in ${NAME}@1.0.0 is not what the lockfile says.`,
      expected: surface,
      next: 'Do not use it. Take the last good lockfile out of version control; if it was never right, `registry update`.',
    })
  })

  test.each([
    [
      'a tool under the name of another',
      (tools: Lock) => Object.assign(tools, { tool_0: tools.tool_1 }),
    ],
    [
      'a tool that the release does not have',
      (tools: Lock) => Object.assign(tools, { tool_9: tools.tool_1 }),
    ],
  ])('10: %s', async (_what, change) => {
    const bob = await copy()
    await editLock(bob, ({ releases }) => change(releases[NAME].tools))
    expect(await refusal(bob)).toMatchObject({ status: 10, code: 'LOCK_MISMATCH' })
  })

  test.each([
    ['another version', { version: '1.0.1' }, 'LOCK_MISMATCH'],
    ['another statement', { statement: cidOf(utf8('x')) }, 'LOCK_MISMATCH'],
    ['another position', { log: { index: 0, size: 3, root: 'f'.repeat(64) } }, 'LOCK_MISMATCH'],
  ])('10: %s', async (_what, change, code) => {
    const bob = await copy()
    await editLock(bob, ({ releases }) => Object.assign(releases[NAME], change))
    expect(await refusal(bob)).toMatchObject({ status: 10, code })
  })

  test('11: a tool that nobody has approved', async () => {
    const bob = await copy()
    const { cid } = JSON.parse(await bob.lock()).releases[NAME].tools.tool_0
    await editLock(bob, ({ releases }) => delete releases[NAME].tools.tool_0.approved)
    expect(await refusal(bob)).toEqual({
      status: 11,
      code: 'UNAPPROVED',
      verdict: 'POLICY',
      message: `Nobody has approved the tool tool_0 of ${NAME}@1.0.0.`,
      expected: `an approval of ${cid}`,
      got: 'none',
      next: `Look at what a model would see, and decide: \`registry update ${NAME} --approve\`.`,
    })
  })

  test('11: t40-rug-pull: an approval of other bytes is none', async () => {
    const bob = await copy()
    const other = cidOf(utf8('before'))
    await editLock(bob, ({ releases }) =>
      Object.assign(releases[NAME].tools.tool_0.approved, { cid: other }),
    )
    expect(await refusal(bob)).toMatchObject({
      status: 11,
      code: 'UNAPPROVED',
      got: `an approval of ${other}`,
    })
  })

  test.each([
    ['an empty policy', ''],
    ['a policy that speaks of others', 'version = 1\nquorum = "none"\n'],
  ])('11: %s', async (_what, policy) => {
    const bob = await copy()
    await writeFile(join(bob.home, 'trust.toml'), policy)
    expect(await refusal(bob)).toMatchObject({ status: 11, code: 'PUBLISHER_UNTRUSTED' })
  })

  test('11: no policy at all', async () => {
    const bob = await copy()
    await rm(join(bob.home, 'trust.toml'))
    expect(await refusal(bob)).toMatchObject({ status: 11, code: 'PUBLISHER_UNTRUSTED' })
  })

  test('12: one byte of a block is rotten on the disk', async () => {
    const bob = await copy()
    const { cid } = JSON.parse(await bob.lock()).releases[NAME].tools.tool_0
    const db = new ClassicLevel<Uint8Array, Uint8Array>(join(bob.home, 'store', 'db'), {
      keyEncoding: 'view',
      valueEncoding: 'view',
    })
    const key = blockKey(parseCid(cid))
    const bytes = Buffer.from((await db.get(key)) ?? [])
    bytes.writeUInt8(bytes.readUInt8(20) ^ 1, 20)
    await db.put(key, bytes, { sync: true })
    await db.close()
    expect(await refusal(bob)).toMatchObject({ status: 12, code: 'STORE_CORRUPT' })
  })

  test('13: a lockfile that was not merged to the end', async () => {
    const bob = await copy()
    const lock = await bob.lock()
    await writeFile(bob.lockPath, lock.replace('  "releases"', '<<<<<<< HEAD\n  "releases"'))
    expect(await refusal(bob)).toMatchObject({
      status: 13,
      code: 'LOCK_INVALID',
      got: 'the marks of a merge conflict',
    })
  })

  test('13: a policy with a word that nobody knows', async () => {
    const bob = await copy()
    const path = join(bob.home, 'trust.toml')
    await writeFile(path, `${await readFile(path, 'utf8')}treshold = 1\n`)
    expect(await refusal(bob)).toMatchObject({ status: 13, code: 'POLICY_INVALID' })
  })

  test('14: nothing is locked', async () => {
    const bob = await copy()
    await editLock(bob, (lock) => Object.assign(lock, { releases: {} }))
    expect(await refusal(bob)).toEqual({
      status: 14,
      code: 'NOTHING_TO_VERIFY',
      verdict: 'NOTHING_TO_VERIFY',
      message: 'The lockfile locks no tool, so none is verified.',
      expected: 'at least one release in the lockfile',
      got: 'none',
      next: 'Begin with `registry add NAME`.',
    })
  })

  test('15: a policy that was named and is not there', async () => {
    const bob = await copy()
    const policy = join(bob.home, 'other.toml')
    expect(await refusal(bob, '--policy', policy)).toMatchObject({
      status: 15,
      code: 'FILE_UNAVAILABLE',
      expected: policy,
      got: 'ENOENT',
    })
  })

  test('15: a folder in the place of the lockfile', async () => {
    const bob = await copy()
    await rm(bob.lockPath)
    await mkdir(bob.lockPath)
    expect(await refusal(bob)).toMatchObject({ status: 15, code: 'FILE_UNAVAILABLE' })
  })
})

describe('--frozen', () => {
  test('insists on the very policy that the lockfile was written under', async () => {
    const bob = await copy()
    expect((await bob.run([...VERIFY, '--frozen'])).status).toBe(0)
    const path = join(bob.home, 'trust.toml')
    await writeFile(path, `${await readFile(path, 'utf8')}# changed\n`)
    expect((await bob.run(VERIFY)).status).toBe(0)
    expect(await refusal(bob, '--frozen')).toMatchObject({
      status: 10,
      code: 'LOCK_OUTDATED',
      message: 'The lockfile was written under another trust policy, and it is frozen.',
      expected: JSON.parse(await bob.lock()).policy,
      next: 'Run `registry update` where a person can look, and commit the lockfile with the policy.',
    })
  })
})

describe('two tools of one name', () => {
  test('t40-shadowing: are refused, unless the name says whose they are', async () => {
    await using other = await openLockedScene()
    await other.publish(toolkit(NAME, '1.0.0'), toolkit(MAPS, '1.0.0'))
    const carol = await other.consumer()
    for (const name of [NAME, MAPS]) {
      await carol.run(['add', name, '--from', other.web.url, '--approve'])
    }
    expect(await refusal(carol)).toEqual({
      status: 11,
      code: 'TOOL_SHADOWED',
      verdict: 'POLICY',
      message: 'Two locked tools would be seen under the one name tool_0.',
      expected: 'one tool a name',
      got: `${MAPS}#tool_0 and ${NAME}#tool_0`,
      next: 'Take one of them out (`registry remove`), or load them with `names: "prefixed"` (`--prefixed`).',
    })
    const { releases } = await carol.json([...VERIFY, '--prefixed'])
    expect(
      releases.flatMap(({ tools }: Lock) => tools).map(({ visibleName }: Lock) => visibleName),
    ).toEqual([
      'com_example_maps__tool_0',
      'com_example_maps__tool_1',
      'com_example_weather__tool_0',
      'com_example_weather__tool_1',
    ])
  })
})

/** A consumer who added the tools when a witness had last seen the log at this time. */
async function witnessed(time: Date): Promise<Consumer> {
  const other = await openLockedScene()
  await other.publish(toolkit(NAME, '1.0.0'))
  const file = join(other.folder, 'public', other.publisher, 'checkpoint')
  const note = await readFile(file)
  const policy = allow(other.publisher)
    .replace('quorum = "none"\n', '')
    .replace('default = "deny"\n', '')
  const bob = await other.consumer(`${policy}\n[quorum]\nfile = "witness.policy"\n`)
  await writeFile(join(bob.home, 'witness.policy'), `witness w1 ${witness.vkey}\nquorum w1\n`)
  await writeFile(file, cosigned(note, [witness, new Date()]))
  await bob.json(['add', NAME, '--from', other.web.url, '--approve'])
  await other.web[Symbol.asyncDispose]()
  await agedTo(bob, other.publisher, cosigned(note, [witness, time]))
  return bob
}

/** As if the very same state had been seen at another time: the clock of this machine stays. */
async function agedTo({ home }: Consumer, publisher: string, note: Uint8Array): Promise<void> {
  await using store = await openLevelStore(join(home, 'store'))
  const keys: readonly RecordKey[] = [
    { table: 'evidence', key: `${NAME}@1.0.0/${publisher}` },
    { table: 'seen', key: publisher },
  ]
  const found = await store.findRecords(keys)
  const base64 = Buffer.from(note).toString('base64')
  const [pulled, seen] = found.map((value) => JSON.parse(Buffer.from(value ?? []).toString()))
  const put = [
    { ...keys[0], value: utf8(JSON.stringify({ ...pulled, checkpoint: base64 })) },
    { ...keys[1], value: utf8(JSON.stringify({ ...seen, note: base64 })) },
  ]
  await store.commit({ put: put as never })
}

describe('offline', () => {
  test('the process opens no connection, and needs no network at all', async () => {
    const bob = await copy()
    const command = [process.execPath, REGISTRY, '--home', bob.home, ...VERIFY]
    const options = { cwd: bob.home, encoding: 'utf8' } as const
    if (has('strace')) {
      const traced = spawnSync(
        'strace',
        ['-f', '-e', 'trace=connect,sendto,socket', ...command],
        options,
      )
      expect(traced.stdout).toContain('VERIFIED')
      expect(traced.stderr.split('\n').filter((line) => /AF_INET|AF_NETLINK/.test(line))).toEqual(
        [],
      )
    } else console.warn('skipped: strace is not here')
    if (spawnSync('unshare', ['-n', 'true']).status === 0) {
      const alone = spawnSync('unshare', ['-n', ...command], options)
      expect(alone).toMatchObject({ status: 0, stderr: '' })
    } else console.warn('skipped: no network namespace can be made here')
  })
})

function has(program: string): boolean {
  try {
    execFileSync('which', [program], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
