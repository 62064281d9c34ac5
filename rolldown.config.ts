// Bundles the command: one file is read where Node would otherwise resolve a hundred, which halves what `registry` adds to the start
// of Node. Packages stay outside. The library is built by tsc, file by file.

import { defineConfig } from 'rolldown'

const CORE =
  /src\/(lib\/|cid\/|cli\/(?!main)[^/]+$|store\/(open|open-level|holder|checks|level)\.ts|store\/level\/|store\/socket\/path|node\/(home|workspace)|registry\/read-block)/

export default defineConfig({
  input: { registry: 'src/cli/main.ts' },
  platform: 'node',
  external: (id) => !id.startsWith('.') && !id.startsWith('/'),
  output: {
    dir: 'dist/bin',
    format: 'esm',
    chunkFileNames: '[name].js',
    cleanDir: true,
    // What every command needs, in one file.
    codeSplitting: { groups: [{ name: 'core', test: CORE }] },
  },
})
