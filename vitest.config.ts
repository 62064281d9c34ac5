import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { defineConfig } from 'vitest/config'
import { SlowFirst } from './test/support/slow-first.ts'

const ALL = 'test/**/*.test.ts'

/**
 * Functions of data, which leave nothing behind: these files share processes, of which the start would take most of their time. Whoever
 * measures itself, replaces a module or a clock, runs programs of ours or takes long has a process of its own.
 */
const PLAIN = [
  'test/{cid,resolve/lock,trust/decision}/*.test.ts',
  'test/lib/!(json).test.ts',
  'test/log/!(properties-processes).test.ts',
  'test/resolve/!(static-lies).test.ts',
  'test/spec/!(diff-real|diff-schema|input-schema|names).test.ts',
  'test/trust/!(on-thread).test.ts',
]

export default defineConfig({
  test: {
    projects: [
      { extends: true, test: { name: 'apart', include: [ALL], exclude: PLAIN } },
      { extends: true, test: { name: 'plain', include: PLAIN, isolate: false } },
    ],
    setupFiles: ['test/seed.ts'],
    // What hangs is ended by these; a machine that is busy with other things is waited for.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 120_000 } },
    pool: 'forks',
    // Programs of tests run from source: without this, each start strips and compiles the types of two hundred files again.
    env: { NODE_COMPILE_CACHE: join(tmpdir(), 'toolmark-compile-cache') },
    sequence: { sequencer: SlowFirst },
    // Left to itself, vitest keeps one core free, which on two cores is half of the machine.
    maxWorkers: Math.max(2, availableParallelism() - 1),
  },
})
