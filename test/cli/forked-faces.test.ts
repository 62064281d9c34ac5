// A publisher that is known to have forked is FORKED at every face: exit 7, the proof named, and who served which head where that is known.

import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { findHead, makeForkProof } from '../../src/log/index.ts'
import { keepFork } from '../../src/registry/forks.ts'
import { openLevelStore } from '../../src/store/index.ts'
import { loadVerifier } from '../../src/trust/index.ts'
import { bringLog } from '../support/follower.ts'
import { forgeLog, forgeryOf } from '../support/forged-log.ts'
import { registryHere } from '../support/in-process.ts'
import { allow } from '../support/locked.ts'
import { openPublisher, type TestPublisher, toolkit } from '../support/publisher.ts'
import { makeFolder, type TestFolder } from '../support/registry.ts'
import { entryOf } from '../support/scene.ts'

let folder: TestFolder
let forker: TestPublisher
let home: string
let proof: string
let name: string
beforeAll(async () => {
  folder = await makeFolder()
  home = join(folder.path, 'carol')
  forker = await openPublisher()
  name = `${forker.id}/weather`
  await forker.publish(toolkit(name, '1.0.0'))
  const other = await forgeLog(forker, [forgeryOf(forker, toolkit(name, '2.0.0'))])
  const store = await openLevelStore(join(home, 'store'))
  await bringLog(store, forker)
  const shown = (await findHead(store, forker.id))?.checkpoint ?? new Uint8Array()
  const notes = [shown, await other.checkpoint(forker.id)] as const
  const { statement: genesis } = await entryOf(forker, 0)
  const { bytes } = makeForkProof({ publisher: forker.id, genesis, notes }, await loadVerifier())
  const root = (await findHead(store, forker.id))?.root
  const { fork } = await keepFork(store, bytes, (head) =>
    head.root === root ? '/ip4/192.0.2.1/tcp/1' : '/ip4/192.0.2.2/tcp/2',
  )
  proof = fork
  await store[Symbol.asyncDispose]()
  await writeFile(join(home, 'trust.toml'), allow(forker.id, forker.id))
})
afterAll(async () => {
  await forker[Symbol.asyncDispose]()
  await folder[Symbol.asyncDispose]()
})

test('what refuses, refuses with both heads and who served them', async () => {
  const nowhere = ['--from', '/ip4/127.0.0.1/tcp/9']
  for (const args of [
    ['verify', name],
    ['show', name],
    ['pull', name, ...nowhere],
    ['add', name, '--approve', ...nowhere],
    ['export', forker.id, '--static', join(folder.path, 'public')],
  ]) {
    const { status, stderr, stdout } = await registryHere(args, { home })
    expect([status, stdout], args.join(' ')).toEqual([7, ''])
    expect(stderr).toContain('error FORKED This publisher has signed two histories of its log.')
    expect(stderr).toMatch(/2 entries with root [0-9a-f]{64}, from \/ip4\/192\.0\.2\.1\/tcp\/1/)
    expect(stderr).toMatch(/2 entries with root [0-9a-f]{64}, from \/ip4\/192\.0\.2\.2\/tcp\/2/)
    expect(stderr).toContain(`registry fork export ${proof}`)
  }
})

test('what only shows, shows it beside everything of that publisher', async () => {
  const list = await registryHere(['list'], { home })
  expect(list.status).toBe(7)
  expect(list.stdout).toBe(`${name}@1.0.0  followed  ${forker.id}  FORKED\n`)
  expect(list.stderr).toContain('has signed two histories of its log: do not use its tools.')
  const json = await registryHere(['--json', 'list'], { home })
  expect(json.status).toBe(7)
  expect(JSON.parse(json.stdout).releases).toMatchObject([{ from: 'followed', forked: proof }])
  const log = await registryHere(['log', forker.id], { home })
  expect(log.status).toBe(7)
  expect(log.stderr).toContain(`FORKED ${forker.id}: see \`registry fork show ${proof}\`.`)
  const shown = await registryHere(['fork', 'show', proof], { home })
  expect(shown.stdout).toContain(', from /ip4/192.0.2.1/tcp/1')
})

test('a node where all is well ends with 0', async () => {
  const well = join(folder.path, 'dave')
  expect(await registryHere(['list'], { home: well })).toMatchObject({ status: 0, stdout: '' })
})
