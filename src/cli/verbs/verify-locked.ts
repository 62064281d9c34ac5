// registry verify --locked: what an agent does when it starts, and nothing else. One line a release, or the refusal.

import { RegistryError } from '../../lib/index.ts'
import { type StartOptions, start } from '../../node/start.ts'
import type { Invocation } from '../command.ts'
import { textOption } from '../command.ts'
import { safe } from '../terminal.ts'
import { remarkOn } from '../warnings.ts'

type Warning = Parameters<NonNullable<StartOptions['warn']>>[0]

export async function verifyLocked(invocation: Invocation): Promise<undefined> {
  const { terminal, environment, folder, home, signal, options } = invocation
  assertAlone(invocation)
  const warnings: Warning[] = []
  const { tools, lock, lockfile, policy } = await start({
    lockfile: textOption(invocation, 'lockfile'),
    policy: textOption(invocation, 'policy'),
    home: home.folder,
    environment,
    folder,
    signal,
    allowStale: options.requireFresh !== true,
    frozen: options.frozen === true,
    names: options.prefixed === true ? 'prefixed' : 'plain',
    warn: (warning) => void warnings.push(warning),
  })
  const releases = [...new Set(tools.map(({ release }) => release))]
  if (terminal.isJson) {
    terminal.json({
      verdict: 'VERIFIED',
      lockfile,
      policy: policy ?? null,
      releases: releases.map((release) => ({
        name: release.name,
        version: release.version,
        publisher: release.publisher,
        release: release.cid,
        log: lock.releases.get(release.name)?.log,
        tools: tools
          .filter((tool) => tool.release === release)
          .map(({ name, visibleName, cid, surface }) => ({ name, visibleName, cid, surface })),
      })),
      warnings,
    })
    return undefined
  }
  for (const release of releases) {
    const own = tools.filter((tool) => tool.release === release)
    const count = `${own.length} ${own.length === 1 ? 'tool' : 'tools'}`
    terminal.line(`VERIFIED ${safe(`${release.name}@${release.version}`)}  ${count}`)
  }
  remarkOn(terminal, warnings)
  return undefined
}

/** Nothing that is asked for may go unheard. */
function assertAlone({ args, options }: Invocation): void {
  const others = ['publisher', 'witness', 'quorum', 'maxAge'].filter((name) => name in options)
  const got = [...args, ...others.map((name) => `--${name === 'maxAge' ? 'max-age' : name}`)]
  if (got.length === 0) return
  throw new RegistryError('USAGE', '`verify --locked` takes its words from lockfile and policy.', {
    expected: '--lockfile, --policy, --frozen, --require-fresh or --prefixed',
    got: got.join(' '),
    next: 'Leave these out, or verify without `--locked`.',
  })
}
