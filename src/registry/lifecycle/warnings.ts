// What a consumer is told about a release that still may be used: deprecated, yanked and held already, or stale. It warns; it never decides.

import { findVersion, type HistoryVersion, parseHistory } from '../../log/index.ts'
import { parseEvidence, type VerifiedEntry, type VerifiedHead } from '../../resolve/index.ts'

export interface StatusWarning {
  /** `policy`: what the trust policy tells about something that it allows. */
  readonly kind: 'deprecated' | 'yanked' | 'stale' | 'clock' | 'policy'
  readonly name: string
  readonly version: string
  /** `NAME[@RANGE]` to use instead. */
  readonly successor?: string
  readonly message: string
}

/** What the publisher says of the version by now. */
export function warningsOf({
  name,
  version,
  status,
}: Pick<VerifiedEntry, 'name' | 'version' | 'status'>): readonly StatusWarning[] {
  const { deprecated, yanked } = status
  const what = `${name}@${version}`
  const warnings: StatusWarning[] = []
  if (deprecated !== undefined) {
    const { message = '', successor } = deprecated
    const instead = successor === undefined ? '' : ` Use ${successor} instead.`
    warnings.push({
      kind: 'deprecated',
      name,
      version,
      ...(successor === undefined ? {} : { successor }),
      message: `${what} is deprecated${message === '' ? '.' : `: ${message}`}${instead}`,
    })
  }
  if (yanked !== undefined) {
    const reason = yanked.reason === undefined ? '' : `: ${yanked.reason}`
    const message = `${what} was yanked by its publisher${reason}. It goes on here; move to another version.`
    warnings.push({ kind: 'yanked', name, version, message })
  }
  return warnings
}

export type Said = 'deprecated' | 'yanked' | 'revoked' | 'tombstoned'

/** The strongest word about a version, for a list; nothing is verified here. */
export function saidOf(
  version: HistoryVersion | undefined,
  notices: VerifiedHead['notices'] | undefined,
): Said | undefined {
  if (version === undefined) return undefined
  if (notices?.revoked.has(version.release) === true) return 'revoked'
  if (notices?.tombstones.has(version.release) === true) return 'tombstoned'
  if (version.yanked !== undefined) return 'yanked'
  return version.deprecated === undefined ? undefined : 'deprecated'
}

/** The version as the proof of its pull has it; undefined for a proof that cannot be read, which `verify` is there to tell. */
export function pulledVersion(evidence: Uint8Array, version: string): HistoryVersion | undefined {
  try {
    const history = parseEvidence(evidence).indexPath.at(-1)
    return history === undefined ? undefined : findVersion(parseHistory(history), version)
  } catch {
    return undefined
  }
}
