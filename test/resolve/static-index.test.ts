// Index nodes that a hostile publisher has signed: they hash to what they are named by, and lead nowhere they should not.

import { expect, test } from 'vitest'
import { type Cid, cidOf } from '../../src/cid/index.ts'
import { utf8 } from '../../src/lib/index.ts'
import { readIndexPath } from '../../src/resolve/static/index-path.ts'

const NAME = 'com.example/weather'

async function refusal(...nodes: readonly string[]) {
  const asked: string[] = []
  const blocks = new Map(nodes.map((text) => [cidOf(utf8(text)) as string, utf8(text)]))
  const root = cidOf(utf8(nodes.at(-1) ?? ''))
  const read = async (cid: Cid) => {
    asked.push(cid)
    return { url: `https://tools.example/${cid}`, bytes: blocks.get(cid) ?? utf8('{}') }
  }
  const error = await readIndexPath({ root, name: NAME }, { label: 'tools.example', read }).then(
    (path) => path.length,
    (error: unknown) => error,
  )
  return { error, asked }
}

const everywhere = (cid: string): string => {
  const digits = ['', ...'0123456789abcdef']
  return JSON.stringify({ children: Object.fromEntries(digits.map((digit) => [digit, cid])) })
}

test.each(['../../../etc/passwd', 'https://other.example/', '', 'BAFKREI'])(
  't34-path-traversal: a child named %j is not asked for',
  async (child) => {
    const { error, asked } = await refusal(everywhere(child))
    expect(error).toMatchObject({
      code: 'PEER_MISBEHAVED',
      message: 'The index of the log at tools.example is not one.',
      details: {
        expected: 'CIDs as children',
        got: 'something else',
        next: 'Nothing of it was kept. Ask another peer; if the answer is the same, tell the publisher.',
      },
    })
    expect(asked).toHaveLength(1)
  },
)

test('a way without end is left', async () => {
  const nodes = [JSON.stringify({ entries: {} })]
  for (let i = 0; i < 80; i++) nodes.push(everywhere(cidOf(utf8(nodes.at(-1) ?? ''))))
  const { error, asked } = await refusal(...nodes)
  expect(error).toMatchObject({
    code: 'PEER_MISBEHAVED',
    details: { expected: 'at most 66 nodes', got: 'a longer way' },
  })
  expect(asked).toHaveLength(66)
})

test.each([
  'null',
  '[]',
  '7',
  '"x"',
  'not JSON',
  '',
  '{"entries":null}',
  '{"children":null}',
  '{"children":7}',
])('%j as a node is refused, or leads to nothing', async (text) => {
  const { error, asked } = await refusal(text)
  if (typeof error !== 'number') expect(error).toMatchObject({ code: 'PEER_MISBEHAVED' })
  expect(asked).toHaveLength(1)
})

test('a leaf that names something else than a CID', async () => {
  const { error } = await refusal(JSON.stringify({ entries: { [NAME]: '../x' } }))
  expect(error).toMatchObject({ code: 'PEER_MISBEHAVED' })
})
