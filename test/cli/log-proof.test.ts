// registry log --proof: what it prints is enough to check an entry without the node that printed it.

import { expect, test } from 'vitest'
import { fromBase64, toHex, utf8 } from '../../src/lib/index.ts'
import { leafHash, parseStatement, verifyCheckpoint, verifyInclusion } from '../../src/log/index.ts'
import { type Answer, makeFolder, registry, registryJson } from '../support/registry.ts'
import { HELLO, writeToolkit } from './toolkits.ts'

const bytesOf = (text: string): Uint8Array => fromBase64(text) ?? new Uint8Array()

test('each entry leads to the checkpoint, and no other does', async () => {
  await using folder = await makeFolder()
  const home = `${folder.path}/alice`
  const { publisher } = await registryJson(['init'], { home })
  const versions = ['1.0.0', '1.1.0', '1.2.0', '1.3.0']
  const files = await Promise.all(
    versions.map((version) => writeToolkit(folder.path, { ...HELLO, version })),
  )
  await registryJson(['publish', ...files], { home })
  const whole = await registryJson(['log', '--proof'], { home })
  const genesis = parseStatement(bytesOf(whole.entries[0].bytes))
  if (genesis.kind !== 'genesis') throw new Error('a genesis expected')
  const [logKey] = genesis.roles.log.keys
  const { size, root } = verifyCheckpoint(utf8(whole.checkpoint), { publisher, logKey })
  expect([size, toHex(root)]).toEqual([whole.size, whole.root])
  const check = ({ seq: index, inclusion, bytes }: Answer): void =>
    verifyInclusion({
      index,
      size,
      leaf: leafHash(bytesOf(bytes)),
      proof: inclusion.map(bytesOf),
      root,
    })
  expect(whole.entries).toHaveLength(5)
  for (const entry of whole.entries) {
    check(entry)
    expect(JSON.parse(entry.bundles[0])).toHaveProperty('dsseEnvelope')
  }
  expect(() => check({ ...whole.entries[1], bytes: whole.entries[2].bytes })).toThrow()
  const part = await registryJson(['log', '--proof', '--from', '2', '--to', '3'], { home })
  expect(part.entries).toEqual([whole.entries[2]])
  const { stdout } = await registry(['log', '--proof'], { home })
  expect(stdout).toContain(`toolmark/${publisher}\n5\n`)
  const stranger = `p${'a'.repeat(52)}`
  const asked = await registry(['log', '--proof', stranger], { home })
  expect(asked.status).toBe(4)
})
