// registry install, outdated and audit: what is locked is fetched and nothing else, and what speaks against it is found.

import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { allow, type Consumer, type LockedScene, openLockedScene } from '../support/locked.ts'
import { toolkit } from '../support/publisher.ts'
import { openWitness } from '../support/witness.ts'

const NAME = 'com.example/weather'
const MAPS = 'com.example/maps'

/** Under names of their own: no agent could load two of one name. */
const maps = {
  ...toolkit(MAPS, '1.0.0'),
  tools: toolkit(MAPS, '1.0.0').tools.map((tool) => ({
    ...tool,
    name: tool.name.replace('tool', 'map'),
  })),
}

let scene: LockedScene
let from: readonly string[]
let bob: Consumer

beforeAll(async () => {
  scene = await openLockedScene()
  from = ['--from', scene.web.url]
  await scene.publish(toolkit(NAME, '1.0.0'), maps)
  bob = await scene.consumer()
  await bob.json(['add', NAME, ...from, '--approve', '--by', 'bob'])
  await bob.json(['add', MAPS, ...from, '--approve', '--by', 'bob'])
})
afterAll(() => scene[Symbol.asyncDispose]())

/** Another machine that gets Bob's lockfile with the project. */
async function colleague(change: (lock: string) => string = (lock) => lock): Promise<Consumer> {
  const carol = await scene.consumer()
  await writeFile(carol.lockPath, change(await bob.lock()))
  return carol
}

describe('registry install', () => {
  test('fetches all that is locked, and a second time nothing', async () => {
    const carol = await colleague()
    const lock = await carol.lock()
    const { lockfile, releases } = await carol.json(['install', ...from])
    expect(lockfile).toBe(carol.lockPath)
    expect(releases).toEqual([
      { name: MAPS, version: '1.0.0', from: scene.web.url, fetched: 3, warnings: [] },
      { name: NAME, version: '1.0.0', from: scene.web.url, fetched: 3, warnings: [] },
    ])
    const before = scene.web.served.length
    const { stdout } = await carol.run(['install', ...from])
    expect(stdout).toBe(`VERIFIED ${MAPS}@1.0.0  held here\nVERIFIED ${NAME}@1.0.0  held here\n`)
    expect(scene.web.served.length).toBe(before)
    expect(await carol.lock()).toBe(lock)
  })

  test('goes on where it was cut', async () => {
    const carol = await colleague()
    let blocks = 0
    scene.web.lie = (path, response) => {
      if (path.includes('block')) blocks += 1
      if (blocks <= 4) return false
      response.writeHead(503).end()
      return true
    }
    const cut = await carol.run(['install', ...from])
    scene.web.lie = undefined
    expect(cut.status).toBe(15)
    expect((await carol.json(['install', ...from])).releases).toMatchObject([
      { name: MAPS, from: null, fetched: 0 },
      // The release itself had come before the cut; its two tools had not.
      { name: NAME, from: scene.web.url, fetched: 2 },
    ])
  })

  test.each([
    ['release', /"release": "(bafkrei\w+)"/, 'The release'],
    ['statement', /"statement": "(bafkrei\w+)"/, 'The statement'],
    ['tool', /"cid": "(bafkrei\w+)",\n {10}"surface"/, 'The tool map_0'],
  ])('refuses another %s than the locked one', async (_what, pattern, subject) => {
    const other = 'bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku'
    const carol = await colleague((lock) => {
      const [whole = '', cid = ''] = pattern.exec(lock) ?? []
      return lock.replace(whole, whole.replace(cid, other))
    })
    const lock = await carol.lock()
    const refused = await carol.failure(['install', ...from])
    expect(refused).toMatchObject({
      code: 'LOCK_MISMATCH',
      exit: 10,
      message: `${subject} of ${MAPS}@1.0.0 is not the locked one.`,
      next: 'Do not use it. A publisher cannot change a version: find out who has changed the lockfile, or which peer lies.',
    })
    if (subject !== 'The tool map_0') expect(refused.expected).toBe(other)
    expect(await carol.lock()).toBe(lock)
  })

  test('an empty lockfile is nothing to verify', async () => {
    const carol = await colleague(() => '{"lockVersion":1,"releases":{},"revocations":{}}')
    expect(await carol.failure(['install'])).toMatchObject({
      code: 'NOTHING_TO_VERIFY',
      exit: 14,
      message: `Nothing is locked in ${carol.lockPath}.`,
      expected: 'at least one release',
      got: 'none',
      next: 'Add one: `registry add NAME`.',
    })
  })

  test('--frozen wants the lockfile as this policy would have it', async () => {
    const carol = await colleague()
    await carol.json(['install', '--frozen', ...from])
    await writeFile(join(carol.home, 'trust.toml'), `${allow(scene.publisher)}\n# changed\n`)
    expect(await carol.failure(['install', '--frozen'])).toMatchObject({
      code: 'LOCK_OUTDATED',
      got: 'the policy it was written under, or the form of the file',
    })
    await carol.json(['install'])
  })

  test('a version that was yanked since goes on, with a warning', async () => {
    const lamp = 'com.example/lamp'
    await scene.publish(toolkit(lamp, '1.0.0'))
    const erin = await scene.consumer()
    await erin.json(['add', lamp, ...from, '--approve'])
    await scene.say('yank', `${lamp}@1.0.0`, '--reason', 'flickers')
    const fresh = await scene.consumer()
    await writeFile(fresh.lockPath, await erin.lock())
    const { releases } = await fresh.json(['install', ...from])
    expect(releases[0].warnings).toMatchObject([{ kind: 'yanked' }])
    const found = await fresh.json(['audit'])
    expect(found).toMatchObject({ verdict: 'VERIFIED', findings: [{ kind: 'yanked', name: lamp }] })
  })
})

describe('registry outdated', () => {
  beforeAll(async () => {
    await scene.publish(toolkit(NAME, '1.2.0'), toolkit(NAME, '2.0.0'))
  })

  test('tells what an update would take, and what there is', async () => {
    expect(await bob.json(['outdated', ...from])).toEqual({
      lockfile: bob.lockPath,
      releases: [
        {
          name: MAPS,
          publisher: scene.publisher,
          locked: '1.0.0',
          wanted: '1.0.0',
          latest: '1.0.0',
          outdated: false,
        },
        {
          name: NAME,
          publisher: scene.publisher,
          locked: '1.0.0',
          wanted: '1.2.0',
          latest: '2.0.0',
          outdated: true,
        },
      ],
    })
    const { stdout, status } = await bob.run(['outdated', ...from])
    expect(status).toBe(0)
    expect(stdout).toBe(
      [
        'NAME                 LOCKED  WANTED  LATEST  PUBLISHER',
        `${MAPS}     1.0.0   1.0.0   1.0.0   ${scene.publisher}`,
        `${NAME}  1.0.0   1.2.0   2.0.0   ${scene.publisher}`,
        '',
      ].join('\n'),
    )
  })

  test('fetches nothing', async () => {
    const carol = await colleague()
    await carol.json(['outdated', ...from])
    expect(await carol.json(['list'])).toMatchObject({ releases: [] })
  })

  test('a peer that cannot be asked hides nothing, and is told', async () => {
    const { stdout, stderr, status } = await bob.run(['outdated', '--from', 'http://127.0.0.1:9/'])
    expect(status).toBe(0)
    expect(stdout).toContain(`${NAME}  1.0.0   ?       ?       ${scene.publisher}`)
    expect(stderr).toContain(`${NAME}: `)
    expect(stderr).toContain('(PEER_UNAVAILABLE)')
  })
})

describe('registry audit', () => {
  let carol: Consumer
  beforeEach(async () => {
    carol = await colleague()
    await carol.json(['install', ...from])
  })

  test('finds nothing where there is nothing', async () => {
    expect(await carol.json(['audit', ...from])).toEqual({
      lockfile: carol.lockPath,
      verdict: 'VERIFIED',
      offline: false,
      releases: 2,
      findings: [],
    })
    const { stdout, stderr } = await carol.run(['audit', '--offline'])
    expect(stdout).toBe('VERIFIED  0 findings about 2 locked releases\n')
    expect(stderr).toBe('Only what is known here: no peer was asked.\n')
  })

  test('what is locked and not here', async () => {
    const empty = await colleague()
    const { status, stdout } = await empty.run(['--json', 'audit'])
    expect(status).toBe(4)
    const { verdict, findings } = JSON.parse(stdout)
    expect(verdict).toBe('NOT_FOUND')
    expect(findings).toMatchObject([
      { kind: 'refused', verdict: 'NOT_FOUND', name: MAPS, next: 'Fetch it: `registry install`.' },
      { name: NAME },
    ])
  })

  test('another policy, and what it refuses now', async () => {
    await writeFile(join(carol.home, 'trust.toml'), `${allow(scene.publisher)}\n# changed\n`)
    expect(await carol.json(['audit'])).toMatchObject({
      verdict: 'VERIFIED',
      findings: [
        {
          kind: 'policy',
          message: 'The lockfile was last written under another policy.',
          next: 'Run `registry update` to go through it again.',
        },
      ],
    })
    await writeFile(join(carol.home, 'trust.toml'), allow(scene.publisher, 'com.other'))
    const { status, stdout } = await carol.run(['audit'])
    expect(status).toBe(11)
    expect(stdout).toContain(
      `POLICY refused  ${NAME}@1.0.0\n  The trust policy does not allow ${NAME}.\n`,
    )
  })

  test('a tool that nobody has approved', async () => {
    const open = (await carol.lock()).replace(/,\n *"approved": [^\n]*/, '')
    await writeFile(carol.lockPath, open)
    const { status, stdout } = await carol.run(['audit'])
    expect(status).toBe(11)
    expect(stdout).toContain(
      `POLICY unapproved  ${MAPS}@1.0.0#map_0\n  Nobody has approved map_0 as it is locked.\n  next       Look at it: \`registry update\`.\n`,
    )
    await carol.json(['update', '--approve', 'maps'])
    expect((await carol.run(['audit'])).status).toBe(0)
  })

  test('a peer that was named has to answer; one of some earlier day is only told', async () => {
    const named = await carol.run(['audit', '--from', 'http://127.0.0.1:9/'])
    expect(named.status).toBe(15)
    expect(named.stdout).toMatch(/^UNAVAILABLE unreached {2}com\.example\/maps@1\.0\.0$/m)
    const { url } = scene.web
    scene.web.lie = (_path, response) => {
      response.writeHead(503).end()
      return true
    }
    const remembered = await carol.run(['audit'])
    scene.web.lie = undefined
    expect(remembered.status).toBe(0)
    expect(remembered.stdout).toMatch(/^warning unreached {2}com\.example\/maps@1\.0\.0$/m)
    expect(url).toBe(scene.web.url)
  })

  test('a release that was deprecated, and one that was revoked', async () => {
    await scene.say('deprecate', `${MAPS}@1.0.0`, '--message', 'Use a globe.')
    const { findings } = await carol.json(['audit', ...from])
    expect(findings).toMatchObject([
      { kind: 'deprecated', name: MAPS, message: `${MAPS}@1.0.0 is deprecated: Use a globe.` },
    ])
    await scene.say('revoke', `${NAME}@1.0.0`, '--reason', 'leaks', '--yes')
    const { status, stdout } = await carol.run(['audit', ...from])
    expect(status).toBe(9)
    expect(stdout).toContain(
      `REVOKED refused  ${NAME}@1.0.0\n  ${NAME}@1.0.0 was revoked by its publisher.\n  next       Stop using it, and ask the publisher what to use instead.\n`,
    )
    expect(stdout).toMatch(/^REVOKED {2}2 findings about 2 locked releases$/m)
    // What one contact has told holds without another one (T18).
    expect((await carol.run(['audit', '--offline'])).status).toBe(9)
  })
})

test('a log that the witnesses of the policy have not seen is STALE: nothing new is locked, and audit says so', async () => {
  const erin = await scene.consumer()
  const lamp = 'com.example/torch'
  await scene.publish(toolkit(lamp, '1.0.0'))
  await erin.json(['add', lamp, ...from, '--approve'])
  const lock = await erin.lock()
  const witness = openWitness('witness.example')
  await writeFile(join(erin.home, 'witness.policy'), `witness one ${witness.vkey}\nquorum one\n`)
  const policy = allow(scene.publisher).replace(
    'quorum = "none"',
    'max_staleness = "7d"\n[quorum]\nfile = "witness.policy"',
  )
  const asked = `${policy}require = ["release-signature", "log-inclusion"]\n`
  await writeFile(join(erin.home, 'trust.toml'), asked)
  for (const verb of [['update'], ['add', lamp]]) {
    expect(await erin.failure([...verb, ...from, '--yes'])).toMatchObject({
      code: 'STALE',
      exit: 6,
    })
  }
  expect(await erin.lock()).toBe(lock)
  const { status, stdout } = await erin.run(['audit', ...from])
  expect(status).toBe(6)
  expect(stdout).toMatch(/^STALE refused {2}com\.example\/torch@1\.0\.0$/m)
})

test('two tools of one name are told of, for no agent could load both by it', async () => {
  const dave = await scene.consumer()
  await scene.publish(toolkit('com.example/radar', '1.0.0'), toolkit('com.example/sonar', '1.0.0'))
  await dave.json(['add', 'com.example/radar', ...from, '--approve'])
  expect((await dave.run(['verify', '--locked'])).status).toBe(0)
  const added = await dave.json(['add', 'com.example/sonar', ...from, '--approve'])
  const message =
    'tool_0 of com.example/sonar has the name of a tool of com.example/radar, which is locked: an agent can load both only with prefixed names.'
  expect(added.warnings).toContainEqual({ kind: 'shadowed', tool: 'tool_0', message })
  expect((await dave.run(['verify', '--locked'])).status).toBe(11)
  expect((await dave.run(['verify', '--locked', '--prefixed'])).status).toBe(0)
  const { findings } = await dave.json(['audit', '--offline'])
  expect(findings).toHaveLength(4)
  expect(findings).toContainEqual(expect.objectContaining({ kind: 'shadowed', message }))
})

describe('advisers', () => {
  const lamp = 'com.example/bulb'
  let adviser: LockedScene
  let tool: string
  const withAdviser = (effect: string): string =>
    `${allow(scene.publisher)}\n[[advisory]]\nid = "${adviser.publisher}"\neffect = "${effect}"\n`

  beforeAll(async () => {
    adviser = await openLockedScene()
    await scene.publish(toolkit(lamp, '1.0.0', 2, 'Lights up.'))
    const erin = await scene.consumer()
    const { tools } = await erin.json(['add', lamp, ...from, '--approve'])
    tool = tools[0].cid
    await adviser.say('revoke', tool, '--reason', 'burns the house', '--yes')
  })
  afterAll(() => adviser[Symbol.asyncDispose]())

  async function someone(effect: string): Promise<Consumer> {
    const dave = await scene.consumer(allow(scene.publisher))
    await dave.json(['add', lamp, ...from, '--approve'])
    await writeFile(join(dave.home, 'trust.toml'), withAdviser(effect))
    return dave
  }
  const both = () => [...from, '--from', adviser.web.url]

  test('one that was never heard is told', async () => {
    const dave = await someone('block')
    const { findings, verdict } = await dave.json(['audit', '--offline'])
    expect(verdict).toBe('VERIFIED')
    expect(findings).toMatchObject([
      { kind: 'policy' },
      {
        kind: 'unheard',
        publisher: adviser.publisher,
        message: `Nothing was ever heard of the adviser ${adviser.publisher} here.`,
        next: 'Ask a peer that has its log: `registry audit --from ADDRESS`.',
      },
    ])
  })

  test('"block" is as if the publisher had revoked it: audit, add and update', async () => {
    const dave = await someone('block')
    const { status, stdout } = await dave.run(['audit', ...both()])
    expect(status).toBe(9)
    expect(stdout).toContain(`REVOKED refused  ${lamp}@1.0.0\n`)
    for (const verb of [['update'], ['add', lamp]]) {
      const refused = await dave.failure([...verb, ...from, '--yes'])
      expect(refused).toMatchObject({ code: 'REVOKED', exit: 9 })
      expect(refused.got).toBe(`${adviser.publisher} against ${tool}: burns the house`)
    }
    // Nobody is warned of a tool that is not used.
    await dave.json(['remove', lamp])
    expect(await dave.json(['add', `${lamp}#tool_1`, ...from, '--approve'])).toMatchObject({
      tools: [{ name: 'tool_1' }],
    })
  })

  test('"warn" is told, and goes on', async () => {
    const dave = await someone('warn')
    const { verdict, findings } = await dave.json(['audit', ...both()])
    expect(verdict).toBe('VERIFIED')
    expect(findings.map(({ message }: { message: string }) => message)).toContain(
      `${adviser.publisher} warns of ${tool} in ${lamp}@1.0.0: burns the house`,
    )
    await dave.json(['update', ...from])
  })

  test('whom the policy does not name has no say', async () => {
    const dave = await scene.consumer()
    await dave.json(['add', lamp, ...from, '--approve'])
    const { findings } = await dave.json(['audit', ...both()])
    expect(findings).toEqual([])
  })
})

test('every command that needs a lockfile says so', async () => {
  const nobody = await scene.consumer()
  for (const verb of ['update', 'install', 'outdated', 'audit']) {
    expect(await nobody.failure([verb])).toMatchObject({
      code: 'NOT_FOUND',
      message: `There is no lockfile at ${nobody.lockPath}.`,
    })
  }
  expect(await nobody.failure(['remove', 'x'])).toMatchObject({ code: 'NOT_FOUND' })
  await rm(join(nobody.home, 'trust.toml'))
  expect(await readFile(bob.lockPath, 'utf8')).toContain(NAME)
})
