// Killed anywhere in `pull`: a release is visible only when it is whole and verifies, what was acknowledged stays, no floor is
// ahead of the log that was accepted, and the same pull afterwards gives the same release.

import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { init, listReleases, publish, pull, verifyName } from '../../src/registry/index.ts'
import type { PublisherId } from '../../src/spec/index.ts'
import { assertSoundBlocks, highestFloorBeside } from '../support/crash-checks.ts'
import {
  type Crashed,
  copyOf,
  crashAtEveryAwait,
  crashEverywhere,
  type TemporaryFolder,
} from '../support/crash-run.ts'
import {
  type CrashContext,
  NAME,
  openHome,
  openLogs,
  toolkitOf,
} from '../support/crash-scenarios.ts'
import { peerOf } from '../support/publisher.ts'

let template: TemporaryFolder
let publisher: PublisherId
let logs: CrashContext['logs']
/** version → release CID and the size of the log it is pulled from. */
const offered = new Map<string, { readonly cid: string; readonly size: number }>()

beforeAll(async () => {
  template = await copyOf()
  await using workshop = await copyOf()
  await using workspace = await openHome(workshop.path)
  ;({ publisher } = await init(workspace))
  for (const [folder, versions] of [
    ['one', ['1.0.0']],
    ['two', ['1.1.0', '2.0.0']],
  ] as const) {
    for (const { version, release, seq } of await publish(workspace, versions.map(toolkitOf))) {
      offered.set(version, { cid: release, size: seq + 1 })
    }
    await cp(join(workshop.path, 'home'), join(template.path, folder), { recursive: true })
  }
  await using copy = await copyOf(template.path)
  logs = await openLogs(copy.path)
})

afterAll(() => template[Symbol.asyncDispose]())

async function check({ folder, acknowledged }: Crashed): Promise<void> {
  await using workspace = await openHome(folder)
  const { store } = workspace
  await assertSoundBlocks(store)
  const visible = (await Array.fromAsync(listReleases(store))).map(({ version }) => version)
  for (const version of visible) {
    const { release } = await verifyName(store, `${NAME}@${version}`)
    expect([release.cid, release.tools.length]).toEqual([offered.get(version)?.cid, 4])
  }
  expect([[], ['1.0.0'], ['1.0.0', '2.0.0']]).toContainEqual(visible)
  for (const line of acknowledged) expect(visible).toContain(line.split(' ')[0])
  const accepted = Math.max(0, ...visible.map((version) => offered.get(version)?.size ?? 0))
  const [floor] = await store.listFloors()
  expect(floor?.size ?? 0).toBe(accepted)
  expect(await highestFloorBeside(folder)).toBeLessThanOrEqual(accepted)
  await pullAgain(workspace, accepted)
}

async function pullAgain(workspace: Awaited<ReturnType<typeof openHome>>, accepted: number) {
  for (const [log, version] of [
    ['one', '1.0.0'],
    ['two', '2.0.0'],
  ] as const) {
    const { cid, size } = offered.get(version) ?? expect.fail('not offered')
    const again = pull(workspace, {
      reference: `${NAME}@${version}`,
      peers: [peerOf(logs?.[log].source ?? expect.fail('no log'))],
      publisher,
    })
    // The kill has not opened a way back: what was accepted holds.
    if (size < accepted) await expect(again).rejects.toMatchObject({ code: 'ROLLBACK' })
    else expect((await again).release.cid).toBe(cid)
  }
}

describe('a process that is killed', () => {
  it('while pulling shows a whole release or none', async () => {
    const points = await crashEverywhere('pull', template.path, check)
    console.info(`pull: killed at ${points.length} points`)
    expect(points.length).toBeGreaterThanOrEqual(30)
    expect(points).toContain('torn db.batch')
    expect(points).toContain('torn file.write')
    expect(points).toContain('after source.consistency')
  })

  it('leaves at each await of pull a disk that goes on', async () => {
    const { awaits, states } = await crashAtEveryAwait('pull', template.path, check)
    console.info(`pull: ${awaits} awaits, ${states} states of the disk`)
    expect(awaits).toBeGreaterThanOrEqual(30)
    expect(states).toBeGreaterThanOrEqual(3)
  })
})
