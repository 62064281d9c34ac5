// How much more does canonical form cost than JSON.stringify?

import { canonicalize } from '../src/lib/index.ts'
import { makeTool } from './corpus.ts'
import { type Measured, race } from './measure.ts'

const ITEMS = 500

export async function measure(): Promise<readonly Measured[]> {
  const tools = Array.from({ length: ITEMS }, (_, i) => makeTool(i))
  const each = (write: (value: unknown) => string) => () => {
    let length = 0
    for (const tool of tools) length += write(tool).length
    return length
  }
  const raced = await race({ rounds: 40, items: ITEMS }, each(canonicalize), each(JSON.stringify))
  return [
    {
      question: 'canonical form of a 4 KB tool',
      unit: 'µs',
      ...raced,
      floorIs: 'JSON.stringify',
      target: 1.7,
    },
  ]
}
