// registry pin, the question at first use, and who is never asked.

import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { homeAt } from '../../src/node/home.ts'
import { openWorkspace } from '../../src/node/workspace.ts'
import { namespaceStatement } from '../../src/registry/namespace/evidence.ts'
import { parsePublisherId } from '../../src/spec/index.ts'
import { openSigner, signStatement } from '../../src/trust/index.ts'
import { type Here, registryHere } from '../support/in-process.ts'
import {
  makeFolder,
  type Ran,
  type RunningNode,
  registryJson,
  startNode,
  type TestFolder,
} from '../support/registry.ts'
import { HELLO, writeToolkit } from './toolkits.ts'

const NAMESPACE = 'io.github.alice'
const NAME = `${NAMESPACE}/hello`
const TIME = /\d{4}-\d\d-\d\dT[\d:.]+Z/

let folder: TestFolder
let node: RunningNode
let alice: string
let mallory: string
let count = 0

beforeAll(async () => {
  folder = await makeFolder()
  const home = join(folder.path, 'alice')
  alice = (await registryJson(['init'], { home })).publisher
  mallory = (await registryJson(['init'], { home: join(folder.path, 'mallory') })).publisher
  const files = [NAME, 'com.example/hello'].map((name) =>
    writeToolkit(folder.path, { ...HELLO, name }),
  )
  await registryJson(['publish', ...(await Promise.all(files))], { home })
  node = await startNode({ home })
})
afterAll(async () => {
  await node[Symbol.asyncDispose]()
  await folder[Symbol.asyncDispose]()
})

const newHome = (): string => join(folder.path, `home-${count++}`)
const TERMINAL = { stdin: true, stderr: true }

function pull(here: Here, ...more: readonly string[]): Promise<Ran> {
  return registryHere(['pull', NAME, '--from', String(node.addresses[0]), ...more], here)
}

async function pinsAt(home: string) {
  return JSON.parse((await registryHere(['--json', 'pin', 'list'], { home })).stdout).pins
}

async function pinnedHome(): Promise<string> {
  const home = newHome()
  expect((await pull({ home }, '--publisher', alice)).status).toBe(0)
  return home
}

describe('the question at first use', () => {
  test('shows who claims what, and a yes pins it', async () => {
    const home = newHome()
    const pulled = await pull({ home, ...TERMINAL, answer: 'yes\n' })
    expect(pulled.status).toBe(0)
    expect(pulled.stdout).toContain(`VERIFIED ${NAME}@1.0.0\n  publisher  ${alice}\n`)
    expect(pulled.stderr).toContain(
      [
        `No publisher is pinned to ${NAMESPACE} here.`,
        `  publisher  ${alice}`,
        `  claimed    to ${node.addresses[0]}, by releases under that namespace`,
        '  evidence   none here: anybody can claim any namespace',
        'Is that the id the publisher gives for itself? [y/N] ',
      ].join('\n'),
    )
    expect(await pinsAt(home)).toEqual([
      {
        namespace: NAMESPACE,
        publisher: alice,
        since: expect.stringMatching(TIME),
        how: 'prompt',
      },
    ])
    const again = await pull({ home, ...TERMINAL })
    expect([again.status, again.stderr.includes('[y/N]')]).toEqual([0, false])
  })

  test.each(['\n', 'no\n', 'yess\n', 'sure\n', '\u0003', '\u0004'])('%j is no', async (answer) => {
    const home = newHome()
    const pulled = await pull({ home, ...TERMINAL, answer })
    expect([pulled.status, pulled.stdout]).toEqual([11, ''])
    expect(pulled.stderr).toContain('[y/N]')
    expect(pulled.stderr).toContain('code     PUBLISHER_UNPINNED (exit 11)')
    expect(await pinsAt(home)).toEqual([])
  })

  test.each([
    ['without terminals', {}, []],
    ['when only the input is one', { stdin: true }, []],
    ['when only the errors go to one', { stderr: true }, []],
    ['with --json', TERMINAL, ['--json']],
  ] as const)('is not asked %s', async (_when, streams, more) => {
    const home = newHome()
    const pulled = await pull({ home, ...streams, answer: 'yes\n' }, ...more)
    expect(pulled.status).toBe(11)
    expect(pulled.stdout + pulled.stderr).not.toContain('[y/N]')
    expect(await pinsAt(home)).toEqual([])
  })
})

describe('what was found at the domain is shown with the question', () => {
  test.each([
    ['this id', () => alice],
    ['ANOTHER ID, p…', () => mallory],
  ])('%s', async (text, named) => {
    const home = newHome()
    await registryHere(['init'], { home })
    const checkedAt = '2026-01-02T03:04:05.678Z'
    const where = '_toolmark.example.com'
    const publisher = parsePublisherId(named())
    const statement = namespaceStatement(
      { method: 'dns-txt', where, observed: `toolmark=${publisher}`, publishers: [publisher] },
      { namespace: 'com.example', publisher, checkedAt },
    )
    const signer = await openSigner(join(home, 'keys'), 'signing')
    const value = await signStatement(statement, signer)
    {
      await using workspace = await openWorkspace(homeAt(home, {}))
      const key = `namespace/com.example/${publisher}/dns-txt`
      await workspace.store.commit({ put: [{ table: 'self', key, value }] })
    }
    const asked = ['pull', 'com.example/hello', '--from', String(node.addresses[0])]
    const pulled = await registryHere(asked, { home, ...TERMINAL, answer: 'n\n' })
    expect(pulled.stderr).toContain(
      `  evidence   ${where} named ${text.replace('p…', mallory)} (${checkedAt})\nIs that`,
    )
  })
})

describe('list', () => {
  test('says who, since when and how', async () => {
    const home = await pinnedHome()
    const { stdout } = await registryHere(['pin', 'list'], { home })
    expect(stdout.replace(TIME, 'TIME')).toBe(
      `${NAMESPACE}\n  publisher  ${alice}\n  since      TIME, named by --publisher\n`,
    )
  })

  test('of nothing says how a pin is made', async () => {
    expect(await registryHere(['pin', 'list'], { home: newHome() })).toEqual({
      status: 0,
      stdout: '',
      stderr:
        'No pins here yet. One is made at first use: `registry pull NAMESPACE/NAME --publisher ID`.\n',
    })
  })
})

describe('accept', () => {
  const accept = (here: Here, ...more: readonly string[]): Promise<Ran> =>
    registryHere(['pin', 'accept', NAMESPACE, mallory, ...more], here)

  test('t12-namespace-takeover: a change is REBIND until it is accepted, and the text says how', async () => {
    const home = await pinnedHome()
    const rebound = await pull({ home }, '--publisher', mallory)
    expect(rebound).toEqual({
      status: 8,
      stdout: '',
      stderr: [
        `error REBIND ${NAMESPACE} belongs to another publisher here.`,
        `  expected ${alice}`,
        `  got      ${mallory}`,
        `  next     Do not accept it unless the publisher you know says so, elsewhere than here. If so: \`registry pin accept ${NAMESPACE} ${mallory}\`.`,
        '  code     PUBLISHER_CHANGED (exit 8)',
        '',
      ].join('\n'),
    })
    expect((await registryHere(['verify', NAME], { home })).status).toBe(0)
    expect((await registryHere(['verify'], { home })).status).toBe(0)

    const accepted = await accept({ home }, '--yes')
    expect(accepted).toEqual({
      status: 0,
      stdout: `${NAMESPACE} is pinned to another publisher now\n  old        ${alice}\n  new        ${mallory}\n`,
      stderr: '',
    })
    expect((await registryHere(['verify'], { home })).status).toBe(8)
  })

  test('asks on a terminal, and shows old and new first', async () => {
    const home = await pinnedHome()
    const refused = await accept({ home, ...TERMINAL, answer: 'n\n' })
    expect(refused.status).toBe(2)
    expect(refused.stderr.replace(TIME, 'TIME')).toContain(
      [
        `${NAMESPACE} would change hands here:`,
        `  old        ${alice}  (since TIME, named by --publisher)`,
        `  new        ${mallory}`,
        'Has the old publisher, or someone you trust, told you so? [y/N] ',
      ].join('\n'),
    )
    expect((await pinsAt(home))[0].publisher).toBe(alice)
    expect((await accept({ home, ...TERMINAL, answer: 'y\n' })).status).toBe(0)
    expect((await pinsAt(home))[0]).toMatchObject({ publisher: mallory, how: 'accepted' })
  })

  test('needs --yes where nobody can be asked', async () => {
    const home = await pinnedHome()
    const refused = await accept({ home })
    expect(refused.status).toBe(2)
    expect(refused.stderr.replace(TIME, 'TIME')).toBe(
      [
        `${NAMESPACE} would change hands here:`,
        `  old        ${alice}  (since TIME, named by --publisher)`,
        `  new        ${mallory}`,
        'error USAGE The pin stays as it is: nobody has said yes.',
        '  expected --yes, or an answer on a terminal',
        '  got      neither',
        `  next     If you are sure: \`registry pin accept ${NAMESPACE} ${mallory} --yes\`.`,
        '  code     USAGE (exit 2)',
        '',
      ].join('\n'),
    )
    expect((await accept({ home, ...TERMINAL, answer: 'y\n' }, '--json')).status).toBe(2)
    expect((await pinsAt(home))[0].publisher).toBe(alice)
  })

  test('with --json', async () => {
    const home = await pinnedHome()
    const json = async (): Promise<unknown> =>
      JSON.parse((await accept({ home }, '--json', '--yes')).stdout)
    const answer = {
      namespace: NAMESPACE,
      publisher: mallory,
      since: expect.stringMatching(TIME),
      how: 'accepted',
    }
    expect(await json()).toEqual({ ...answer, old: alice, changed: true })
    expect(await json()).toEqual({ ...answer, old: mallory, changed: false })
  })

  test('is for what is pinned', async () => {
    const refused = await accept({ home: newHome() }, '--yes')
    expect(refused.status).toBe(4)
    expect(refused.stderr).toContain(`No publisher is pinned to ${NAMESPACE} here.`)
  })
})

test('remove leads to a first use again', async () => {
  const home = await pinnedHome()
  const remove = ['pin', 'remove', NAMESPACE]
  expect((await registryHere(remove, { home })).stdout).toBe(
    `${NAMESPACE} is pinned to nobody any more\n`,
  )
  expect((await pull({ home })).status).toBe(11)
  expect((await registryHere(remove, { home })).status).toBe(4)
  await pull({ home }, '--publisher', alice)
  const { stdout } = await registryHere(['--json', ...remove], { home })
  expect(JSON.parse(stdout)).toEqual({ namespace: NAMESPACE, removed: true })
})

test('a name that looks like a pinned one is warned of, and not refused for it', async () => {
  const home = await pinnedHome()
  const asked = ['pull', 'io.github.a1ice/hello', '--from', String(node.addresses[0])]
  const pulled = await registryHere([...asked, '--publisher', alice], { home })
  expect(pulled.stderr.split('\n')[0]).toBe(
    `warning: io.github.a1ice looks like ${NAMESPACE}, which is known here. Be sure that you mean it.`,
  )
  expect(pulled.stderr).toContain('does not offer io.github.a1ice/hello')
})

test.each([
  [[], 2],
  [['list', NAMESPACE], 2],
  [['accept', NAMESPACE], 2],
  [['remove'], 2],
  [['accept', NAMESPACE, 'pabc'], 13],
  [['accept', 'alice', `p${'a'.repeat(52)}`], 13],
  [['remove', `p${'a'.repeat(52)}`], 13],
])('pin %j is refused', async (args, status) => {
  const ran = await registryHere(['pin', ...args], { home: newHome() })
  expect([ran.status, ran.stdout]).toEqual([status, ''])
  expect(ran.stderr).toMatch(/^ {2}next {5}\S/m)
})
