// The public sigstore-conformance suite, by file and by digest: in this process, and a few cases of each kind through the built command.

import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { beforeAll, describe, expect, test } from 'vitest'
import { registryHere } from '../../support/in-process.ts'
import { registry } from '../../support/registry.ts'
import { type ConformanceCase, readConformance } from './bundles.ts'

const cases = readConformance() ?? []
const home = tmpdir()

/** MISMATCH, POLICY or MALFORMED: about the bundle, and never a mistake of ours or of the caller. */
const REFUSALS = [10, 11, 13]

describe.skipIf(cases.length === 0)('sigstore-conformance', () => {
  let runs: readonly Run[]
  beforeAll(async () => {
    runs = await runAll()
  })

  test('positives: every good bundle is accepted, by file and by digest', () => {
    const good = runs.filter(({ isGood }) => isGood)
    expect(good.length).toBeGreaterThanOrEqual(2 * 16)
    expect(good.filter(({ status }) => status !== 0)).toEqual([])
  })

  test('negatives: every bad one is refused for what it is', () => {
    const bad = runs.filter(({ isGood }) => !isGood)
    expect(bad.length).toBeGreaterThanOrEqual(2 * 36)
    expect(bad.filter(({ status }) => !REFUSALS.includes(status ?? 0))).toEqual([])
  })

  test('file and digest get the same answer', () => {
    const [files, digests] = [true, false].map((isFile) =>
      runs
        .filter((run) => run.isFile === isFile)
        .map(({ name, status, code }) => `${name} ${status} ${code}`),
    )
    expect(digests).toEqual(files)
  })

  test.each([
    'happy-path-v0.1',
    'managed-key-happy-path',
    'rekor2-dsse-happy-path',
    'wrong-material_fail',
    'rekor2-no-timestamp_fail',
    'bundle-malformed-json_fail',
  ])(
    'the built command: %s',
    async (name) => {
      const found = cases.find((candidate) => candidate.name === name)
      if (found === undefined) throw new Error(`${name} is not there`)
      const runs = targetsOf(found).map((target) => registry([...found.words, target], { home }))
      for (const { status, stdout } of await Promise.all(runs)) {
        expect(found.isGood ? [0] : REFUSALS).toContain(status)
        expect(stdout.startsWith('accepted ')).toBe(found.isGood)
      }
    },
    60_000,
  )
})

interface Run {
  readonly name: string
  readonly isGood: boolean
  readonly isFile: boolean
  readonly status: number | null
  readonly code: string | undefined
}

async function runAll(): Promise<readonly Run[]> {
  const runs: Run[] = []
  for (const one of cases) {
    const [file, digest] = targetsOf(one)
    for (const target of [file, digest]) {
      const { status, stdout } = await registryHere(['--json', ...one.words, target], { home })
      const { code } = JSON.parse(stdout).error ?? {}
      runs.push({ name: one.name, isGood: one.isGood, isFile: target === file, status, code })
    }
  }
  return runs
}

function targetsOf({ artifact }: ConformanceCase): readonly [string, string] {
  const digest = createHash('sha256').update(readFileSync(artifact)).digest('hex')
  return [artifact, `sha256:${digest}`]
}
