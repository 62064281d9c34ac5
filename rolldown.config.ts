// Bundles the command: one file is read where Node would otherwise resolve a hundred, which halves what `registry` adds to the start
// of Node. Packages stay outside. The library is built by tsc, file by file.

import { defineConfig } from 'rolldown'

const CORE =
  /src\/(lib\/|cid\/|cli\/commands\/|cli\/(?:command|commands|confirm|exit|help|passphrase|program|run|target|terminal|warnings)\.ts|store\/(open|open-level|holder|checks|level)\.ts|store\/level\/|store\/socket\/path|node\/(home|workspace)|registry\/read-block)/

/** What an agent’s start-up needs beside it: reading, proving and judging; nothing that writes, compares or asks. */
const PROOF =
  /src\/(spec\/|log\/(entries|replay|tree|fork)\/|log\/map\/|log\/stored\/stored-|trust\/(decision|policy|identity|attestation)\/|trust\/[a-z0-9-]+\.ts|resolve\/[a-z-]+\.ts|resolve\/lock\/|registry\/(start\/|forks|local)|registry\/lifecycle\/(news|warnings|held)|node\/(start|policy-file)|cli\/verbs\/verify(-locked)?\.ts)/

const TEXTS = /src\/spec\/(deception|diff)\//

const BUILTIN = /^import \{ ([^}]*) \} from "(node:[a-z/]+)";$/gm

/**
 * An import statement makes Node read every export of a built-in module, also those that load others when they are read. The entry
 * keeps its import: it must still run where there is no such function, to say that Node is too old.
 */
const plainBuiltins = {
  name: 'plain-builtins',
  renderChunk: (code: string, { isEntry }: { readonly isEntry: boolean }) =>
    isEntry
      ? null
      : code.replace(BUILTIN, (_, names: string, id: string) => {
          return `const { ${names.replaceAll(' as ', ': ')} } = process.getBuiltinModule("${id}");`
        }),
}

export default defineConfig({
  input: { registry: 'src/cli/main.ts' },
  platform: 'node',
  plugins: [plainBuiltins],
  // What a command does not use of a module’s index is not in its files; nothing of ours happens by being imported.
  treeshake: { moduleSideEffects: false },
  external: (id) => !id.startsWith('.') && !id.startsWith('/'),
  output: {
    dir: 'dist/bin',
    format: 'esm',
    chunkFileNames: '[name].js',
    cleanDir: true,
    // What every command needs, in one file.
    codeSplitting: {
      includeDependenciesRecursively: false,
      groups: [
        { name: 'core', test: CORE },
        { name: 'texts', test: TEXTS },
        { name: 'proof', test: PROOF },
      ],
    },
  },
})
