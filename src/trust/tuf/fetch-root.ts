// A trusted root over TUF (https://theupdateframework.io), by @sigstore/tuf: metadata signed by the keys of a root file that is known
// already, checked for age and rollback against what was fetched before. Only when somebody asks for it.

import { createRequire } from 'node:module'
import { RegistryError, utf8 } from '../../lib/index.ts'

/** The mirror of https://sigstore.dev, whose first root file ships with the library. */
export const PUBLIC_GOOD_MIRROR = 'https://tuf-repo-cdn.sigstore.dev'
const TARGET = 'trusted_root.json'
const TIMEOUT_MS = 10_000

export interface TufOptions {
  readonly mirror: string
  /** Path of the TUF root file to begin with; required but for the public-good mirror. */
  readonly rootFile: string | undefined
  /** Folder where metadata is kept: what it has seen, it never goes back behind. */
  readonly cache: string
}

/** The bytes of trusted_root.json. Throws USAGE, SERVER_FAILED. */
export async function fetchTrustedRoot({
  mirror,
  rootFile,
  cache,
}: TufOptions): Promise<Uint8Array> {
  if (rootFile === undefined && mirror !== PUBLIC_GOOD_MIRROR) {
    throw new RegistryError('USAGE', 'Another mirror needs the TUF root to begin with.', {
      expected: '--tuf-root FILE, from whoever runs the instance',
      got: mirror,
      next: 'Do not take it from the mirror itself: it would then vouch for itself.',
    })
  }
  // CommonJS, and heavy: loaded for this command only.
  const { initTUF } = createRequire(import.meta.url)(
    '@sigstore/tuf',
  ) as typeof import('@sigstore/tuf')
  try {
    const client = await initTUF({
      cachePath: cache,
      mirrorURL: mirror,
      timeout: TIMEOUT_MS,
      retry: { retries: 1 },
      ...(rootFile === undefined ? {} : { rootPath: rootFile }),
    })
    return utf8(await client.getTarget(TARGET))
  } catch (cause) {
    throw failed(mirror, cause)
  }
}

/** The library’s error says what it was doing, the cause what went wrong. */
function failed(mirror: string, cause: unknown): RegistryError {
  const words: string[] = []
  for (let at = cause, depth = 0; at instanceof Error && depth < 4; at = at.cause, depth++) {
    if (at.message !== '') words.push(at.message)
  }
  return new RegistryError('SERVER_FAILED', 'The trusted root could not be refreshed.', {
    expected: `signed TUF metadata and ${TARGET} from ${mirror}`,
    got: words.join('; ').slice(0, 300) || String(cause),
    next: 'The root that is here goes on. Try again later; if it says the same, ask whoever runs the mirror.',
    cause,
  })
}
