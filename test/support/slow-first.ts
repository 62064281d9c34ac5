// The order of test files where no times of an earlier run are known, as in CI: vitest then goes by the size of a file, and the
// longest of all, which has four lines, came last and had one core for itself.

import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Each takes more than ten seconds, roughly the longest first. One that is missing here costs time and nothing else. */
const SLOW = [
  'network/convergence.test.ts',
  'network/convergence-more.test.ts',
  'corpora/publish-all-tools.test.ts',
  'threats/federation/strangers.test.ts',
  'resolve/static-lies.test.ts',
  'trust/sigstore/mutation.test.ts',
  'crash/publish.test.ts',
  'crash/pull.test.ts',
  'spec/deception/corpora.test.ts',
  'cli/concurrency.test.ts',
  'cli/lifecycle.test.ts',
  'cli/home-node.test.ts',
  'cli/output-safety.test.ts',
  'cli/guard.test.ts',
  'docs/cli.test.ts',
  'docs/readme.test.ts',
  'network/three-machines.test.ts',
  'cli/two-nodes.test.ts',
  'log/properties-processes.test.ts',
]

export class SlowFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    return sorted.toSorted((one, other) => placeOf(one) - placeOf(other))
  }
}

function placeOf({ moduleId }: TestSpecification): number {
  const place = SLOW.findIndex((name) => moduleId.endsWith(`/test/${name}`))
  return place < 0 ? SLOW.length : place
}
