// A TUF repository in a process of its own.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

export interface TufRepository extends AsyncDisposable {
  readonly url: string
  /** File of the root that its metadata begins with. */
  readonly rootFile: string
  /** How many requests it had. */
  asked(): Promise<number>
}

export async function startTuf(folder: string, target: string): Promise<TufRepository> {
  const file = join(folder, 'target.json')
  await writeFile(file, target)
  const program = join(import.meta.dirname, 'tuf-child.ts')
  const child = spawn(process.execPath, [program, file], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]
  const { port, root } = JSON.parse(line) as { port: number; root: unknown }
  const rootFile = join(folder, 'tuf-root.json')
  await writeFile(rootFile, JSON.stringify(root))
  const url = `http://127.0.0.1:${port}`
  return {
    url,
    rootFile,
    asked: async () => Number(await (await fetch(`${url}/asked`)).text()),
    [Symbol.asyncDispose]: async () => {
      child.kill()
      await once(child, 'exit')
    },
  }
}
