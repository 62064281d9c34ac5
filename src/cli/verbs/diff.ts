// registry diff

import { existsSync } from 'node:fs'
import { parseCid } from '../../cid/index.ts'
import { isRegistryError, RegistryError, readBounded } from '../../lib/index.ts'
import { type Diffed, type DiffTarget, diff } from '../../registry/index.ts'
import { LIMITS, parsePublisherId, parseToolkit } from '../../spec/index.ts'
import { type Invocation, textOption } from '../command.ts'
import { EXIT } from '../exit.ts'
import { meansCid } from '../target.ts'
import { printDiff } from './diff-text.ts'

export async function run(invocation: Invocation): Promise<number> {
  const { terminal, args } = invocation
  const [before, after] = await Promise.all(args.map((word) => targetOf(invocation, word)))
  if (before === undefined || after === undefined) throw new Error('two arguments are required')
  const { store } = await invocation.workspace()
  const compared = await diffNamed(() => diff(store, before, after))
  if (terminal.isJson) terminal.json(toJson(compared))
  else printDiff(terminal, compared)
  return invocation.options.exitCode === true && compared.diff.visible ? EXIT.MISMATCH : 0
}

async function targetOf(invocation: Invocation, label: string): Promise<DiffTarget> {
  if (meansCid(label)) return { kind: 'cid', label, cid: parseCid(label) }
  const id = textOption(invocation, 'publisher')
  const publisher = id === undefined ? undefined : parsePublisherId(id)
  if (!existsSync(label)) return { kind: 'name', label, publisher }
  const bytes = await readBounded(label, LIMITS.toolkitBytes)
  return { kind: 'toolkit', label, toolkit: parseToolkit(bytes, { file: label }), publisher }
}

/** A word that is no name was perhaps meant as a path. */
async function diffNamed<T>(compare: () => Promise<T>): Promise<T> {
  try {
    return await compare()
  } catch (error) {
    if (!isRegistryError(error, 'NAME_INVALID')) throw error
    throw new RegistryError('NAME_INVALID', `There is no such file here. ${error.message}`, {
      ...error.details,
      expected: 'a toolkit file, a CID, or namespace/name',
      next: 'Check the path, or write the name as its publisher does.',
    })
  }
}

function toJson({ kind, before, after, diff: { step, ...diff } }: Diffed): object {
  const differs = diff.changes.length > 0 || diff.tools.length > 0
  return { kind, before, after, differs, ...diff, ...(step === undefined ? {} : { step }) }
}
