// Numbered points before and after every call that can change the disk, through the file system or LevelDB, and every question
// to a source. Between two of them the disk stays as it is. At the chosen point the process kills itself; writes can also be
// cut in half there.

import { readdirSync, statSync, truncateSync, writeSync } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import fs from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'
import { join } from 'node:path'
import { ClassicLevel } from 'classic-level'

export interface Points {
  /** In the order they were passed. */
  readonly labels: readonly string[]
  /** `tear` changes what a write has left behind, just before the process dies. */
  pass(label: string, tear?: () => void): void
  /** Something was said to the world: the next point is not the one before. */
  mark(): void
}

/** `target` is the number of the point to die at, from 1; undefined only counts. */
export function createPoints(target: number | undefined): Points {
  const labels: string[] = []
  let done = false
  return {
    labels,
    mark() {
      done = false
    },
    pass(label, tear) {
      // After one call is before the next.
      if (done && label.startsWith('before ')) return
      done = label.startsWith('after ')
      labels.push(label)
      if (labels.length !== target) return
      tear?.()
      process.kill(process.pid, 'SIGKILL')
    },
  }
}

type Method = (this: object, ...args: unknown[]) => unknown
type Methods = Record<string, Method>

/** Around a method that may answer at once, with a promise, or with an error. */
function around(points: Points, label: string, method: Method): Method {
  return function (...args) {
    points.pass(`before ${label}`)
    const answer = method.apply(this, args)
    if (!(answer instanceof Promise)) {
      points.pass(`after ${label}`)
      return answer
    }
    return answer.finally(() => points.pass(`after ${label}`))
  }
}

export function watch<T extends object>(
  points: Points,
  name: string,
  object: T,
  methods: readonly string[],
): T {
  const watched = object as unknown as Methods
  for (const method of methods) {
    const original = watched[method]
    if (original === undefined) throw new Error(`${name} has no method ${method}`)
    watched[method] = around(points, `${name}.${method}`, original)
  }
  return object
}

const FILES = ['chmod', 'link', 'mkdir', 'open', 'rename', 'rm']
const HANDLE = ['chmod', 'datasync', 'sync', 'write']

/** Everything the product does to files through `node:fs/promises`. */
export async function watchFiles(points: Points): Promise<void> {
  const handle = await fs.open(process.execPath, 'r')
  const prototype: object = Object.getPrototypeOf(handle)
  await handle.close()
  watch(points, 'file', prototype, HANDLE)
  tearWrites(points, prototype as unknown as Methods)
  watch(points, 'fs', fs, FILES)
  syncBuiltinESMExports()
}

/** A point at which half of the bytes are in the file. */
function tearWrites(points: Points, prototype: Methods): void {
  for (const method of ['write', 'writeFile']) {
    const original = prototype[method] as Method
    prototype[method] = function (data, ...rest) {
      const bytes = Buffer.from(data as string)
      const half = bytes.subarray(0, Math.ceil(bytes.length / 2))
      points.pass(`torn file.${method}`, () => writeSync((this as FileHandle).fd, half))
      return original.call(this, data, ...rest)
    }
  }
}

const LEVEL = ['open', 'compactRange', 'close']

/** Everything the product asks of LevelDB, and a batch of which only a part has reached the disk. */
export function watchLevel(points: Points): void {
  const prototype = ClassicLevel.prototype as unknown as Methods
  watch(points, 'db', prototype, LEVEL)
  const batch = prototype.batch as Method
  const writing = async (database: object, write: () => unknown): Promise<void> => {
    points.pass('before db.batch')
    const folder = (database as { location: string }).location
    const before = sizesOf(folder)
    await write()
    points.pass('torn db.batch', () => tearLog(folder, before))
    points.pass('after db.batch')
  }
  prototype.batch = function (...args) {
    if (args.length > 0) return writing(this, () => batch.apply(this, args))
    const chained = batch.call(this) as Methods
    const { write } = chained
    chained.write = (...how) => writing(this, () => write?.apply(chained, how))
    return chained
  }
}

/** As after power loss in the middle of the batch's sync: the log ends inside its last record. */
function tearLog(folder: string, before: ReadonlyMap<string, number>): void {
  for (const [name, size] of sizesOf(folder)) {
    const grown = size - (before.get(name) ?? 0)
    if (grown > 1) truncateSync(join(folder, name), size - Math.floor(grown / 2))
  }
}

function sizesOf(folder: string): ReadonlyMap<string, number> {
  const logs = readdirSync(folder).filter((name) => name.endsWith('.log'))
  return new Map(logs.map((name) => [name, statSync(join(folder, name)).size]))
}
