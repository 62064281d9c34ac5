// Bundles the command: one file is read where Node would otherwise resolve a hundred, which halves what `registry` adds to the start
// of Node. Packages stay outside, but for two that every start of an agent needs. The library is built by tsc, file by file.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { defineConfig, type Plugin } from 'rolldown'

const CORE =
  /src\/(lib\/|cid\/|cli\/commands\/|cli\/(?:command|commands|confirm|exit|help|passphrase|program|run|target|terminal|warnings)\.ts|store\/(open|open-level|holder|checks|level)\.ts|store\/level\/|store\/socket\/path|node\/(home|workspace)|registry\/(?:read-block|withdrawable|workspace)\.ts)/

/** What an agent’s start-up needs beside it: reading, proving and judging; nothing that writes, compares or asks. */
const PROOF =
  /(?:src|node_modules)\/(spec\/|log\/(entries|replay|tree|fork)\/|log\/map\/|log\/stored\/stored-|trust\/(decision|policy|identity|attestation|sigstore)\/|smol-toml\/|trust\/[a-z0-9-]+\.ts|resolve\/[a-z-]+\.ts|resolve\/lock\/|registry\/(start\/|forks|local)|registry\/lifecycle\/(news|warnings|held)|node\/(start|policy-file)|cli\/verbs\/verify(-locked)?\.ts)/

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

/** Two dozen files of which Node would look for each: a third of what an agent’s start-up adds to that of Node. */
const BUNDLED = [
  'abstract-level',
  'classic-level',
  'level-supports',
  'level-transcoder',
  'maybe-combine-errors',
  'module-error',
  'smol-toml',
]

function licenceOf(name: string): string {
  const folder = join(import.meta.dirname, 'node_modules', name)
  const file = readdirSync(folder).find((entry) => entry.startsWith('LICENSE'))
  if (file === undefined) throw new Error(`${name} comes without its licence`)
  return readFileSync(join(folder, file), 'utf8')
}

const bundledPackages: Plugin = {
  name: 'bundled-packages',
  // The library loads the one file of its CommonJS form; here it is in one file anyway.
  transform: (_, id) =>
    id.endsWith('/trust/policy/toml.ts')
      ? "import * as toml from 'smol-toml'; export const loadToml = () => toml"
      : null,
  // What is compiled for a machine is found from the folder it was installed in, by its own means.
  resolveId: (id, importer) =>
    id === './binding' && importer?.includes('/classic-level/') === true
      ? { id: 'classic-level/binding.js', external: true }
      : null,
  generateBundle() {
    const texts = BUNDLED.map((name) => `${name}\n\n${licenceOf(name).trim()}\n`)
    const source = `Parts of these packages are in the files beside this one.\n\n${texts.join('\n\n')}`
    this.emitFile({ type: 'asset', fileName: 'LICENSES.txt', source })
  },
}

const LEVEL =
  /node_modules\/(?:abstract-level|classic-level|level-|maybe-combine-errors|module-error)/

export default defineConfig({
  input: { registry: 'src/cli/main.ts' },
  platform: 'node',
  plugins: [bundledPackages, plainBuiltins],
  // What a command does not use of a module’s index is not in its files; nothing of ours happens by being imported.
  treeshake: { moduleSideEffects: false },
  external: (id) => !id.startsWith('.') && !id.startsWith('/') && !BUNDLED.includes(id),
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
        { name: 'level', test: LEVEL },
        { name: 'texts', test: TEXTS },
        { name: 'proof', test: PROOF },
      ],
    },
  },
})
