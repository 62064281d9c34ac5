import { afterEach, describe, expect, it } from 'vitest'
import { type Connected, connect, contentsOf, NETWORKS, openNode, sync } from './nodes.ts'
import { copyInto, makePublishers } from './publishers.ts'

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
    const { link } = own(await connect(open, server)) as Connected
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
})
