// One node holds the log key; machines elsewhere hold a signing key and submit. All are processes and folders of their own.

import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { homeAt } from '../../src/node/home.ts'
import { openWorkspace } from '../../src/node/workspace.ts'
import { checkLog, getOwnPublisher, listReleases, verifyName } from '../../src/registry/index.ts'
import { type Ended, type Running, runProgram } from '../support/processes.ts'
import {
  makeFolder,
  type Ran,
  type RunningNode,
  registry,
  registryJson,
  startNode,
  type TestFolder,
} from '../support/registry.ts'
import { HELLO, writeToolkit } from './toolkits.ts'

const EACH = 5
const HONEST = ['m0', 'm1', 'm2', 'm3', 'm4', 'm5', 'm6', 'm7']
const KILLED = HONEST.slice(0, 3)
const STRANGERS = ['s0', 's1']

let folder: TestFolder
let publisher: string
let address: string
let node: RunningNode

const homeOf = (name: string): string => join(folder.path, name)

beforeAll(async () => {
  folder = await makeFolder()
  publisher = (await registryJson(['init'], { home: homeOf('home') })).publisher
  const { text } = await registryJson(['key', 'export', 'signing', '--secret'], {
    home: homeOf('home'),
  })
  const keyFile = join(folder.path, 'signing.json')
  await writeFile(keyFile, text)
  for (const name of HONEST) {
    await registryJson(['key', 'import', 'signing', keyFile], { home: homeOf(name) })
  }
  for (const name of STRANGERS) await registryJson(['init'], { home: homeOf(name) })
  node = await startNode({ home: homeOf('home') }, '--accept-submissions')
  address = String(node.addresses[0])
})

afterAll(async () => {
  await node[Symbol.asyncDispose]()
  await folder[Symbol.asyncDispose]()
})

function submitAll(name: string): Running {
  return runProgram('submit-child', homeOf(name), address, publisher, name, String(EACH))
}

/** Killed at some moment of its second release, then started anew with the same words. */
async function killAndRestart(name: string, afterMs: number): Promise<Ended> {
  const first = submitAll(name)
  await first.printed(`${name}-0 published`)
  await setTimeout(afterMs)
  first.child.kill('SIGKILL')
  const { output } = await first.ended
  const { code, output: more } = await submitAll(name).ended
  return { code, output: `${output}${more}` }
}

function acksOf({ output }: Ended): readonly (readonly [string, string, number, number])[] {
  return [...output.matchAll(/^ack \S+\/(\S+) (\w+) (\d+) (\d+)$/gm)].map(
    ([, name = '', kind = '', seq, tries]) => [name, kind, Number(seq), Number(tries)] as const,
  )
}

describe('ten machines at once', () => {
  test('fill one unbroken log: every acknowledged release once, every stranger refused', async () => {
    const started = performance.now()
    const [killed, others, strangers] = await Promise.all([
      Promise.all(KILLED.map((name, i) => killAndRestart(name, i * 200))),
      Promise.all(HONEST.slice(KILLED.length).map((name) => submitAll(name).ended)),
      Promise.all(STRANGERS.map((name) => submitAll(name).ended)),
    ])
    const seconds = ((performance.now() - started) / 1000).toFixed(1)
    for (const { code, output } of [...killed, ...others]) {
      expect([code, code === 0 ? '' : output]).toEqual([0, ''])
    }
    for (const { code, output } of strangers) {
      const said = JSON.parse(output.trim().split('\n').at(-1) ?? '')
      expect([code, said.code, output]).toEqual([1, 'SIGNER_UNAUTHORIZED', output])
      expect(said.message).toContain('refused: The statement was not signed by a key that may sign')
    }
    const acks = [...killed, ...others].flatMap(acksOf)
    await node[Symbol.asyncDispose]()
    await using workspace = await openWorkspace(homeAt(homeOf('home'), {}))
    const { store } = workspace
    const { size } = await checkLog(store, await getOwnPublisher(store))
    const names = (await Array.fromAsync(listReleases(store))).map(({ name }) => name)
    const expected = HONEST.flatMap((name) =>
      Array.from({ length: EACH }, (_, i) => `${name}-${i}`),
    )
    expect(names.toSorted()).toEqual(expected.map((name) => `${publisher}/${name}`).toSorted())
    expect(size).toBe(1 + expected.length)
    // One name, one position, whoever was told of it and how often.
    const seqs = new Map(acks.map(([name, , seq]) => [name, seq]))
    expect([...seqs.keys()].toSorted()).toEqual(expected.toSorted())
    expect(new Set(seqs.values()).size).toBe(expected.length)
    for (const [name, , seq] of acks) expect([name, seqs.get(name)]).toEqual([name, seq])
    const tries = acks.map(([, , , count]) => count)
    const again = acks.filter(([, kind]) => kind === 'unchanged').length
    console.info(
      `ten machines, ${acks.length} acknowledgements, ${again} of them again: ${seconds} s; attempts ${tries.reduce((a, b) => a + b)}, at most ${Math.max(...tries)}`,
    )
  })

  test('each machine proves offline what it submitted', async () => {
    for (const name of HONEST) {
      await using workspace = await openWorkspace(homeAt(homeOf(name), {}))
      for (let i = 0; i < EACH; i++) {
        const { release } = await verifyName(workspace.store, `${publisher}/${name}-${i}@1.0.0`)
        expect(release.entry.publisher).toBe(publisher)
      }
    }
  })
})

describe('the words of the command', () => {
  let file: string
  beforeAll(async () => {
    file = await writeToolkit(folder.path, { ...HELLO, name: 'com.example/hello' })
    await node[Symbol.asyncDispose]()
    node = await startNode({ home: homeOf('home') }, '--accept-submissions')
    address = String(node.addresses[0])
  })

  const to = (...words: readonly string[]) => ['publish', file, '--to', address, ...words]
  const said = (ran: Ran) => JSON.parse(ran.stdout).error

  test('publish --to tells what is in the log now, and verify proves it here', async () => {
    const options = { home: homeOf('m7') }
    const first = await registry(to('--publisher', publisher), options)
    expect([first.stderr, first.status]).toEqual(['', 0])
    const line = /^Published com\.example\/hello@1\.0\.0 as entry (\d+) of the log$/m
    const seq = Number(line.exec(first.stdout)?.[1])
    const again = await registryJson(to(), options)
    expect(again.releases).toMatchObject([{ kind: 'unchanged', seq, publisher }])
    const { results } = await registryJson(['verify', 'com.example/hello'], options)
    expect(results).toMatchObject([{ verdict: 'VERIFIED', publisher }])
    const { entries } = await registryJson(['log'], { home: homeOf('home') })
    expect(entries.at(-1)).toMatchObject({ seq, name: 'com.example/hello' })
  })

  test('a stranger is told why, here and by the node', async () => {
    const home = homeOf('s0')
    const evil = await writeToolkit(folder.path, { ...HELLO, name: 'com.example/evil' })
    const words = ['--json', 'publish', evil, '--to', address, '--publisher', publisher]
    const here = await registry(words, { home })
    expect(said(here).message).toBe(
      'The keys here are not enough to sign this in the publisher’s name.',
    )
    const ran = await registry([...words, '--key-file', 'signing'], { home })
    expect([ran.status, ran.stderr]).toEqual([11, ''])
    expect(said(ran)).toMatchObject({
      code: 'SIGNER_UNAUTHORIZED',
      message: expect.stringMatching(/^The home node \S+ refused: The statement was not signed/),
      expected: expect.stringMatching(/^SHA256:/),
      got: expect.stringMatching(/^SHA256:/),
    })
  })

  test('--publisher without --to, a bare name without --publisher, the home node itself', async () => {
    const alone = await registry(['--json', 'publish', file, '--publisher', publisher], {
      home: homeOf('m7'),
    })
    expect([alone.status, said(alone).message]).toEqual([
      2,
      'Publishing here is publishing in your own log, by its key.',
    ])
    const bare = await writeToolkit(folder.path, HELLO)
    const unsaid = await registry(['--json', 'publish', bare, '--to', address], {
      home: homeOf('m6'),
    })
    expect([unsaid.status, said(unsaid).message]).toEqual([
      2,
      'This name does not say whose log it belongs in.',
    ])
    const own = await registry(['--json', ...to('--publisher', publisher)], {
      home: homeOf('home'),
    })
    expect([own.status, said(own).message]).toEqual([
      2,
      'This log is written here: there is no other home to submit to.',
    ])
  })

  test('a node that takes no submissions, and one that is no home', async () => {
    await node[Symbol.asyncDispose]()
    node = await startNode({ home: homeOf('home') })
    address = String(node.addresses[0])
    const next = await writeToolkit(folder.path, { ...HELLO, name: 'com.example/other' })
    const words = ['--json', 'publish', next, '--to', address, '--publisher', publisher]
    const ran = await registry(words, { home: homeOf('m7') })
    expect([ran.status, said(ran)]).toEqual([
      4,
      expect.objectContaining({
        code: 'NOT_FOUND',
        message: expect.stringMatching(/refused: This node takes no submissions\.$/),
      }),
    ])
    await using empty = await makeFolder()
    const home = join(empty.path, 'nobody')
    const noKey = await registry(['--json', 'serve', '--accept-submissions'], { home })
    expect([noKey.status, said(noKey).code]).toEqual([4, 'KEY_MISSING'])
  })
})
