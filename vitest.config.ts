import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    setupFiles: ['test/seed.ts'],
    // What hangs is ended by these; a machine that is busy with other things is waited for.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 120_000 } },
    pool: 'forks',
    // Programs of tests run from source: without this, each start strips and compiles the types of two hundred files again.
    env: { NODE_COMPILE_CACHE: join(tmpdir(), 'toolmark-compile-cache') },
    // Left to itself, vitest keeps one core free, which on two cores is half of the machine.
    maxWorkers: Math.max(2, availableParallelism() - 1),
  },
})
