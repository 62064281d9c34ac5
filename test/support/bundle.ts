// A program of the tests in one file, for those that are started hundreds of times: most of such a start is reading the two hundred
// files of the product. Packages stay outside, as they are for the command that is installed.

import { mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'rolldown'

const PACKAGES = join(import.meta.dirname, '..', '..', 'node_modules')

export interface BundledProgram extends AsyncDisposable {
  readonly path: string
}

export async function bundleProgram(source: string): Promise<BundledProgram> {
  const folder = await mkdtemp(join(tmpdir(), 'toolmark-program-'))
  await symlink(PACKAGES, join(folder, 'node_modules'))
  await build({
    input: { program: source },
    platform: 'node',
    external: (id) => !id.startsWith('.') && !id.startsWith('/'),
    logLevel: 'warn',
    output: {
      dir: folder,
      format: 'esm',
      entryFileNames: '[name].mjs',
      chunkFileNames: '[name].mjs',
    },
  })
  return {
    path: join(folder, 'program.mjs'),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  }
}
