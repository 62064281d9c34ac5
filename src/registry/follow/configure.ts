// What a node’s configuration file says of whom it follows, put beside what people have said by command: other commands that share the
// store then know of it as well, and drop nothing that the node wants.

import type { PublisherId } from '../../spec/index.ts'
import type { RecordKey, Store, StoredRecord } from '../../store/index.ts'
import {
  findMirror,
  findRule,
  listRules,
  mirrorKey,
  mirrorRecord,
  type Rule,
  ruleKey,
  ruleRecord,
} from './rules.ts'

export interface ConfiguredFollows {
  readonly publishers: readonly PublisherId[]
  readonly namespaces: readonly string[]
  /** Addresses of peers. */
  readonly lists: readonly string[]
  readonly block: readonly PublisherId[]
  /** Bytes; undefined for no mirror. */
  readonly quota: number | undefined
}

/** What was configured before and is no longer goes; what a person has said about the same stays as it is. */
export async function configureFollows(
  store: Store,
  { publishers, namespaces, lists, block, quota }: ConfiguredFollows,
  now: Date,
): Promise<void> {
  const rule =
    (kind: Rule['kind'], how: Rule['how']) =>
    (name: string): Rule => ({
      kind,
      name,
      how,
      since: now.toISOString(),
      isTold: how === 'follow',
      isConfigured: true,
    })
  const wanted = [
    ...publishers.map(rule('publisher', 'follow')),
    ...namespaces.map(rule('namespace', 'follow')),
    ...lists.map(rule('list', 'follow')),
    // Said in two ways, the safer one holds.
    ...block.map(rule('publisher', 'never')),
  ]
  const put: StoredRecord[] = []
  for (const one of wanted) {
    const before = await findRule(store, one)
    const isSame = before?.how === one.how || (before !== undefined && !before.isConfigured)
    if (!isSame) put.push(ruleRecord(one))
  }
  const names = new Set(wanted.map((one) => ruleKey(one).key))
  const remove: RecordKey[] = []
  for await (const before of listRules(store)) {
    const key = ruleKey(before)
    if (before.isConfigured === true && !names.has(key.key)) remove.push(key)
  }
  const mirror = await findMirror(store)
  if (quota !== undefined && (mirror === undefined || mirror.isConfigured === true)) {
    put.push(mirrorRecord({ quota, since: mirror?.since ?? now.toISOString(), isConfigured: true }))
  }
  if (quota === undefined && mirror?.isConfigured === true) remove.push(mirrorKey())
  if (put.length + remove.length > 0) await store.commit({ put, remove })
}
