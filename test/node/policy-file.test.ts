// Which trust policy is used, and which names are private: of every policy in reach.

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { homeAt } from '../../src/node/home.ts'
import {
  findPolicyFile,
  findPrivateNamespaces,
  openPolicy,
  type PolicyPlace,
} from '../../src/node/policy-file.ts'
import { openWitness } from '../support/witness.ts'

let root: string
let place: PolicyPlace

const hiding = (namespace: string) => `version = 1\n[private]\nnamespaces = ["${namespace}"]\n`

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'toolmark-policy-'))
  const [folder, home] = [join(root, 'project'), homeAt(join(root, 'home'), {})]
  await mkdir(folder)
  await mkdir(home.folder)
  place = { folder, home, environment: {} }
})

afterEach(() => rm(root, { recursive: true }))

const write = (path: string, text = 'version = 1') => writeFile(join(root, path), text)

describe('the policy', () => {
  test('is the nearest of those that are there', async () => {
    expect(await findPolicyFile(place)).toBeUndefined()
    await write('home/trust.toml')
    expect(await findPolicyFile(place)).toBe(join(root, 'home', 'trust.toml'))
    await write('project/trust.toml')
    expect(await findPolicyFile(place)).toBe(join(root, 'project', 'trust.toml'))
    const environment = { TOOLMARK_POLICY: '../env.toml' }
    expect(await findPolicyFile({ ...place, environment })).toBe(join(root, 'env.toml'))
    const file = join(root, 'flag.toml')
    expect(await findPolicyFile({ ...place, environment, file })).toBe(file)
  })

  test('denies everything where there is none', async () => {
    const { policy, path, quorum } = await openPolicy(place)
    expect({ path, quorum, rows: policy.publishers }).toEqual({
      path: undefined,
      quorum: undefined,
      rows: [],
    })
  })

  test('that is named is used, or nothing is', async () => {
    await write('project/trust.toml')
    const missing = join(root, 'missing.toml')
    await expect(openPolicy({ ...place, file: missing })).rejects.toMatchObject({
      code: 'FILE_UNAVAILABLE',
      message: 'The trust policy cannot be read.',
      details: {
        expected: missing,
        got: 'ENOENT',
        next: 'Check the path, or write one there: `registry trust init`.',
      },
    })
    await expect(openPolicy({ ...place, file: '' })).rejects.toMatchObject({ code: 'USAGE' })
    const environment = { TOOLMARK_POLICY: missing }
    await expect(openPolicy({ ...place, environment })).rejects.toMatchObject({
      code: 'FILE_UNAVAILABLE',
    })
  })

  test('names its witnesses in a file beside it', async () => {
    await write('home/trust.toml', 'version = 1\n[quorum]\nfile = "witness.policy"')
    await expect(openPolicy(place)).rejects.toMatchObject({ code: 'FILE_UNAVAILABLE' })
    const witness = openWitness('w.example')
    await write('home/witness.policy', `witness W ${witness.vkey}\nquorum W\n`)
    expect((await openPolicy(place)).quorum).toMatchObject({
      kind: 'witness',
      witness: { name: 'w.example' },
    })
  })
})

describe('private namespaces', () => {
  test('are those of every policy in reach, whichever is used', async () => {
    await write('home/trust.toml', hiding('com.home'))
    await write('project/trust.toml', hiding('com.project'))
    await write('flag.toml', hiding('com.flag'))
    expect(await findPrivateNamespaces(place)).toEqual(['com.project', 'com.home'])
    const file = join(root, 'flag.toml')
    expect(await findPrivateNamespaces({ ...place, file })).toEqual([
      'com.flag',
      'com.project',
      'com.home',
    ])
  })

  test('are none where there is no policy, and an error where one cannot be read', async () => {
    expect(await findPrivateNamespaces(place)).toEqual([])
    await write('home/trust.toml', 'version = 1\n[privat]\nnamespaces = ["com.home"]')
    await expect(findPrivateNamespaces(place)).rejects.toMatchObject({
      code: 'POLICY_INVALID',
      details: { line: 2, next: 'Did you mean "private"?' },
    })
  })
})
