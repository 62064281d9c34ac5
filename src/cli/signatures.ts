// The words of a command about signatures that are made elsewhere: --request writes down what has to be signed, --signatures brings it back.

import { RegistryError, readBounded, writeWhole } from '../lib/index.ts'
import {
  formatRequest,
  parseRequest,
  REQUEST_BYTES,
  type SignRequest,
  type Workspace,
} from '../registry/index.ts'
import { readySignatures } from '../trust/index.ts'
import { safe, type Terminal } from './terminal.ts'

export async function readRequestFile(file: string): Promise<SignRequest> {
  return parseRequest(await readBounded(file, REQUEST_BYTES))
}

/** What it adds to a workspace. Throws USAGE for both, and what reading the files throws. */
export async function signaturesAsked(
  options: Readonly<Record<string, unknown>>,
): Promise<Pick<Workspace, 'signatures' | 'request'>> {
  const { request: file, signatures: files } = options
  if (typeof file === 'string' && Array.isArray(files)) {
    throw new RegistryError('USAGE', 'Ask for signatures, or bring them.', {
      expected: '--request or --signatures',
      got: 'both',
      next: 'Bring what you have with --signatures; who is still missing signs the same file.',
    })
  }
  if (typeof file === 'string') {
    return { request: async (made) => await writeWhole(file, formatRequest(made)) }
  }
  const requests = await Promise.all((files as readonly string[]).map(readRequestFile))
  return { signatures: readySignatures(requests.flatMap(({ bundles }) => bundles)) }
}

/** What is to be done with a request that was written. */
export function sayRequested(terminal: Terminal, file: string): void {
  terminal.remark(`Signatures are missing; what has to be signed is in ${safe(file)}.`)
  terminal.remark(`  Sign it where the keys are: registry sign ${safe(file)}`)
  terminal.remark('  Then say the same here with --signatures in place of --request.')
}
