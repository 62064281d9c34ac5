// `pull --out`: names of tools come from strangers and become names of files. What is there already is never replaced.

import { mkdir, readdir, readFile, readlink, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  type Answer,
  makeFolder,
  type RunningNode,
  registry,
  registryJson,
  startNode,
  type TestFolder,
} from '../support/registry.ts'
import { GREET, HELLO, writeToolkit } from './toolkits.ts'

/** Each is a good name of a tool, and no good name of a file: on some system, or beside the others. */
const ODD = [
  'CON',
  'nul.txt',
  'Com1',
  'lpt9.a.b',
  'Aux',
  '.hidden',
  '...',
  '-rf',
  'ends.',
  'same',
  'SAME',
  'Same',
]
const PLAIN = ['plain', 'with.dot', 'con_', 'console', 'a..b', 'x'.repeat(128), '_a', '7']

let folder: TestFolder
let node: RunningNode
let bob: string
let hello: Answer
let odd: Answer

beforeAll(async () => {
  folder = await makeFolder()
  const alice = join(folder.path, 'alice')
  bob = join(folder.path, 'bob')
  await registryJson(['init'], { home: alice })
  const tools = [...ODD, ...PLAIN].map((name) => ({
    ...GREET,
    name,
    description: `It is ${name}.`,
  }))
  const files = [
    await writeToolkit(folder.path, HELLO),
    await writeToolkit(folder.path, { ...HELLO, name: 'odd', tools }),
  ]
  const { releases } = await registryJson(['publish', ...files], { home: alice })
  hello = releases[0]
  odd = releases[1]
  node = await startNode({ home: alice })
})
afterAll(async () => {
  await node[Symbol.asyncDispose]()
  await folder[Symbol.asyncDispose]()
})

const at = (name: string): string => join(folder.path, name)

function pull(name: string, out: string) {
  return registry(['pull', name, '--from', String(node.addresses[0]), '--out', out], { home: bob })
}

test('a tool whose name is no good file name is written under its CID', async () => {
  const out = at('odd')
  expect((await pull(odd.name, out)).status).toBe(0)
  const cids: string[] = odd.tools
    .filter(({ name }: Answer) => ODD.includes(name))
    .map(({ cid }: Answer) => cid)
  expect(cids).toHaveLength(ODD.length)
  const expected = [...cids, ...PLAIN].map((name) => `${name}.json`)
  expect((await readdir(join(out, 'tools'))).sort()).toEqual(expected.sort())
  expect((await readdir(out)).sort()).toEqual(['SHA256SUMS', 'release.json', 'tools'])
})

test('the same files again are fine', async () => {
  const out = at('again')
  expect((await pull(hello.name, out)).status).toBe(0)
  expect((await pull(hello.name, out)).status).toBe(0)
})

test.each(['release.json', 'tools/greet.json', 'SHA256SUMS'])(
  'a different %s is left as it is',
  async (name) => {
    const out = at(`kept-${name.replace('/', '-')}`)
    await mkdir(join(out, 'tools'), { recursive: true })
    const path = join(out, name)
    await writeFile(path, 'mine')
    const refused = await pull(hello.name, out)
    expect(refused.status).toBe(15)
    expect(refused.stderr).toBe(
      [
        `error UNAVAILABLE The file ${path} exists already, with other content.`,
        '  expected a new file',
        '  got      a different file',
        '  next     Move it away, or choose another folder with `--out`.',
        '  code     FILE_EXISTS (exit 15)',
        '',
      ].join('\n'),
    )
    expect(await readFile(path, 'utf8')).toBe('mine')
    const files = await readdir(out, { recursive: true })
    expect(files.filter((file) => file.endsWith('.tmp'))).toEqual([])
  },
)

test('links are not followed', async () => {
  const target = at('target')
  await mkdir(target)
  await symlink(target, at('linked'))
  const linked = await pull(hello.name, at('linked'))
  expect(linked.status).toBe(15)
  expect(linked.stderr).toContain(
    'error UNAVAILABLE The output folder is a link or not a folder.\n',
  )

  await mkdir(at('inner'))
  await symlink(target, join(at('inner'), 'tools'))
  expect((await pull(hello.name, at('inner'))).status).toBe(15)

  await mkdir(at('file'))
  await symlink(join(target, 'release.json'), join(at('file'), 'release.json'))
  const file = await pull(hello.name, at('file'))
  expect(file.stderr).toContain('  got      a link\n')
  expect(await readlink(join(at('file'), 'release.json'))).toBe(join(target, 'release.json'))
  expect(await readdir(target)).toEqual([])
})

test('a file where the folder should be, or above it', async () => {
  await writeFile(at('occupied'), '')
  for (const out of [at('occupied'), join(at('occupied'), 'below')]) {
    const refused = await pull(hello.name, out)
    expect(refused.status).toBe(15)
    expect(refused.stderr).toContain('code     FILE_UNAVAILABLE (exit 15)')
  }
})
