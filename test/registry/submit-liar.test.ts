// Home nodes that lie to whoever submits: what the machine believes, what it sends, and what it says to the person at it.

import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { isRegistryError, RegistryError } from '../../src/lib/index.ts'
import {
  checkLog,
  type HomeNode,
  type Published,
  publish,
  submit,
  verifyName,
} from '../../src/registry/index.ts'
import { localSource } from '../../src/resolve/index.ts'
import { copyStore, dump } from '../support/copy-store.ts'
import { OTHER_CID } from '../support/evil-submitter.ts'
import { type Machine, openTestHome, type TestHome } from '../support/home-node.ts'
import { openPublisher, toolkit } from '../support/publisher.ts'

type Open = () => Promise<HomeNode & AsyncDisposable>

const WEATHER = toolkit('com.example/weather', '1.0.0')

let home: TestHome
let ci: Machine
beforeEach(async () => {
  home = await openTestHome()
  ci = await home.machine('ci')
})
afterEach(() => home[Symbol.asyncDispose]())

/** The honest home node, but for some answers; each connection is new. */
function lying(lie: (honest: HomeNode) => Partial<HomeNode>): Open {
  return async () => {
    const honest = await ci.dial()
    return { ...honest, ...lie(honest) }
  }
}

async function refusalBy(open: Open): Promise<RegistryError> {
  const error = await ci.submitVia(open, WEATHER).then(
    (published: readonly Published[]) => new Error(`believed ${published.length}`),
    (cause: unknown) => cause,
  )
  if (!isRegistryError(error)) throw error
  const { records } = await dump(ci.workspace.store)
  expect(records.filter(({ table }) => table === 'evidence')).toEqual([])
  return error
}

async function size(): Promise<number> {
  return (await checkLog(home.publisher.workspace.store, home.publisher.id)).size
}

describe('an acknowledgement', () => {
  test('for what is not in the log', async () => {
    const submit = async () => ({
      missing: [],
      entries: [{ kind: 'appended' as const, seq: 1, statement: OTHER_CID }],
    })
    expect(await refusalBy(lying(() => ({ submit })))).toMatchObject({ code: 'NOT_FOUND' })
    expect(await size()).toBe(1)
  })

  test('for a version that somebody else has filled meanwhile', async () => {
    const other = toolkit('com.example/weather', '1.0.0', 2, 'Other words.')
    const submit = async () => {
      await home.publisher.publish(other)
      return {
        missing: [],
        entries: [{ kind: 'appended' as const, seq: 1, statement: OTHER_CID }],
      }
    }
    await expect(
      ci.submitVia(
        lying(() => ({ submit })),
        WEATHER,
      ),
    ).rejects.toMatchObject({
      code: 'VERSION_EXISTS',
      message: 'The log has this version with other content.',
    })
  })

  test('of another number of entries, or a question without end', async () => {
    const empty = async () => ({ missing: [], entries: [] })
    expect(await refusalBy(lying(() => ({ submit: empty })))).toMatchObject({
      code: 'PEER_MISBEHAVED',
      message: 'The home node home broke the protocol: it acknowledged another number of entries.',
    })
    const stage = async () => {}
    expect(await refusalBy(lying(() => ({ stage })))).toMatchObject({
      code: 'PEER_MISBEHAVED',
      message: 'The home node home broke the protocol: it asked for blocks again and again.',
    })
  })

  test('that is lost: it is asked for again over a new connection', async () => {
    let lost = 0
    const open = lying((honest) => ({
      submit: async (submission, options) => {
        const answer = await honest.submit(submission, options)
        if (answer.missing.length > 0 || lost > 0) return answer
        lost += 1
        throw new RegistryError('PEER_UNAVAILABLE', 'The channel is gone.')
      },
    }))
    const lines: string[] = []
    const counted: Open = async () => {
      const line = await open()
      lines.push('open')
      const close = async () => {
        lines.push('closed')
        await line[Symbol.asyncDispose]()
      }
      return { ...line, [Symbol.asyncDispose]: close }
    }
    expect(await ci.submitVia(counted, WEATHER)).toMatchObject([{ kind: 'published', seq: 1 }])
    expect([lost, await size()]).toEqual([1, 2])
    expect(lines).toEqual(['open', 'closed', 'open', 'closed'])
  })
})

describe('a question', () => {
  test('for blocks of this machine that belong to no release submitted', async () => {
    let staged = 0
    const open = lying(() => ({
      submit: async () => ({ missing: [OTHER_CID], entries: [] }),
      stage: async (blocks) => {
        staged += blocks.length
      },
    }))
    expect(await refusalBy(open)).toMatchObject({
      code: 'PEER_MISBEHAVED',
      message:
        'The home node home broke the protocol: it asked for a block of no release submitted.',
    })
    expect(staged).toBe(0)
  })
})

describe('a refusal', () => {
  test('that never ends: twenty attempts, then it is said so', async () => {
    let asked = 0
    const open = lying(() => ({
      submit: async () => {
        asked += 1
        throw new RegistryError('CONFLICT', 'The log has grown since its head was read.')
      },
    }))
    expect(await refusalBy(open)).toMatchObject({
      code: 'CONFLICT',
      message: 'Others were faster every time.',
      details: {
        expected: 'the log to stand still for one of 20 attempts',
        got: 'The log has grown since its head was read.',
        next: 'Submit again when fewer others do; what is in the log already is not repeated.',
      },
    })
    expect(asked).toBe(20)
  })

  test('of every connection: five, then it is said so', async () => {
    let dialled = 0
    const open: Open = async () => {
      dialled += 1
      throw new RegistryError('PEER_UNAVAILABLE', 'The peer cannot be reached.')
    }
    expect((await refusalBy(open)).code).toBe('PEER_UNAVAILABLE')
    expect(dialled).toBe(5)
  })
})

describe('the log', () => {
  test('t01-rollback: an older state than one accepted here', async () => {
    const older = localSource(await copyStore(home.publisher.workspace.store))
    await ci.submit(WEATHER)
    const open = lying(() => older)
    const error = await ci
      .submitVia(open, toolkit('com.example/weather', '1.1.0'))
      .catch((cause: unknown) => cause)
    expect(error).toMatchObject({ code: 'ROLLBACK' })
    expect(await size()).toBe(2)
  })

  test('t05-fork: another history than the one accepted here', async () => {
    const other = await copyStore(home.publisher.workspace.store)
    await ci.submit(WEATHER)
    const { workspace } = home.publisher
    await publish({ ...workspace, store: other }, [toolkit('com.example/maps', '1.0.0')])
    const open = lying(() => localSource(other))
    const next = toolkit('com.example/weather', '1.1.0')
    const error = await ci.submitVia(open, next).catch((cause: unknown) => cause)
    expect(error).toMatchObject({ code: 'FORKED' })
    // And it sticks, also for the honest one.
    await expect(ci.submit(next)).rejects.toMatchObject({ code: 'FORKED' })
    expect(await size()).toBe(2)
  })

  test('of another publisher', async () => {
    await using mallory = await openPublisher()
    const open = lying(() => ({
      checkpoint: () => mallory.source.checkpoint(mallory.id),
      entries: (_, range) => mallory.source.entries(mallory.id, range),
    }))
    expect((await refusalBy(open)).verdict).toMatch(/MALFORMED|MISMATCH/)
  })

  test('with other nodes of the index than its own', async () => {
    const open = lying((honest) => ({
      indexPath: async (publisher, query, options) => {
        const nodes = await honest.indexPath(publisher, query, options)
        return [...nodes, ...nodes]
      },
    }))
    expect((await refusalBy(open)).code).toBe('PROOF_INVALID')
    expect(await size()).toBe(1)
  })

  test('that is written here has no other home', async () => {
    const { workspace, id: publisher } = home.publisher
    const open = lying(() => ({}))
    const request = { toolkits: [WEATHER], publisher, open, random: () => 0 }
    await expect(submit(workspace, request)).rejects.toMatchObject({
      code: 'USAGE',
      message: 'This log is written here: there is no other home to submit to.',
    })
  })
})

test('what was submitted verifies here, offline', async () => {
  await ci.submit(WEATHER, toolkit('com.example/weather', '1.1.0'))
  const { release } = await verifyName(ci.workspace.store, 'com.example/weather', {})
  expect(release.entry.version).toBe('1.1.0')
})
