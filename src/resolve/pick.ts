// Which of a name's versions a range means: the newest that its publisher has not withdrawn. Publisher-set dates decide nothing.

import { RegistryError } from '../lib/index.ts'
import type { HistoryVersion, Notices } from '../log/index.ts'
import { pickVersion } from '../spec/index.ts'

/** Throws NOT_FOUND, or YANKED or REVOKED where all that fits was withdrawn. */
export function pickOffered(
  offer: {
    readonly name: string
    readonly versions: Readonly<Record<string, HistoryVersion>>
    readonly notices: Notices
  },
  range: string | undefined,
): string {
  const { name, versions, notices } = offer
  const all = Object.entries(versions)
  const isRevoked = ({ release }: HistoryVersion): boolean => notices.revoked.has(release)
  const usable = all.filter(([, at]) => at.yanked === undefined && !isRevoked(at))
  const picked = pickVersion(
    usable.map(([version]) => version),
    range,
  )
  if (picked !== undefined) return picked
  const withdrawn = pickVersion(Object.keys(versions), range)
  const at = withdrawn === undefined ? undefined : versions[withdrawn]
  if (withdrawn === undefined || at === undefined) {
    throw new RegistryError('NOT_FOUND', `No version of ${name} satisfies the range asked for.`, {
      expected: range ?? 'latest',
      got: all
        .map(([version]) => version)
        .slice(-8)
        .join(', '),
      next: 'Ask for one of these versions, or for `@latest`.',
    })
  }
  if (isRevoked(at)) throw revoked(`${name}@${withdrawn}`, notices.revoked.get(at.release)?.reason)
  throw new RegistryError('YANKED', `${name}@${withdrawn} was yanked by its publisher.`, {
    expected: 'a version for new use',
    got: at.yanked?.reason ?? 'no reason given',
    next:
      usable.length === 0
        ? 'There is no other version; ask the publisher.'
        : `Use another version: ${usable
            .slice(-4)
            .map(([version]) => version)
            .join(', ')}.`,
  })
}

/** Never resolves, and fails where it is pinned once it is known. */
export function revoked(what: string, reason: string | undefined): RegistryError {
  return new RegistryError('REVOKED', `${what} was revoked by its publisher.`, {
    expected: 'bytes that may be used',
    got: reason ?? 'no reason given',
    next: 'Stop using it, and ask the publisher what to use instead.',
  })
}
