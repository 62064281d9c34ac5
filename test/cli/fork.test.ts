// registry fork: a proof goes out as one line, comes in from a file, and refuses everything of its publisher.

import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { cidOf } from '../../src/cid/index.ts'
import { makeForkBytes } from '../support/fork-file.ts'
import { makeFolder, registry, registryJson, type TestFolder } from '../support/registry.ts'

let folder: TestFolder
let proof: string
let cid: string
let publisher: string
beforeAll(async () => {
  folder = await makeFolder()
  proof = join(folder.path, 'fork.json')
  const bytes = await makeForkBytes()
  cid = cidOf(bytes)
  publisher = JSON.parse(Buffer.from(bytes).toString()).publisher
  await writeFile(proof, bytes)
})
afterAll(() => folder[Symbol.asyncDispose]())

test('import, list, show, export, and import at another home', async () => {
  const home = join(folder.path, 'bob')
  expect((await registry(['fork', 'list'], { home })).stderr).toContain('No publisher is known')
  const imported = await registryJson(['fork', 'import', proof], { home })
  const fork = { publisher, fork: cid, heads: imported.heads }
  expect(imported).toEqual({ ...fork, imported: true })
  expect(imported.heads.map(({ size }: { size: number }) => size)).toEqual([2, 2])
  expect((await registryJson(['fork', 'import', proof], { home })).imported).toBe(false)
  expect(await registryJson(['fork', 'list'], { home })).toEqual({ forks: [fork] })
  expect(await registryJson(['fork', 'show', cid], { home })).toEqual(fork)
  const shown = await registry(['fork', 'show', cid], { home })
  expect(shown.stdout).toContain(`FORKED ${publisher}`)
  expect(shown.stdout).toContain(`2 entries with root ${imported.heads[1].root}`)

  const { stdout } = await registry(['fork', 'export', cid], { home })
  expect(stdout).toBe(`${await readFile(proof, 'utf8')}\n`)
  const copy = join(folder.path, 'copy.json')
  await writeFile(copy, stdout)
  const carol = join(folder.path, 'carol')
  expect((await registryJson(['fork', 'import', copy], { home: carol })).fork).toBe(cid)
  const out = join(folder.path, 'out')
  const { files } = await registryJson(['fork', 'export', cid, '--out', out], { home: carol })
  expect(files).toEqual([join(out, `${cid}.json`)])
  expect(await readFile(files[0], 'utf8')).toBe(await readFile(proof, 'utf8'))
})

test('everything of the publisher is refused with 7, in words that say what to do', async () => {
  const home = join(folder.path, 'dave')
  await registryJson(['fork', 'import', proof], { home })
  const name = `${publisher}/weather`
  for (const args of [
    ['verify', name],
    ['show', name],
    ['pull', name, '--from', '/ip4/127.0.0.1/tcp/9'],
    ['pull', name, '--from', '/ip4/127.0.0.1/tcp/9', '--from', '/ip4/127.0.0.1/tcp/8'],
  ]) {
    const { status, stderr } = await registry(args, { home })
    expect(status, args.join(' ')).toBe(7)
    expect(stderr).toContain('error FORKED This publisher has signed two histories of its log.')
    expect(stderr).toContain(`expected one log of ${publisher}, which only grows`)
    expect(stderr).toContain('got      2 entries with root ')
    expect(stderr).toContain('and 2 entries with root ')
    expect(stderr).toContain(`next     Do not use its tools. \`registry fork export ${cid}\``)
  }
})

test('what is no proof is refused and changes nothing', async () => {
  const home = join(folder.path, 'eve')
  const bad = join(folder.path, 'bad.json')
  await writeFile(bad, (await readFile(proof, 'utf8')).replace('"fork/v1"', '"fork/v2"'))
  const { status, stderr } = await registry(['fork', 'import', bad], { home })
  expect(status).toBe(13)
  expect(stderr).toContain('This is not a fork proof.')
  expect(stderr).toContain('expected "fork/v1"')
  expect(await registryJson(['fork', 'list'], { home })).toEqual({ forks: [] })
  const missing = await registry(['fork', 'show', cid], { home })
  expect(missing.status).toBe(4)
  const used = await registry(['fork', 'import'], { home })
  expect(used.status).toBe(2)
  expect(used.stderr).toContain('expected list, show CID, export CID, import FILE, or accept CID')
})

test('accept asks a log that says it has recovered; without one the publisher stays refused', async () => {
  const home = join(folder.path, 'frank')
  await registryJson(['fork', 'import', proof], { home })
  const before = await registryJson(['fork', 'list'], { home })
  const none = await registry(['fork', 'accept', cid, '--yes'], { home })
  expect(none.status).toBe(15)
  expect(none.stderr).toContain('There is no peer to ask.')
  expect(await registryJson(['fork', 'list'], { home })).toEqual(before)
  expect((await registry(['verify', `${publisher}/weather`], { home })).status).toBe(7)
})
