// How long does a start take when 100 releases are signed without a key? Cold: beside the library’s bare verification of the very same
// bundles. Warm, with the verdicts of an earlier start: beside the same start with keys.

import { join } from 'node:path'
import { bundleFromJSON } from '@sigstore/bundle'
import { TrustedRoot } from '@sigstore/protobuf-specs'
import { toSignedEntity, toTrustMaterial, Verifier } from '@sigstore/verify'
import { publish, rotate, type Workspace } from '../src/registry/index.ts'
import { loadLocked } from '../src/registry/start/load-locked.ts'
import { formatLock, type Lock, parseLock } from '../src/resolve/index.ts'
import { openLevelStore, type Store } from '../src/store/index.ts'
import { rootRecord } from '../src/trust/index.ts'
import { type Sigstore, startSigstore } from '../test/support/sigstore/sigstore.ts'
import { GITHUB_ISSUER, GITHUB_SAN } from '../test/support/sigstore/token.ts'
import { signerAt } from '../test/trust/keyless/setup.ts'
import { withFolder } from './folders.ts'
import { type Measured, race } from './measure.ts'
import { type Author, makeToolkits, openAuthor, policyFor, pullAll } from './startup.ts'

const RELEASES = 100
const TOOLS = 1_000

export async function measure(): Promise<readonly Measured[]> {
  await using sigstore = await startSigstore()
  return await withFolder((folder) => measureKeyless(folder, sigstore))
}

async function measureKeyless(folder: string, sigstore: Sigstore): Promise<readonly Measured[]> {
  const keyed = await openScene(join(folder, 'keyed'))
  const keyless = await openScene(join(folder, 'keyless'), sigstore)
  const bundles = await bundlesIn(keyless.store)
  const bare = bareVerifier(sigstore)
  const cold = await race(
    { rounds: 5, items: 1 },
    () => start(keyless, forgetful(keyless.store)),
    () => bundles.forEach(bare),
  )
  await start(keyless, { ...keyless.store })
  const warm = await race(
    { rounds: 15, items: 1 },
    () => start(keyless, { ...keyless.store }),
    () => start(keyed, { ...keyed.store }),
  )
  await Promise.all([keyed, keyless].map((scene) => scene[Symbol.asyncDispose]()))
  const floorIs = `bare @sigstore/verify over the same ${bundles.length} bundles`
  return [
    { question: 'start, keyless, cold', unit: 'µs', ...cold, floorIs, target: 1.1 },
    {
      question: 'start, keyless, warm',
      unit: 'µs',
      ...warm,
      floorIs: 'the same start with keys',
      target: 2,
    },
  ]
}

interface Scene extends AsyncDisposable {
  readonly author: Author
  readonly store: Store
  readonly lock: Lock
}

async function openScene(folder: string, sigstore?: Sigstore): Promise<Scene> {
  const author = await openAuthor(join(folder, 'author'))
  const store = await openLevelStore(join(folder, 'consumer'))
  const workspace =
    sigstore === undefined ? author.workspace : await goKeyless(author, store, sigstore)
  const published = await publish(workspace, makeToolkits(author.publisher, TOOLS, RELEASES))
  const made = published.map(({ name }) => name)
  const lock = await pullAll(author, store, made)
  return {
    author,
    store,
    lock,
    [Symbol.asyncDispose]: async () => {
      await store[Symbol.asyncDispose]()
      await author[Symbol.asyncDispose]()
    },
  }
}

/** Author and consumer trust the loopback instance; from now on its workflow releases. */
async function goKeyless(author: Author, consumer: Store, sigstore: Sigstore): Promise<Workspace> {
  const since = new Date(0).toISOString()
  const bytes = sigstore.trustedRoot
  const root = rootRecord({ name: 'loopback', bytes, since, issuers: [GITHUB_ISSUER] })
  for (const store of [author.workspace.store, consumer]) await store.commit({ put: [root] })
  const identities = [{ issuer: GITHUB_ISSUER, san: GITHUB_SAN }]
  await rotate(author.workspace, { roles: { release: [] }, identities })
  return { ...author.workspace, keyless: signerAt(sigstore) }
}

async function start({ lock, author }: Scene, store: Store): Promise<void> {
  const policy = policyFor(author.publisher)
  const again = parseLock(formatLock(lock))
  const tools = await loadLocked(store, { lock: again, policy, quorum: undefined, now: new Date() })
  if (tools.length !== TOOLS) throw new Error(`${tools.length} tools`)
}

/** The store of somebody who starts for the first time. */
function forgetful(store: Store): Store {
  return {
    ...store,
    findRecords: async (keys) => {
      const found = await store.findRecords(keys)
      return found.map((value, i) => (keys[i]?.table === 'verdict' ? undefined : value))
    },
    commit: async () => {},
  }
}

async function bundlesIn(store: Store): Promise<readonly string[]> {
  const bundles = new Set<string>()
  for await (const { value } of store.listRecords('evidence')) {
    const { entry, head } = JSON.parse(Buffer.from(value).toString('utf8'))
    for (const text of [...entry.bundles, ...head.bundles]) {
      bundles.add(Buffer.from(text, 'base64').toString('utf8'))
    }
  }
  return [...bundles]
}

function bareVerifier({ trustedRoot }: Sigstore): (bundle: string) => void {
  const root = TrustedRoot.fromJSON(JSON.parse(Buffer.from(trustedRoot).toString('utf8')))
  const verifier = new Verifier(toTrustMaterial(root))
  return (bundle) => {
    verifier.verify(toSignedEntity(bundleFromJSON(JSON.parse(bundle))))
  }
}
