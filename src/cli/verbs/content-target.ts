// What a word given to `diff` or `lint` is meant to be: content that is held here, or a toolkit that may be published.

import { existsSync } from 'node:fs'
import { parseCid } from '../../cid/index.ts'
import { isRegistryError, RegistryError, readBounded } from '../../lib/index.ts'
import type { DiffTarget } from '../../registry/index.ts'
import { LIMITS, parsePublisherId, parseToolkit } from '../../spec/index.ts'
import { type Invocation, textOption } from '../command.ts'
import { meansCid } from '../target.ts'

/** A CID, a toolkit file that is there, or a name. */
export async function targetOf(invocation: Invocation, label: string): Promise<DiffTarget> {
  if (meansCid(label)) return { kind: 'cid', label, cid: parseCid(label) }
  const id = textOption(invocation, 'publisher')
  const publisher = id === undefined ? undefined : parsePublisherId(id)
  if (!existsSync(label)) return { kind: 'name', label, publisher }
  const bytes = await readBounded(label, LIMITS.toolkitBytes)
  return { kind: 'toolkit', label, toolkit: parseToolkit(bytes, { file: label }), publisher }
}

/** A word that is no name was perhaps meant as a path. */
export async function orNoFile<T>(reading: () => Promise<T>): Promise<T> {
  try {
    return await reading()
  } catch (error) {
    if (!isRegistryError(error, 'NAME_INVALID')) throw error
    throw new RegistryError('NAME_INVALID', `There is no such file here. ${error.message}`, {
      ...error.details,
      expected: 'a toolkit file, a CID, or namespace/name',
      next: 'Check the path, or write the name as its publisher does.',
    })
  }
}
