// Which of a name's versions a range means: the newest that its publisher has not withdrawn. Publisher-set dates decide nothing.

import type { Cid } from '../cid/index.ts'
import { RegistryError } from '../lib/index.ts'
import type { HistoryVersion, Notices } from '../log/index.ts'
import { pickVersion } from '../spec/index.ts'

/** `new` use never begins with a yanked version; what is `held` already goes on with one. */
export type Use = 'new' | 'held'

interface Offered {
  readonly name: string
  readonly versions: Readonly<Record<string, HistoryVersion>>
  readonly notices: Notices
}

/** Throws NOT_FOUND, or YANKED, REVOKED or TOMBSTONED where all that fits was withdrawn. */
export function pickOffered(
  { name, versions, notices }: Offered,
  { range, use = 'new' }: { readonly range: string | undefined; readonly use?: Use | undefined },
): string {
  const whole = Object.keys(versions).filter((version) => !isGone(versions[version], notices))
  const usable = whole.filter((version) => versions[version]?.yanked === undefined)
  const picked =
    pickVersion(usable, range) ?? (use === 'held' ? pickVersion(whole, range) : undefined)
  if (picked !== undefined) return picked
  const withdrawn = pickVersion(Object.keys(versions), range)
  const at = withdrawn === undefined ? undefined : versions[withdrawn]
  if (withdrawn === undefined || at === undefined) {
    throw new RegistryError('NOT_FOUND', `No version of ${name} satisfies the range asked for.`, {
      expected: range ?? 'latest',
      got: Object.keys(versions).slice(-8).join(', '),
      next: 'Ask for one of these versions, or for `@latest`.',
    })
  }
  assertUsable(`${name}@${withdrawn}`, [at.release], notices)
  throw yanked(`${name}@${withdrawn}`, at.yanked?.reason, usable)
}

/** Throws REVOKED, or TOMBSTONED, for any of these blocks: neither ever resolves, and both fail where they are held once it is known. */
export function assertUsable(what: string, cids: readonly Cid[], notices: Notices): void {
  if (notices.revoked.size + notices.tombstones.size === 0) return
  const revoked = cids.find((cid) => notices.revoked.has(cid))
  if (revoked !== undefined) {
    throw new RegistryError('REVOKED', `${what} was revoked by its publisher.`, {
      expected: 'bytes that may be used',
      got: notices.revoked.get(revoked)?.reason ?? 'no reason given',
      next: 'Stop using it, and ask the publisher what to use instead.',
    })
  }
  const gone = cids.find((cid) => notices.tombstones.has(cid))
  if (gone === undefined) return
  throw new RegistryError('TOMBSTONED', `The bytes of ${what} were withdrawn by its publisher.`, {
    expected: gone,
    got: notices.tombstones.get(gone)?.reason ?? 'no reason given',
    next: 'They are not to be had any more. Ask the publisher what to use instead.',
  })
}

function isGone(at: HistoryVersion | undefined, { revoked, tombstones }: Notices): boolean {
  return at !== undefined && (revoked.has(at.release) || tombstones.has(at.release))
}

function yanked(
  what: string,
  reason: string | undefined,
  usable: readonly string[],
): RegistryError {
  return new RegistryError('YANKED', `${what} was yanked by its publisher.`, {
    expected: 'a version for new use',
    got: reason ?? 'no reason given',
    next:
      usable.length === 0
        ? 'There is no other version; ask the publisher.'
        : `Use another version: ${usable.slice(-4).join(', ')}.`,
  })
}
