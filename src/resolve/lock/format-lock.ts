// Writing `tools.lock.json`: one form for one content, with a line for each thing that changes by itself, so that two branches that add or
// update different tools merge without a conflict, and a review shows what was approved.

import type { Json } from '../../lib/index.ts'
import { utf8 } from '../../lib/index.ts'
import { LOCK_VERSION, type Lock, type LockedRelease, type LockedTool } from './lock.ts'

/** Sorted by code units, two spaces a level, a newline at the end. What `parseLock` reads it writes byte for byte. */
export function formatLock({ releases, revocations, policy }: Lock): Uint8Array {
  const text = block(
    [
      ['lockVersion', String(LOCK_VERSION)],
      ['policy', policy === undefined ? undefined : JSON.stringify(policy)],
      ['releases', block(mapped(releases, formatRelease), 1)],
      ['revocations', block(mapped(revocations, String), 1)],
    ],
    0,
  )
  return utf8(`${text}\n`)
}

function formatRelease({
  range,
  version,
  release,
  publisher,
  statement,
  log: { index, size, root },
  tools,
}: LockedRelease): string {
  return block(
    [
      ['range', range === undefined ? undefined : JSON.stringify(range)],
      ['version', JSON.stringify(version)],
      ['release', JSON.stringify(release)],
      ['publisher', JSON.stringify(publisher)],
      ['statement', JSON.stringify(statement)],
      // These change together or not at all.
      ['log', inline({ index, size, root })],
      ['tools', block(mapped(tools, formatTool), 3)],
    ],
    2,
  )
}

function formatTool({ cid, surface, approved }: LockedTool): string {
  return block(
    [
      ['cid', JSON.stringify(cid)],
      ['surface', JSON.stringify(surface)],
      [
        'approved',
        approved === undefined ? undefined : inline({ by: approved.by, cid: approved.cid }),
      ],
    ],
    4,
  )
}

function inline(fields: Readonly<Record<string, Json>>): string {
  const members = Object.entries(fields).map(([key, value]) => `"${key}": ${JSON.stringify(value)}`)
  return `{ ${members.join(', ')} }`
}

function mapped<V>(
  map: ReadonlyMap<string, V>,
  format: (value: V) => string,
): readonly (readonly [string, string])[] {
  const byKey = ([a]: readonly [string, V], [b]: readonly [string, V]) => (a < b ? -1 : 1)
  return [...map].toSorted(byKey).map(([key, value]) => [key, format(value)])
}

function block(members: readonly (readonly [string, string | undefined])[], level: number): string {
  const room = '  '.repeat(level)
  const lines = members
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${room}  ${JSON.stringify(key)}: ${value}`)
  return lines.length === 0 ? '{}' : `{\n${lines.join(',\n')}\n${room}}`
}
