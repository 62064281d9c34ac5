// Words of witnesses that no announcement brought: asked of peers where they are missing or old, and not otherwise.

import { expect, onTestFinished, test } from 'vitest'
import { RegistryError } from '../../../src/lib/index.ts'
import { addWitness, createGatherWords } from '../../../src/registry/index.ts'
import { localSource } from '../../../src/resolve/index.ts'
import { openPublisher, toolkit } from '../../support/publisher.ts'
import { cosigned, openWitness } from '../../support/witness.ts'

const START = new Date('2026-06-01T00:00:00Z')
const HOUR = 3_600_000

async function openScene() {
  const alice = await openPublisher()
  onTestFinished(() => alice[Symbol.asyncDispose]())
  await alice.publish(toolkit('weather', '1.0.0'))
  const { store } = alice.workspace
  const note = await localSource(store).checkpoint(alice.id)
  const clock = { now: START }
  const scene = {
    ...{ alice, store, clock, answer: note, asked: 0 },
    words: createGatherWords(store, { wants: () => true, now: () => clock.now }),
    source: {
      checkpoint: async () => {
        scene.asked += 1
        return scene.answer
      },
    },
  }
  return { scene, note }
}

test('without a witness that is known nobody is asked', async () => {
  const { scene } = await openScene()
  expect(await scene.words.from(scene.source)).toBe(0)
  expect(scene.asked).toBe(0)
})

test('a word that is missing or old is asked for, kept, and then served', async () => {
  const { scene, note } = await openScene()
  const [known, stranger] = [openWitness('a.example/w'), openWitness('b.example/w')]
  await addWitness(scene.store, known.vkey, undefined)
  expect(await scene.words.from(scene.source)).toBe(0)
  expect(scene.asked).toBe(1)
  scene.answer = cosigned(note, [known, START], [stranger, START])
  expect(await scene.words.from(scene.source)).toBe(1)
  expect(await localSource(scene.store).checkpoint(scene.alice.id)).toEqual(
    cosigned(note, [known, START]),
  )
  expect(await scene.words.from(scene.source)).toBe(0)
  expect(scene.asked).toBe(2)
  scene.clock.now = new Date(Number(START) + 3 * HOUR)
  expect(await scene.words.from(scene.source)).toBe(0)
  expect(scene.asked).toBe(3)
})

test('a peer without the log, or with another state of it, changes nothing; one that is gone is told', async () => {
  const { scene, note } = await openScene()
  const known = openWitness('a.example/w')
  await addWitness(scene.store, known.vkey, undefined)
  await scene.alice.publish(toolkit('weather', '1.1.0'))
  scene.answer = cosigned(note, [known, START])
  expect(await scene.words.from(scene.source)).toBe(0)
  const failing = (code: 'NOT_FOUND' | 'PEER_UNAVAILABLE') => ({
    checkpoint: () => Promise.reject(new RegistryError(code, 'No.')),
  })
  expect(await scene.words.from(failing('NOT_FOUND'))).toBe(0)
  await expect(scene.words.from(failing('PEER_UNAVAILABLE'))).rejects.toThrow('No.')
})
