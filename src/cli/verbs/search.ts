// registry search

import { RegistryError } from '../../lib/index.ts'
import { type Found, openSearch } from '../../registry/index.ts'
import { type Invocation, textOption } from '../command.ts'
import { safe } from '../terminal.ts'

const MOST = 1_000

export async function run(invocation: Invocation): Promise<undefined> {
  const { terminal, args } = invocation
  const query = args.join(' ')
  const limit = parseLimit(textOption(invocation, 'limit') ?? '10')
  const { store } = await invocation.workspace()
  const results = (await openSearch(store)).find(query, limit)
  if (terminal.isJson) {
    terminal.json({ query, results })
    return
  }
  for (const found of results) terminal.line(describe(found))
  terminal.remark(
    results.length === 0
      ? 'Nothing here fits. Next: `registry follow PUBLISHER`, or `registry pull NAME --from MULTIADDR`.'
      : 'These are hints: `registry show NAME` verifies one and shows what it says.',
  )
}

function describe({ name, version, standing, publisher, title }: Found): string {
  const words = [safe(`${name}@${version}`), standing, publisher]
  return [...words, ...(title === undefined ? [] : [safe(title)])].join('  ')
}

function parseLimit(text: string): number {
  const limit = Number(text)
  if (/^[0-9]{1,4}$/.test(text) && limit >= 1 && limit <= MOST) return limit
  throw new RegistryError('USAGE', 'This is not a number of results.', {
    expected: `1 to ${MOST}`,
    got: JSON.stringify(text.slice(0, 40)),
    next: 'Leave `--limit` out for ten.',
  })
}
