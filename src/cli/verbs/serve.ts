// registry serve: runs until it is told to stop.

import { once } from 'node:events'
import process from 'node:process'
import { type Overrides, openConfig } from '../../node/config/index.ts'
import { createLogger } from '../../node/logger.ts'
import { serve } from '../../node/serve.ts'
import { type Invocation, listOption, textOption } from '../command.ts'
import { EXIT } from '../exit.ts'
import { watchFaults } from '../faults.ts'
import { safe, writeTo } from '../terminal.ts'

export async function run(invocation: Invocation): Promise<number | undefined> {
  const { terminal, signal: told, home, folder } = invocation
  const place = { file: textOption(invocation, 'config'), folder, home }
  const { config, path } = await openConfig(place, overridesOf(invocation))
  const workspace = await invocation.workspace()
  const { level, format } = config.log
  const write = (line: string): void => writeTo(process.stderr, line)
  const log = createLogger({ level, format, now: workspace.now, write })
  using faults = watchFaults(process, log)
  const signal = AbortSignal.any([told, faults.signal])
  await using node = await serve(home, workspace, { config, log })
  const { peerId, addresses, http, witness } = node
  if (terminal.isJson) {
    terminal.json({
      ...{ peerId, addresses, config: path ?? null, http: http ?? null },
      witness: witness === undefined ? null : { vkey: witness.vkey, url: witness.url ?? null },
    })
  }
  terminal.line(`Serving as ${peerId}`)
  for (const address of addresses) terminal.line(`  ${address}`)
  if (path !== undefined) terminal.line(`Configured by ${safe(path)}`)
  if (http !== undefined) terminal.line(`Metrics and health: ${http}`)
  if (witness !== undefined) terminal.line(`Witness: ${witness.vkey}`)
  if (witness?.url !== undefined) terminal.line(`  ${witness.url}`)
  terminal.line('Others pull with: registry pull NAME --from ADDRESS. Stop with Ctrl-C.')
  if (!signal.aborted) await once(signal, 'abort')
  return faults.signal.aborted ? EXIT.FAILED : undefined
}

/** What was said on the command line, as the file would say it. */
function overridesOf(invocation: Invocation): Overrides {
  const { options } = invocation
  const lists = { listen: listOption(invocation, 'listen'), peers: listOption(invocation, 'peer') }
  const [http, level, format, period] = ['http', 'logLevel', 'logFormat', 'period'].map((name) =>
    textOption(invocation, name),
  )
  return {
    ...(lists.listen.length === 0 ? {} : { listen: lists.listen }),
    ...(options.acceptSubmissions === true ? { accept_submissions: true } : {}),
    ...(lists.peers.length === 0 ? {} : { peers: { connect: lists.peers } }),
    ...(http === undefined ? {} : { http: { listen: http } }),
    ...(period === undefined ? {} : { sync: { period } }),
    ...(options.witness === true ? { witness: { enabled: true } } : {}),
    log: {
      ...(level === undefined ? {} : { level }),
      ...(format === undefined ? {} : { format }),
    },
  }
}
