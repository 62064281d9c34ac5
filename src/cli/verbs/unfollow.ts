// registry unfollow

import { makeRoom, openInterest, unfollow } from '../../registry/index.ts'
import type { Invocation } from '../command.ts'
import { safe } from '../terminal.ts'
import { describeRoom } from './room-text.ts'

export async function run({ terminal, args, workspace, signal }: Invocation): Promise<undefined> {
  const { store, ...rest } = await workspace()
  const removed = await unfollow(store, args)
  const interest = await openInterest(store, rest)
  const room = await makeRoom(store, interest, { now: rest.now(), signal })
  if (terminal.isJson) {
    const unfollowed = removed.map(({ kind, name, how }) => ({ kind, name, how }))
    terminal.json({ unfollowed, dropped: room.evicted, kept: room.held })
    return
  }
  for (const { name, how } of removed) {
    terminal.line(`${how === 'never' ? 'Refusing' : 'Following'} ${safe(name)} no longer`)
  }
  for (const line of describeRoom(room)) terminal.line(line)
}
