// registry mirror

import { RegistryError } from '../../lib/index.ts'
import { makeRoom, openInterest, setMirror } from '../../registry/index.ts'
import { type Invocation, textOption } from '../command.ts'
import { formatSize, parseSize } from '../size.ts'
import { describeRoom } from './room-text.ts'

export async function run(invocation: Invocation): Promise<undefined> {
  const { terminal, options, signal } = invocation
  const text = textOption(invocation, 'quota')
  const isOff = options.off === true
  if (isOff && text !== undefined) {
    throw new RegistryError('USAGE', 'A mirror has a quota, or there is none.', {
      expected: '--quota SIZE or --off',
      got: 'both',
      next: 'Leave one out.',
    })
  }
  const workspace = await invocation.workspace()
  const { store } = workspace
  if (isOff) await setMirror(workspace, undefined)
  if (text !== undefined) await setMirror(workspace, parseSize(text, '--quota'))
  const interest = await openInterest(store, workspace)
  const isChange = isOff || text !== undefined
  const room = isChange
    ? await makeRoom(store, interest, { now: workspace.now(), signal })
    : undefined
  const { mirror, mirrored } = interest
  if (terminal.isJson) {
    const dropped = room?.evicted ?? []
    terminal.json({
      mirroring: mirror !== undefined,
      quota: mirror?.quota ?? 0,
      used: mirrored,
      dropped,
    })
    return
  }
  terminal.line(
    mirror === undefined
      ? 'Nothing is mirrored here.'
      : `Mirroring everything that peers have: ${formatSize(mirrored)} of ${formatSize(mirror.quota)}`,
  )
  if (room !== undefined) for (const line of describeRoom(room)) terminal.line(line)
}
