// The golden logs as they are made: once, by keys that are then gone. What each shows is in its name.

import {
  draftGenesis,
  keyCid,
  keyHash,
  openDraft,
  type Roles,
  readEntries,
} from '../../src/log/index.ts'
import { openMemoryStore } from '../../src/store/index.ts'
import type { Signer } from '../../src/trust/index.ts'
import { createPublisher, createSigner } from '../log/helpers.ts'
import {
  cidFor,
  type Entry,
  makeKeyring,
  makeKeyrings,
  rolesOf,
  type Signed,
  TOOL,
} from '../support/many-keys.ts'

type Step = readonly [action: Entry, signers: readonly Signer[]]

interface Script {
  readonly roles: Roles
  readonly rootSigner: readonly Signer[]
  /** Of the last checkpoint. */
  readonly logSigner: Signer
  readonly firstLogSigner?: Signer
  readonly nextKeyHashes?: readonly string[]
  readonly steps: readonly Step[]
}

export const MAKERS: Readonly<Record<string, () => Promise<readonly Signed[]>>> = {
  'one-key': () => record(oneKey()),
  'all-kinds': () => record(allKinds()),
  'many-names': () => record(manyNames()),
  'many-keys': () => record(manyKeys()),
}

async function record(script: Script): Promise<readonly Signed[]> {
  const { roles, rootSigner, logSigner, firstLogSigner = logSigner, nextKeyHashes, steps } = script
  const store = openMemoryStore()
  const { publisher, change } = await draftGenesis({
    store,
    roles,
    rootSigner,
    logSigner: firstLogSigner,
    created: '2026-11-21T09:30:00Z',
    ...(nextKeyHashes === undefined ? {} : { nextKeyHashes }),
  })
  await store.commit(change)
  const draft = await openDraft(store, publisher)
  for (const [action, signers] of steps) await draft.add(action, ...signers)
  await store.commit(await draft.finish(logSigner))
  return readEntries(store, publisher, { start: 0, end: draft.state.size })
}

const release = (name: string, version: string) =>
  ({ kind: 'release', name, version, subject: cidFor(`${name}@${version}`) }) as const

function oneKey(): Script {
  const { root, log, roles } = createPublisher()
  const versions = ['1.0.0', '1.1.0', '2.0.0-rc.1']
  const steps = versions.map((version): Step => [release(TOOL, version), [root]])
  return { roles, rootSigner: [root], logSigner: log, steps }
}

function allKinds(): Script {
  const { root, log, roles } = createPublisher()
  const by = [root]
  const old = release(TOOL, '1.0.0')
  const broken = release(TOOL, '1.1.0')
  const lost = createSigner('ecdsa-p256')
  const steps: readonly Step[] = [
    [{ kind: 'claim', namespace: 'com.acme' }, by],
    [old, by],
    [broken, by],
    [release(TOOL, '2.0.0'), by],
    [{ ...old, kind: 'deprecate', message: 'Use 2.', successor: `${TOOL}@^2.0.0` }, by],
    [{ ...broken, kind: 'yank', reason: 'It forgets what it was told.' }, by],
    [{ kind: 'revoke', target: 'block', subject: broken.subject, reason: 'It leaks.' }, by],
    [{ kind: 'revoke', target: 'key', subject: keyCid(lost.key), reason: 'Lost.' }, by],
    [{ kind: 'tombstone', subject: broken.subject, reason: 'Removed by request.' }, by],
    [{ kind: 'recover', subject: cidFor('fork'), reason: 'A restored backup.' }, by],
    [{ kind: 'delegate', path: TOOL, by: null, role: { threshold: 1, keys: [lost.key] } }, by],
    [{ kind: 'keys', roles, nextKeyHashes: undefined }, by],
    [{ ...old, kind: 'yank', reason: undefined }, by],
  ]
  return { roles, rootSigner: by, logSigner: log, steps }
}

/** So many that the index has a branch. */
function manyNames(): Script {
  const { root, log, roles } = createPublisher()
  const names = Array.from({ length: 20 }, (_, i) => `com.acme/tool-${i}`)
  const steps = names.map((name): Step => [release(name, '1.0.0'), [root]])
  return { roles, rootSigner: [root], logSigner: log, steps }
}

/** Thresholds of two, delegations passed on and taken back, keys revoked, and a rotation to keys that were promised. */
function manyKeys(): Script {
  const keyrings = makeKeyrings()
  const { root, covering, elsewhere, brake, next, log } = keyrings
  const [first, second] = root.signers
  const fresh = makeKeyring()
  const newLog = createSigner('ed25519')
  const below = (path: string, by: string | null, role = elsewhere.role): Entry => ({
    kind: 'delegate',
    path,
    by,
    role,
  })
  const two = ({ signers }: typeof root): readonly Signer[] => signers.slice(0, 2)
  const newRoles: Roles = {
    ...rolesOf({ ...keyrings, root: next, release: fresh }),
    log: { keys: [newLog.key] },
  }
  const steps: readonly Step[] = [
    [below('com.acme', null, covering.role), two(root)],
    [below(TOOL, 'com.acme'), two(covering)],
    [release(TOOL, '1.0.0'), two(elsewhere)],
    [
      { kind: 'revoke', target: 'key', subject: keyCid(root.signers[2].key), reason: 'Stolen.' },
      two(brake),
    ],
    [{ kind: 'keys', roles: newRoles, nextKeyHashes: undefined }, [first, second, ...two(next)]],
    [{ kind: 'delegate', path: 'com.acme', by: null, role: null }, two(next)],
    [release(TOOL, '1.0.1'), two(fresh)],
  ]
  const nextKeyHashes = next.role.keys.map(keyHash)
  const signers = { rootSigner: two(root), firstLogSigner: log, logSigner: newLog }
  return { roles: rolesOf(keyrings), nextKeyHashes, ...signers, steps }
}
