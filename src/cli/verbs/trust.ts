// registry trust init|check|explain|add|refresh-roots|roots

import { RegistryError } from '../../lib/index.ts'
import type { Invocation } from '../command.ts'

const ACTIONS = {
  init: async () => (await import('./trust-edit.ts')).init,
  check: async () => (await import('./trust-check.ts')).check,
  explain: async () => (await import('./trust-explain.ts')).explain,
  add: async () => (await import('./trust-edit.ts')).add,
  'refresh-roots': async () => (await import('./trust-roots.ts')).refreshRoots,
  roots: async () => (await import('./trust-roots.ts')).roots,
} as const

export async function run(invocation: Invocation): Promise<number | undefined> {
  const [action = '', ...args] = invocation.args
  const load = Object.hasOwn(ACTIONS, action) ? ACTIONS[action as keyof typeof ACTIONS] : undefined
  if (load === undefined) {
    throw new RegistryError('USAGE', 'Say what to do about trust.', {
      expected: 'init, check, explain, add, refresh-roots or roots',
      got: action,
      next: 'See `registry trust --help`.',
    })
  }
  const act = await load()
  return await act({ ...invocation, args })
}
