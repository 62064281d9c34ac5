// registry publisher show|rotate|delegate|recover

import { existsSync } from 'node:fs'
import { parseCid } from '../../cid/index.ts'
import { RegistryError, readBounded } from '../../lib/index.ts'
import { delegate, parsePublicPem, recover, rotate, showPublisher } from '../../registry/index.ts'
import { parsePublisherId } from '../../spec/index.ts'
import { type IdentityRule, parseIdentityRule } from '../../trust/index.ts'
import { type Invocation, listOption, textOption } from '../command.ts'
import { safe } from '../terminal.ts'
import { printPublisher } from './publisher-text.ts'
import { assertMeant, keyFiles, report } from './withdraw.ts'

type KeyMeant = Parameters<typeof delegate>[1]['to'][number]

const PEM_BYTES = 4 * 1024
const ROLES = ['root', 'release', 'brake'] as const

export async function run(invocation: Invocation): Promise<undefined> {
  const [action, target, more] = invocation.args
  if (more === undefined) {
    if (action === 'show') return await show(invocation, target)
    if (action === 'rotate' && target === undefined) return await rotateKeys(invocation)
    if (action === 'delegate' && target !== undefined) return await pass(invocation, target)
    if (action === 'recover' && target !== undefined) return await settle(invocation, target)
  }
  throw new RegistryError('USAGE', 'Say what to do with the publisher.', {
    expected: 'show [ID], rotate, delegate PATH, or recover FORK_CID',
    got: invocation.args.join(' '),
    next: 'See `registry publisher --help`.',
  })
}

async function show(invocation: Invocation, id: string | undefined): Promise<undefined> {
  const { terminal } = invocation
  const workspace = await invocation.workspace()
  const shown = await showPublisher(workspace, id === undefined ? undefined : parsePublisherId(id))
  if (terminal.isJson) terminal.json(shown)
  else printPublisher(terminal, shown)
  return undefined
}

async function rotateKeys(invocation: Invocation): Promise<undefined> {
  const { options, terminal } = invocation
  const asked = await Promise.all(
    ROLES.map(async (role) => [role, await roleMeant(listOption(invocation, role))] as const),
  )
  const nextKeys = await keysMeant(listOption(invocation, 'nextKey'))
  const rotated = await rotate(await invocation.workspace(), {
    roles: Object.fromEntries(asked.filter(([, keys]) => keys !== undefined)),
    identities: identitiesMeant(listOption(invocation, 'releaseIdentity')),
    thresholds: thresholdsOf(listOption(invocation, 'threshold')),
    log: options.log === true,
    prepare: options.prepare === true,
    ...(nextKeys.length === 0 ? {} : { nextKeys }),
    keys: keyFiles(invocation),
  })
  const { roles: _, made, nextKeyHashes, ...appended } = rotated
  const files = made.map(({ name, type, fingerprint }) => ({ name, type, fingerprint }))
  const about = { made: files, nextKeyHashes: nextKeyHashes ?? [] }
  report(invocation, appended, { said: 'The keys of this publisher have changed.', about })
  for (const { name, fingerprint } of made) {
    terminal.line(`  made       ${safe(name)}  ${fingerprint}`)
  }
  if (made.length > 0) terminal.remark('Back up the new key files before you do anything else.')
  return undefined
}

async function pass(invocation: Invocation, path: string): Promise<undefined> {
  const to = await keysMeant(listOption(invocation, 'to'))
  const identities = identitiesMeant(listOption(invocation, 'toIdentity')) ?? []
  const count = to.length + identities.length
  const isRemoval = invocation.options.remove === true
  if (isRemoval === count > 0) {
    throw new RegistryError('USAGE', 'Say whom to delegate to, or take it back.', {
      expected: '--to FILE.pem or --to-identity RULE (may be given several times), or --remove',
      got: isRemoval ? 'both' : 'neither',
      next: 'See `registry publisher --help`.',
    })
  }
  const threshold = numberOf(listOption(invocation, 'threshold')[0])
  const by = textOption(invocation, 'by')
  const keys = keyFiles(invocation)
  const asked = { path, to, identities, threshold, by, keys }
  const delegated = await delegate(await invocation.workspace(), asked)
  const said = isRemoval
    ? `Took back what was delegated under ${path}.`
    : `Delegated ${path} to ${count} signer${count === 1 ? '' : 's'}.`
  return report(invocation, delegated, { said, about: {} })
}

async function settle(invocation: Invocation, cid: string): Promise<undefined> {
  const lines = ['You say for good that this log, as it is here, is the true one.']
  await assertMeant(invocation, lines, 'Is it?')
  const recovered = await recover(await invocation.workspace(), parseCid(cid), {
    reason: textOption(invocation, 'reason'),
    keys: keyFiles(invocation),
  })
  const said = 'Your log says that it is the true one; each consumer decides whether to believe it.'
  return report(invocation, recovered, { said, about: {} })
}

/** `none` leaves a role without keys: for releases that only keyless signers make. Undefined when nothing is said. */
async function roleMeant(words: readonly string[]): Promise<readonly KeyMeant[] | undefined> {
  if (words.length === 0) return undefined
  return words.length === 1 && words[0] === 'none' ? [] : await keysMeant(words)
}

/** `issuer=URL,san=URI` and any claim by its name; `none` takes all away. Undefined when nothing is said. */
function identitiesMeant(words: readonly string[]): readonly IdentityRule[] | undefined {
  if (words.length === 0) return undefined
  if (words.length === 1 && words[0] === 'none') return []
  return words.map((word) => {
    const fields = word.split(/,(?=[a-z_]+=)/).map((part) => {
      const at = part.indexOf('=')
      return [part.slice(0, Math.max(at, 0)), part.slice(at + 1)] as const
    })
    return parseIdentityRule(Object.fromEntries(fields))
  })
}

/** A word that names a file is the PEM in it; any other is left to the keys that are known. */
async function keysMeant(words: readonly string[]): Promise<readonly KeyMeant[]> {
  return await Promise.all(
    words.map(async (word) =>
      existsSync(word)
        ? parsePublicPem(Buffer.from(await readBounded(word, PEM_BYTES)).toString('utf8'))
        : word,
    ),
  )
}

function thresholdsOf(words: readonly string[]): Partial<Record<(typeof ROLES)[number], number>> {
  return Object.fromEntries(
    words.map((word) => {
      const [, name, count] = /^(root|release|brake)=([1-9]\d?)$/.exec(word) ?? []
      if (name !== undefined) return [name, Number(count)]
      throw badThreshold('root=N, release=N or brake=N', word)
    }),
  )
}

function numberOf(word: string | undefined): number | undefined {
  if (word === undefined) return undefined
  if (/^[1-9]\d?$/.test(word)) return Number(word)
  throw badThreshold('a whole number of 1 or more', word)
}

function badThreshold(expected: string, got: string): RegistryError {
  return new RegistryError('USAGE', '--threshold says how many keys have to sign.', {
    expected,
    got,
    next: 'See `registry publisher --help`.',
  })
}
