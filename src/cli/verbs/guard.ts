// registry guard: an MCP server over stdio that lets only verified tools of another one through. Standard output is the protocol;
// everything for people goes to standard error.

import process from 'node:process'
import { checkMcp, type GuardedCommand, proxyMcp } from '../../formats/index.ts'
import { RegistryError } from '../../lib/index.ts'
import { start } from '../../node/start.ts'
import { openWorkspace } from '../../node/workspace.ts'
import { loadTools } from '../../registry/index.ts'
import { publisherFor, type VerifiedTool } from '../../resolve/index.ts'
import { parsePublisherId, parseReference } from '../../spec/index.ts'
import { type Invocation, listOption, textOption } from '../command.ts'
import { EXIT } from '../exit.ts'
import { safe } from '../terminal.ts'
import { remarkOn } from '../warnings.ts'

export async function run(invocation: Invocation): Promise<number | undefined> {
  const { terminal, options, signal } = invocation
  const [command = '', ...args] = invocation.args
  if (terminal.isJson && options.check !== true) throw notJson()
  // Before the server is started: a tool that is not proven is not worth starting anything for.
  const tools = await toolsFor(invocation)
  const log = (line: string): void => terminal.remark(line)
  const guarded: GuardedCommand = {
    command,
    args,
    env: process.env,
    tools,
    signal,
    log,
    options: {
      allowInstructions: options.allowInstructions === true,
      onQuarantine: ({ text }) => log(`quarantined: ${text}`),
      onMissing: (names) => {
        if (names.length > 0) log(`not listed: ${names.join(', ')}`)
      },
    },
  }
  if (options.check === true) return await check(invocation, guarded)
  await proxyMcp(guarded, { input: process.stdin, output: process.stdout })
}

async function check({ terminal }: Invocation, guarded: GuardedCommand): Promise<number> {
  const { tools, quarantined, missing } = await checkMcp(guarded)
  if (terminal.isJson) {
    const found = quarantined.map(({ tool, reason, diff }) => ({ tool, reason, changes: diff }))
    terminal.json({ tools, quarantined: found, missing })
  }
  for (const name of tools) terminal.line(`the same  ${safe(name)}`)
  for (const { text } of quarantined) for (const line of text.split('\n')) terminal.line(line)
  for (const name of missing) terminal.line(`not listed  ${safe(name)}`)
  return quarantined.length + missing.length > 0 ? EXIT.MISMATCH : 0
}

/** The store is closed again before the server runs: others need it. */
function toolsFor(invocation: Invocation): Promise<readonly VerifiedTool[]> {
  return invocation.options.locked === true ? toolsLocked(invocation) : toolsHeld(invocation)
}

/** As an agent starts: what somebody has approved, by the policy. */
async function toolsLocked(invocation: Invocation): Promise<readonly VerifiedTool[]> {
  const { terminal, environment, folder, home, signal } = invocation
  const { tools, lock } = await start({
    lockfile: textOption(invocation, 'lockfile'),
    policy: textOption(invocation, 'policy'),
    home: home.folder,
    environment,
    folder,
    signal,
    warn: (warning) => remarkOn(terminal, [warning]),
  })
  const wanted = listOption(invocation, 'release')
  const stranger = wanted.find((name) => !lock.releases.has(name))
  if (stranger !== undefined) throw notLocked(stranger, [...lock.releases.keys()])
  return wanted.length === 0 ? tools : tools.filter(({ release }) => wanted.includes(release.name))
}

async function toolsHeld(invocation: Invocation): Promise<readonly VerifiedTool[]> {
  const { home, signal, terminal } = invocation
  const tools = listOption(invocation, 'release')
  if (tools.length === 0) throw noRelease()
  const id = textOption(invocation, 'publisher')
  const chosen = id === undefined ? undefined : parsePublisherId(id)
  await using workspace = await openWorkspace(home, { signal })
  const { store, now } = workspace
  const publishers = await Promise.all(
    tools.map((reference) => publisherFor(store, parseReference(reference).name, { chosen })),
  )
  return await loadTools(store, {
    tools,
    publishers,
    now,
    warn: (warning) => remarkOn(terminal, [warning]),
  })
}

function noRelease(): RegistryError {
  return new RegistryError('USAGE', 'Say which release the server is to be compared with.', {
    expected: '--release NAME, or --locked, before --',
    got: 'none',
    next: 'See `registry list` for what is here.',
  })
}

function notLocked(name: string, locked: readonly string[]): RegistryError {
  return new RegistryError('NOT_FOUND', 'The lockfile locks no release of that name.', {
    expected: locked.join(', '),
    got: name.slice(0, 200),
    next: 'Give the name alone, as the lockfile has it: the version is the one that is locked.',
  })
}

function notJson(): RegistryError {
  return new RegistryError('USAGE', 'A running guard has no answer in JSON.', {
    expected: '--json together with --check',
    got: '--json alone',
    next: 'Leave it out: standard output belongs to the protocol. If it is meant for the server, write -- before the command.',
  })
}
