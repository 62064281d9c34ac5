// A question to the node that shares a store: what it answers, and that no node, or one that does not know, is no answer.

import { afterAll, beforeAll, expect, test } from 'vitest'
import { askNode, openLevelStore, type Store, shareStore } from '../../src/store/index.ts'
import { newFolder } from './folders.ts'

let folder: string
let store: Store

beforeAll(async () => {
  folder = await newFolder()
  store = await openLevelStore(folder)
})
afterAll(() => store[Symbol.asyncDispose]())

test('the node answers in its own words, to everybody who asks', async () => {
  let asked = 0
  const status = async (): Promise<string> => {
    asked += 1
    return `{"asked":${asked}}`
  }
  await using _sharing = await shareStore(store, folder, { status })
  expect(await askNode(folder, 'status')).toBe('{"asked":1}')
  expect(await askNode(folder, 'status')).toBe('{"asked":2}')
})

test('what it does not know is no answer, whatever it is called', async () => {
  await using _sharing = await shareStore(store, folder)
  for (const about of ['status', '__proto__', 'toString', '']) {
    expect(await askNode(folder, about)).toBeUndefined()
  }
})

test('without a node there is nobody to ask', async () => {
  expect(await askNode(folder, 'status')).toBeUndefined()
})

test('an answer that fails is the failure, told as one', async () => {
  const status = async (): Promise<string> => {
    throw new Error('broken')
  }
  await using _sharing = await shareStore(store, folder, { status })
  await expect(askNode(folder, 'status')).rejects.toMatchObject({ code: 'UNEXPECTED' })
})
