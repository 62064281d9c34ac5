// guardMcp in one process: what a client sees and may call while the server changes.

import { expect, test } from 'vitest'
import { lockedTools, namesOf, openScene, refusalOf } from '../support/guarded.ts'
import { WEATHER, type WireTool } from '../support/mutable-server.ts'

const NAMES = WEATHER.map(({ name }) => name)

function changed(name: string, change: object): readonly WireTool[] {
  return WEATHER.map((tool) => (tool.name === name ? { ...tool, ...change } : tool))
}

test('a server that lists what was verified passes whole, in one page', async () => {
  await using scene = await openScene()
  const { tools, nextCursor } = await scene.client.listTools()
  expect(tools).toEqual(WEATHER)
  expect(nextCursor).toBeUndefined()
  const { content } = await scene.client.callTool({ name: 'get_forecast', arguments: {} })
  expect(content).toEqual([{ type: 'text', text: 'called get_forecast' }])
  expect(scene.events).toEqual([])
  expect(scene.missing).toEqual([])
  expect(scene.errors).toEqual([])
})

test('t40-rug-pull: one character of one description takes out exactly that tool', async () => {
  await using scene = await openScene()
  expect(await namesOf(scene.client)).toEqual(NAMES)
  scene.server.tools = changed('get_alerts', {
    description: 'Lists the warnings in force at a place!',
  })
  expect(await namesOf(scene.client)).toEqual(['get_forecast', 'set_unit'])
  expect(scene.events).toHaveLength(1)
  const [event] = scene.events
  expect(event).toMatchObject({ tool: 'get_alerts', reason: 'changed' })
  expect(event?.diff).toEqual([
    {
      path: '/description',
      before: 'Lists the warnings in force at a place.',
      after: 'Lists the warnings in force at a place!',
      risk: 'text',
      visible: true,
    },
  ])
  expect(event?.text).toBe(`The tool get_alerts is not what was verified any more (description).
  ~ /description
      - "Lists the warnings in force at a place."
      + "Lists the warnings in force at a place!"
Look for a new release with \`registry update\`, which shows the difference before anything is approved.`)
  const refused = await refusalOf(scene.client.callTool({ name: 'get_alerts' }))
  expect(refused.code).toBe(-32090)
  expect(refused.message).toBe(
    'MCP error -32090: The tool get_alerts is not what was verified any more (description). ' +
      'Look for a new release with `registry update`, which shows the difference before anything is approved.',
  )
  expect(refused.data).toMatchObject({
    code: 'TOOL_QUARANTINED',
    verdict: 'MISMATCH',
    tool: 'get_alerts',
    reason: 'changed',
    fields: ['description'],
  })
  await scene.client.callTool({ name: 'set_unit' })
  expect(scene.server.calls).toEqual(['set_unit'])
  // Told once, and back when it is what it was.
  await namesOf(scene.client)
  expect(scene.events).toHaveLength(1)
  scene.server.tools = WEATHER
  expect(await namesOf(scene.client)).toEqual(NAMES)
})

test('refuses what is not a set of verified tools', () => {
  expect(lockedTools(WEATHER)).toHaveLength(3)
})
