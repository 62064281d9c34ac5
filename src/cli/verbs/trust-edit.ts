// registry trust init, registry trust add: a policy’s first text, and a publisher’s block at its end. What is there is never rewritten.

import { mkdir } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { equalBytes, RegistryError, readBounded, utf8, writeWhole } from '../../lib/index.ts'
import { findPolicyFile, POLICY_NAME } from '../../node/policy-file.ts'
import { isPublisherId, splitName } from '../../spec/index.ts'
import {
  findEarlier,
  NEW_POLICY,
  type NewPublisher,
  POLICY_BYTES,
  parsePolicy,
  publisherBlock,
} from '../../trust/policy/index.ts'
import { type Invocation, listOption, textOption } from '../command.ts'
import { safe } from '../terminal.ts'

export async function init(invocation: Invocation): Promise<undefined> {
  const { terminal, folder, home, options, args } = invocation
  const place = options.user === true ? join(home.folder, POLICY_NAME) : POLICY_NAME
  const path = resolve(folder, args[0] ?? textOption(invocation, 'policy') ?? place)
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  try {
    await writeWhole(path, utf8(NEW_POLICY), { once: true })
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw unwritable(path, cause)
    throw new RegistryError('FILE_EXISTS', 'There is a file of that name already.', {
      expected: 'a path where nothing is',
      got: path,
      next: 'Edit it, or choose another path. A policy is never overwritten.',
    })
  }
  if (terminal.isJson) terminal.json({ path, created: true })
  else {
    terminal.line(`wrote ${safe(path)}`)
    terminal.remark('It allows nothing yet: `registry trust add NAMESPACE`.')
  }
  return undefined
}

export async function add(invocation: Invocation): Promise<undefined> {
  const { terminal, environment, folder, home } = invocation
  const file = textOption(invocation, 'policy')
  const path = await findPolicyFile({ file, environment, folder, home })
  if (path === undefined) {
    throw new RegistryError('NOT_FOUND', 'There is no trust policy to add to.', {
      expected: `trust.toml in ${resolve(folder)} or ${home.folder}`,
      got: 'none',
      next: 'Write one first: `registry trust init`.',
    })
  }
  const row = await readRow(invocation)
  const before = await readBounded(path, POLICY_BYTES)
  assertReached(parsePolicy(before, path).publishers, row)
  const text = Buffer.from(before).toString('utf8')
  const gap = text === '' ? '' : text.endsWith('\n') ? '\n' : '\n\n'
  const after = utf8(`${text}${gap}${publisherBlock(row)}`)
  // Whatever the words were, a policy that cannot be read is never written.
  const { digest } = parsePolicy(after, 'The policy with this publisher')
  await writeOver(path, { before, after })
  if (terminal.isJson) terminal.json({ path, added: { ...row, id: row.id ?? null }, digest })
  else {
    terminal.line(`added ${safe(row.namespace)} to ${safe(path)}`)
    terminal.line(`  publisher  ${row.id ?? 'whoever is pinned at first use'}`)
    terminal.line(`  tools      ${safe(row.tools.join(', '))}`)
  }
  return undefined
}

async function readRow(invocation: Invocation): Promise<NewPublisher> {
  const [given, ...more] = invocation.args
  if (given === undefined || more.length > 0) throw usage('one namespace or publisher id')
  const { namespace } = splitName(`${given}/x`)
  const tools = listOption(invocation, 'tools')
  const [issuer, ...others] = listOption(invocation, 'issuer')
  const san = textOption(invocation, 'san')
  if (others.length > 0) throw usage('one --issuer')
  if ((issuer === undefined) !== (san === undefined)) throw usage('--issuer and --san, or neither')
  const claims = listOption(invocation, 'claim').map((claim): readonly [string, string] => {
    const [, key, value] = /^([a-z_]+)=(.+)$/s.exec(claim) ?? []
    if (key === undefined || value === undefined) throw usage('--claim NAME=VALUE')
    return [key, value]
  })
  if (claims.length > 0 && issuer === undefined) throw usage('--issuer and --san with --claim')
  return {
    namespace,
    id: textOption(invocation, 'id') ?? (await pinnedId(invocation, namespace)),
    tools: tools.length > 0 ? tools : [`${namespace}/*`],
    keyless:
      issuer === undefined || san === undefined
        ? []
        : [['issuer', issuer], ['san', san], ...claims],
    fingerprints: listOption(invocation, 'key'),
  }
}

/** An id that is written down cannot change hands by a lost or changed pin. */
async function pinnedId(invocation: Invocation, namespace: string): Promise<string | undefined> {
  if (isPublisherId(namespace)) return namespace
  const { findPin } = await import('../../resolve/index.ts')
  const { store } = await invocation.workspace()
  return (await findPin(store, namespace))?.publisher
}

function assertReached(
  publishers: ReturnType<typeof parsePolicy>['publishers'],
  row: NewPublisher,
): void {
  const earlier = findEarlier(publishers, row)
  if (earlier === undefined) return
  throw new RegistryError('USAGE', `The policy has a publisher for ${row.namespace} already.`, {
    expected: 'tools that no row above speaks of: the first row that covers a tool decides',
    got: earlier.tools.join(', '),
    next: 'Edit that row of the policy.',
  })
}

/** An editor between reading and writing must not lose its words. */
async function writeOver(
  path: string,
  { before, after }: { readonly before: Uint8Array; readonly after: Uint8Array },
): Promise<void> {
  if (!equalBytes(await readBounded(path, POLICY_BYTES), before)) {
    throw new RegistryError('CONFLICT', 'The policy has changed meanwhile.', {
      expected: 'the file that was read when the command began',
      got: 'another content',
      next: 'Nothing was written. Run the command again.',
    })
  }
  try {
    await writeWhole(path, after)
  } catch (cause) {
    throw unwritable(path, cause)
  }
}

function unwritable(path: string, cause: unknown): RegistryError {
  return new RegistryError('FILE_UNAVAILABLE', 'The policy cannot be written.', {
    expected: path,
    got: (cause as NodeJS.ErrnoException).code ?? String(cause),
    next: 'Check the folder and its permissions.',
    cause,
  })
}

function usage(expected: string): RegistryError {
  return new RegistryError('USAGE', 'This does not say which publisher to add.', {
    expected,
    got: 'something else',
    next: 'See `registry trust --help`.',
  })
}
