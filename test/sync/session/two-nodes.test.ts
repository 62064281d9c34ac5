import { afterEach, describe, expect, it } from 'vitest'
import { RegistryError } from '../../../src/lib/index.ts'
import { type Link, shareLogs } from '../../../src/sync/index.ts'
import { connect, contentsOf, NETWORKS, only, openNode, sync } from './nodes.ts'
import { copyInto, makePublishers, type TestLog } from './publishers.ts'

describe.each(NETWORKS)('two nodes over %s', (_, open) => {
  const owned: AsyncDisposable[] = []
  afterEach(async () => {
    for (const one of owned.splice(0).reverse()) await one[Symbol.asyncDispose]()
  })
  const own = <T extends AsyncDisposable>(one: T): T => {
    owned.push(one)
    return one
  }

  it('agree in three round trips where ten logs differ, and in one of 1 KiB where none does', async () => {
    const publishers = await makePublishers(20)
    const server = await openNode()
    for (const one of publishers) await copyInto(server.store, one)
    const client = await openNode()
    const { link } = own(await connect(open, server))
    const first = await sync(link, client)
    expect(first).toMatchObject({ logs: 20, failure: undefined, refused: [], lacking: 0 })
    expect(await contentsOf(client)).toEqual(await contentsOf(server))

    const none = await sync(link, client)
    expect(none).toMatchObject({ logs: 0, blocks: 0, roundTrips: 1, requests: 1 })
    expect(none.bytes).toBeLessThanOrEqual(1024)

    for (const one of publishers.slice(0, 10)) {
      await one.publish('2.0.0')
      await copyInto(server.store, one)
    }
    const ten = await sync(link, client)
    expect(ten).toMatchObject({ logs: 10, entries: 10, roundTrips: 3, failure: undefined })
    expect(await contentsOf(client)).toEqual(await contentsOf(server))
    console.info(`10 changed logs: ${ten.bytes} bytes, ${ten.requests} requests`)
  })

  it('brings what was announced without reconciling, and only what is in the scope', async () => {
    const [one, two, three] = (await makePublishers(3)) as [TestLog, TestLog, TestLog]
    const server = await openNode()
    for (const log of [one, two, three]) await copyInto(server.store, log)
    const client = await openNode()
    const { link } = own(await connect(open, server))
    const announced = await sync(link, client, { publishers: [one.id] })
    expect(announced).toMatchObject({ logs: 1, roundTrips: 2, requests: 2 })
    const scoped = await sync(link, client, { interest: only(one.id, two.id) })
    expect(scoped).toMatchObject({ logs: 1, roundTrips: 3 })
    const same = await sync(link, client, { interest: only(one.id, two.id) })
    expect(same).toMatchObject({ logs: 0, roundTrips: 1, requests: 1 })
    // The scope is taken back, and everything is offered again.
    expect(await sync(link, client)).toMatchObject({ logs: 1, roundTrips: 3 })
    expect(await contentsOf(client)).toEqual(await contentsOf(server))
  })

  it('cut off at any answer, goes on where it was, and ends the same', async () => {
    const [log] = (await makePublishers(1, 3)) as [TestLog]
    await log.publish(...Array.from({ length: 80 }, (_, i) => `2.${i}.0`))
    const server = await openNode()
    await copyInto(server.store, log)
    for (const answers of [1, 3, 8]) {
      const client = await openNode()
      const connected = own(await connect(open, server))
      const cut = cutAfter(connected.link, answers)
      const first = await sync(cut, client)
      expect(first.failure).toMatchObject({ code: 'PEER_UNAVAILABLE' })
      const heads = await contentsOf(client)
      expect(heads.filter((line) => line.startsWith('head'))).toEqual([])
      const second = await sync(await connected.dial(), client)
      expect(second).toMatchObject({ logs: 1, failure: undefined, refused: [] })
      expect(await contentsOf(client)).toEqual(await contentsOf(server))
    }
  })

  it('ends a log that has had its room, keeps what verified, and goes on from there', async () => {
    const [log] = (await makePublishers(1)) as [TestLog]
    await log.publish(...Array.from({ length: 80 }, (_, i) => `2.${i}.0`))
    const server = await openNode()
    await copyInto(server.store, log)
    const client = await openNode()
    const { link } = own(await connect(open, server))
    const interest = { wants: () => true, roomFor: () => ({ entries: 10, bytes: 1e9 }) }
    const first = await sync(link, client, { interest })
    expect(first).toMatchObject({ logs: 0, entries: 64, failure: undefined })
    expect(first.refused).toMatchObject([{ publisher: log.id, error: { code: 'LIMIT_EXCEEDED' } }])
    expect(first.refused[0]?.error.details.got).toContain('up to entry 64 of 82')
    // Asked for from there at once, although no head of it is shown yet.
    const second = await sync(link, client)
    expect(second).toMatchObject({ logs: 1, entries: 18, roundTrips: 3, refused: [] })
    expect(await contentsOf(client)).toEqual(await contentsOf(server))
  })

  it('may be asked by two sessions at once: each log comes once, and nobody is blamed', async () => {
    const publishers = await makePublishers(12)
    const server = await openNode()
    for (const one of publishers) await copyInto(server.store, one)
    const client = await openNode()
    const { link, dial } = own(await connect(open, server))
    const other = await dial()
    const [first, second] = await Promise.all([sync(link, client), sync(other, client)])
    expect([...first.refused, ...second.refused]).toEqual([])
    expect(first.logs + second.logs).toBe(12)
    expect(await contentsOf(client)).toEqual(await contentsOf(server))
    // One that comes late: by the time it has its answer, another peer has brought a part of it.
    const [log] = publishers as [TestLog]
    const behind = await openNode()
    await log.publish('2.0.0')
    await copyInto(behind.store, log)
    await log.publish('3.0.0')
    await copyInto(server.store, log)
    const between = own(await connect(open, behind))
    const late = delayed(other, 'logs', async () => {
      expect(await sync(between.link, client)).toMatchObject({ logs: 1, entries: 1 })
    })
    const result = await sync(late, client)
    expect(result).toMatchObject({ logs: 1, entries: 1, refused: [], failure: undefined })
    expect(await contentsOf(client)).toEqual(await contentsOf(server))
  })

  it('stops at once when it is told to', async () => {
    const publishers = await makePublishers(2)
    const server = await openNode()
    for (const one of publishers) await copyInto(server.store, one)
    const { link } = own(await connect(open, server))
    const stop = new AbortController()
    const running = sync(link, await openNode(), { signal: stop.signal })
    stop.abort(new Error('no longer'))
    await expect(running).rejects.toThrow('no longer')
  })

  it('lists whom it follows, if it tells', async () => {
    const [log] = (await makePublishers(1)) as [TestLog]
    const server = await openNode()
    const told = { publishers: [log.id], namespaces: ['com.example'] }
    const sharing = shareLogs(server.store, server.heads, { follows: async () => told })
    const { link } = own(await connect(open, server, { sharing }))
    expect(await link.ask('follows', {})).toEqual(told)
    const silent = own(await connect(open, server))
    await expect(silent.link.ask('follows', {})).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })
})

/** A link on which something happens before the first answer to this op is seen. */
function delayed(link: Link, slow: string, act: () => Promise<void>): Link {
  let acted = false
  return {
    remote: link.remote,
    traffic: link.traffic,
    outstanding: 0,
    async ask(op, ask, options) {
      const answer = await link.ask(op, ask, options)
      const isFirst = op === slow && !acted
      acted ||= isFirst
      if (isFirst) await act()
      return answer
    },
    refuse: (error) => link.refuse(error),
    [Symbol.asyncDispose]: () => link[Symbol.asyncDispose](),
  }
}

/** A link whose peer is gone after so many answers. */
function cutAfter(link: Link, answers: number): Link {
  let left = answers
  return {
    remote: link.remote,
    get traffic() {
      return link.traffic
    },
    get outstanding() {
      return link.outstanding
    },
    async ask(op, ask, options) {
      const answer = await link.ask(op, ask, options)
      left -= 1
      if (left < 0) throw link.refuse(new RegistryError('PEER_UNAVAILABLE', 'The cable is cut.'))
      return answer
    },
    refuse: (error) => link.refuse(error),
    [Symbol.asyncDispose]: () => link[Symbol.asyncDispose](),
  }
}
