// What a log says about blocks, namespaces and forks as a whole: claims, revocations, tombstones, recoveries. Together with the
// authority it is the log's state beside its names. Pure.

import type { Cid } from '../../cid/index.ts'
import type { Action } from '../entries/actions.ts'
import { alreadyDone } from './refusals.ts'

interface Notice {
  /** Position of the entry. */
  readonly seq: number
  readonly reason: string
}

export interface Notices {
  readonly claims: ReadonlyMap<string, { readonly seq: number }>
  /** Blocks that must not be used: releases, tools, artifacts. */
  readonly revoked: ReadonlyMap<Cid, Notice>
  readonly tombstones: ReadonlyMap<Cid, Notice>
  /** Forks, by the CID of their proof, that the root role has settled. */
  readonly recovered: ReadonlyMap<Cid, { readonly seq: number }>
}

export const NO_NOTICES: Notices = {
  claims: new Map(),
  revoked: new Map(),
  tombstones: new Map(),
  recovered: new Map(),
}

/** Throws LIFECYCLE_INVALID for what was said before: all of these are said once and for good. */
export function noticesAfter(notices: Notices, action: Action, seq: number): Notices {
  switch (action.kind) {
    case 'claim':
      return { ...notices, claims: added(notices.claims, action.namespace, { seq }) }
    case 'revoke': {
      if (action.target === 'key') return notices
      const { subject, reason } = action
      return { ...notices, revoked: added(notices.revoked, subject, { seq, reason }) }
    }
    case 'tombstone': {
      const { subject, reason } = action
      return { ...notices, tombstones: added(notices.tombstones, subject, { seq, reason }) }
    }
    case 'recover':
      return { ...notices, recovered: added(notices.recovered, action.subject, { seq }) }
    default:
      return notices
  }
}

function added<K extends string, V extends { readonly seq: number }>(
  map: ReadonlyMap<K, V>,
  key: K,
  value: V,
): ReadonlyMap<K, V> {
  const before = map.get(key)
  if (before === undefined) return new Map(map).set(key, value)
  throw alreadyDone('The log has said this before.', {
    expected: 'something new',
    got: `${key}, said by entry ${before.seq}`,
  })
}
