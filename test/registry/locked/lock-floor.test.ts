// The states of a log that a lockfile has seen hold for whoever uses the file, also on a machine that has never seen that log.

import { readFile, writeFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  installLocked,
  openLockFile,
  proposeAdd,
  proposeUpdate,
} from '../../../src/registry/index.ts'
import { makeDesk } from '../../support/desk-of.ts'
import { allow } from '../../support/locked.ts'
import { peerOf } from '../../support/publisher.ts'
import { consumer, NAME, OTHER, openScene, type Scene } from '../../support/scene.ts'

let scene: Scene
/** What somebody who has seen the whole log has locked. */
let lock: string

beforeAll(async () => {
  scene = await openScene()
  await using desk = await makeDesk(scene.alice.workspace, allow(scene.alice.id))
  const seeking = { peers: [peerOf(scene.alice.source)], ask: true }
  const workspace = { ...scene.alice.workspace, store: await consumer() }
  await desk.write(await proposeAdd(workspace, await desk.open(), { reference: NAME }, seeking))
  lock = await readFile(desk.path, 'utf8')
})
afterAll(() => scene[Symbol.asyncDispose]())

/** A machine that knows nothing but the lockfile. */
async function newcomer(text: string) {
  const workspace = { ...scene.alice.workspace, store: await consumer() }
  const desk = await makeDesk(workspace, allow(scene.alice.id))
  await writeFile(desk.path, text)
  return { workspace, desk }
}

const ROOT = /"root": "([0-9a-f]{64})"/

describe('a peer that shows less than the lockfile has seen (T1)', () => {
  const refusal = {
    code: 'ROLLBACK',
    message: 'The log of com.example/maps is shown in an older state than the lockfile has seen.',
    details: {
      expected: 'at least 5 entries',
      got: '3 entries',
      next: 'Nothing was written. Ask a peer that is up to date with `--from`; if all answer the same, the publisher has lost or withdrawn entries.',
    },
  }

  test('adds no other name of that publisher', async () => {
    const { workspace, desk } = await newcomer(lock)
    const seeking = { peers: [peerOf(scene.older)], ask: true }
    const adding = proposeAdd(workspace, await desk.open(), { reference: OTHER }, seeking)
    await expect(adding).rejects.toMatchObject(refusal)
    expect(await readFile(desk.path, 'utf8')).toBe(lock)
  })

  test('updates nothing', async () => {
    const { workspace, desk } = await newcomer(lock.replace('2.0.0', '1.0.0'))
    const seeking = { peers: [peerOf(scene.older)], ask: true }
    const request = { names: [], latest: true }
    const updating = proposeUpdate(workspace, await desk.open(), request, seeking)
    await expect(updating).rejects.toMatchObject({ code: 'ROLLBACK' })
  })
})

describe('a log with another history than the lockfile has seen (T5)', () => {
  const other = 'f'.repeat(64)

  test('at the same size', async () => {
    const { workspace, desk } = await newcomer(lock.replace(ROOT, `"root": "${other}"`))
    const seeking = { peers: [peerOf(scene.alice.source)], ask: true }
    const adding = proposeAdd(workspace, await desk.open(), { reference: OTHER }, seeking)
    await expect(adding).rejects.toMatchObject({
      code: 'FORKED',
      message: 'The log of com.example/maps shows another history than the lockfile has seen.',
      details: {
        expected: `a log that extends 5 entries with root ${other}`,
        got: `5 entries with root ${scene.floor.root}`,
        next: 'Nothing was written. Find out with whoever wrote the lockfile which log they saw, before you use anything of this publisher.',
      },
    })
  })

  test('at a smaller size, where the peer has to prove it', async () => {
    const smaller = lock.replace('"size": 5', '"size": 4').replace(ROOT, `"root": "${other}"`)
    const { workspace, desk } = await newcomer(smaller)
    const peers = [peerOf(scene.alice.source)]
    const installing = installLocked(workspace, await openLockFile(desk.path), peers)
    await expect(installing).rejects.toMatchObject({ code: 'FORKED' })
  })

  test('an earlier state of the same history is none', async () => {
    const store = await consumer()
    const workspace = { ...scene.alice.workspace, store }
    await using desk = await makeDesk(workspace, allow(scene.alice.id))
    const old = { peers: [peerOf(scene.older)], ask: true }
    await desk.write(await proposeAdd(workspace, await desk.open(), { reference: NAME }, old))
    const text = await readFile(desk.path, 'utf8')
    expect(text).toContain(`"size": ${scene.olderFloor.size}, "root": "${scene.olderFloor.root}"`)
    const other = await newcomer(text)
    const peers = [peerOf(scene.alice.source)]
    const file = await openLockFile(other.desk.path)
    expect(await installLocked(other.workspace, file, peers)).toMatchObject([
      { name: NAME, version: '1.0.0' },
    ])
  })
})
