// The disk as a kill would leave it, at every await of a run: the folder is copied before each continuation of a promise that
// finds it changed. SIGKILL keeps exactly what the kernel has, and a copy sees exactly that. A copy during which a thread has
// changed something is thrown away: it may be of no moment at all.

import { cpSync, readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { promiseHooks } from 'node:v8'

export interface Copies {
  readonly awaits: number
  readonly copies: readonly {
    readonly folder: string
    /** What had been acknowledged when the copy was made. */
    readonly acknowledged: readonly string[]
  }[]
}

export function copyAtEveryAwait(
  home: string,
  target: string,
): { acknowledge(what: string): void; stop(): Copies } {
  const copies: { folder: string; acknowledged: readonly string[] }[] = []
  let acknowledged: readonly string[] = []
  let awaits = 0
  let last = ''
  const look = (): void => {
    awaits += 1
    const before = fingerprint(home)
    const now = `${acknowledged.length} ${before}`
    if (before === undefined || now === last) return
    const folder = join(target, String(copies.length))
    if (copyOf(home, join(folder, 'home')) && fingerprint(home) === before) {
      last = now
      copies.push({ folder, acknowledged })
    } else {
      rmSync(folder, { recursive: true, force: true })
    }
  }
  const stop = promiseHooks.onBefore(look)
  return {
    acknowledge: (what) => {
      acknowledged = [...acknowledged, what]
    },
    stop: () => {
      stop()
      return { awaits, copies }
    },
  }
}

function copyOf(home: string, folder: string): boolean {
  try {
    cpSync(home, folder, { recursive: true })
    return true
  } catch {
    return false
  }
}

/** undefined when something has gone while it was looked at. */
function fingerprint(folder: string): string | undefined {
  try {
    const names = readdirSync(folder, { recursive: true, withFileTypes: true })
    return names
      .map(({ parentPath, name }) => {
        const { ino, size, mtimeNs } = statSync(join(parentPath, name), { bigint: true })
        return `${parentPath}/${name} ${ino} ${size} ${mtimeNs}`
      })
      .join()
  } catch {
    return undefined
  }
}
