// registry publish

import { listMcpTools, type McpServer, toolkitFromMcp } from '../../formats/index.ts'
import { canonicalBytes, RegistryError, readBounded } from '../../lib/index.ts'
import { cosignPublished, dialHome } from '../../node/index.ts'
import { findLogOf, type Published, publish, submit } from '../../registry/index.ts'
import {
  LIMITS,
  lintRelease,
  parsePublisherId,
  parseToolkit,
  type ReleaseFinding,
  type Toolkit,
} from '../../spec/index.ts'
import { type Invocation, listOption, textOption } from '../command.ts'
import { dialerPlace } from '../dialer.ts'
import { withKeyless } from '../keyless.ts'
import { sayRequested } from '../signatures.ts'
import { safe } from '../terminal.ts'
import { findingLines } from './finding-text.ts'

export async function run(invocation: Invocation): Promise<undefined> {
  const { terminal, signal } = invocation
  const to = homeOf(invocation)
  const toolkits = await readToolkits(invocation)
  const results =
    to === undefined
      ? await publish(await withKeyless(invocation, await invocation.workspace()), toolkits, {
          signal,
          onProgress: terminal.progress,
        })
      : await submitTo(invocation, to, toolkits)
  const releases = results.map((result, index) => {
    const toolkit = toolkits[index]
    const warnings = toolkit === undefined ? [] : lintRelease({ ...toolkit, release: toolkit })
    return { ...result, warnings }
  })
  const request = textOption(invocation, 'request')
  const cosigned = to === undefined && request === undefined ? await haveCosigned(invocation) : []
  if (terminal.isJson) terminal.json({ releases, ...(cosigned.length === 0 ? {} : { cosigned }) })
  else {
    for (const release of releases) print(invocation, release)
    for (const { name, error } of cosigned) {
      if (error === null) terminal.line(`  cosigned   ${safe(name)}`)
      else terminal.remark(`warning: ${safe(error.message)}`)
    }
    if (results.some(({ kind }) => kind === 'requested')) sayRequested(terminal, request ?? '')
  }
}

interface CosignedBy {
  readonly name: string
  readonly url: string
  /** Null where it cosigned. */
  readonly error: { readonly code: string; readonly message: string } | null
}

/** After the fact: whatever a witness does, the releases are published. */
async function haveCosigned(invocation: Invocation): Promise<readonly CosignedBy[]> {
  const { terminal, signal } = invocation
  const asked = await cosignPublished(await invocation.workspace(), {
    signal,
    onProgress: terminal.progress,
  })
  return asked.map(({ name, url, error }) => ({
    name,
    url,
    error: error === undefined ? null : { code: error.code, message: error.message },
  }))
}

/** The address that `--to` gives; the other words about it are of no use without. */
function homeOf(invocation: Invocation): string | undefined {
  const to = textOption(invocation, 'to')
  const isAlone =
    textOption(invocation, 'publisher') === undefined &&
    listOption(invocation, 'keyFile').length === 0
  if (to !== undefined && textOption(invocation, 'request') !== undefined) {
    throw new RegistryError('USAGE', 'A request is made where the log is.', {
      expected: '--request without --to',
      got: 'both',
      next: 'Make the request on the machine that holds the log key.',
    })
  }
  if (to !== undefined || isAlone) return to
  throw new RegistryError('USAGE', 'Publishing here is publishing in your own log, by its key.', {
    expected: '--publisher and --key-file together with --to',
    got: 'no --to',
    next: 'Add `--to MULTIADDR`, the address of the node that holds that log’s key.',
  })
}

async function submitTo(
  invocation: Invocation,
  to: string,
  toolkits: readonly Toolkit[],
): Promise<readonly Published[]> {
  const { terminal, signal } = invocation
  const id = textOption(invocation, 'publisher')
  const chosen = id === undefined ? undefined : parsePublisherId(id)
  const keyFiles = listOption(invocation, 'keyFile')
  const workspace = await withKeyless(invocation, await invocation.workspace())
  const publisher = await findLogOf(workspace.store, toolkits, chosen)
  return await submit(
    workspace,
    {
      toolkits,
      publisher,
      keys: keyFiles.length === 0 ? undefined : keyFiles,
      open: (options) => dialHome(to, dialerPlace(invocation), options),
      random: Math.random,
    },
    { signal, onProgress: terminal.progress },
  )
}

async function readToolkits(invocation: Invocation): Promise<readonly Toolkit[]> {
  const server = serverOf(invocation)
  if ((server === undefined) === (invocation.args.length === 0)) {
    throw new RegistryError('USAGE', 'Say what to publish: files, or one MCP server.', {
      expected: 'FILE…, --mcp COMMAND or --mcp-url URL',
      got: server === undefined ? 'nothing' : 'files and a server',
      next: 'For example `registry publish weather.toolkit.json`.',
    })
  }
  if (server !== undefined) return [await importServer(invocation, server)]
  const toolkits: Toolkit[] = []
  for (const file of invocation.args) {
    const bytes = await readBounded(file, LIMITS.toolkitBytes)
    toolkits.push(parseToolkit(bytes, { file }))
  }
  return toolkits
}

function serverOf(invocation: Invocation): McpServer | undefined {
  const command = textOption(invocation, 'mcp')
  const url = textOption(invocation, 'mcpUrl')
  if (command !== undefined && url !== undefined) {
    throw new RegistryError('USAGE', 'Publish one MCP server at a time.', {
      expected: '--mcp or --mcp-url',
      got: 'both',
      next: 'Run the command twice.',
    })
  }
  if (command !== undefined) return { kind: 'stdio', command }
  return url === undefined ? undefined : { kind: 'http', url }
}

async function importServer(invocation: Invocation, server: McpServer): Promise<Toolkit> {
  const { terminal, signal } = invocation
  const { name, version } = wantedName(invocation)
  const listing = await listMcpTools(server, { signal })
  const { toolkit, changes } = toolkitFromMcp(server, listing, { name, version })
  for (const change of changes) terminal.remark(safe(change))
  return parseToolkit(canonicalBytes(toolkit), { file: 'the MCP server’s tools' })
}

/** What `--as` says; checked before a server is started for it. */
function wantedName(invocation: Invocation): { readonly name?: string; readonly version?: string } {
  const text = textOption(invocation, 'as')
  if (text === undefined) return {}
  const [name = '', version, ...more] = text.split('@')
  if (name === '' || version === '' || more.length > 0) {
    throw new RegistryError('USAGE', 'This is not a name to publish under.', {
      expected: 'NAME or NAME@VERSION, for example weather@1.0.0',
      got: JSON.stringify(text.slice(0, 200)),
      next: 'See `registry publish --help`.',
    })
  }
  return { name, ...(version === undefined ? {} : { version }) }
}

/** Published all the same: the words are the publisher’s own, and readers judge them. */
interface Release extends Published {
  readonly warnings: readonly ReleaseFinding[]
}

/** More are shown by `registry lint`. */
const MOST_WARNINGS = 10

function print(invocation: Invocation, result: Release): void {
  const { terminal } = invocation
  const isOwn = textOption(invocation, 'to') === undefined
  const { name, version, release, statement, seq, tools } = result
  if (result.kind === 'unchanged') {
    terminal.line(
      `${safe(name)}@${version} is published already, with exactly this content: nothing to do.`,
    )
  } else if (result.kind === 'requested') {
    terminal.line(`Not published yet: ${safe(name)}@${version}, to be entry ${seq} of your log`)
  } else {
    terminal.line(
      `Published ${safe(name)}@${version} as entry ${seq} of ${isOwn ? 'your' : 'the'} log`,
    )
  }
  terminal.line(`  release    ${release}`)
  terminal.line(`  statement  ${statement}`)
  for (const tool of tools) terminal.line(`  tool       ${tool.cid}  ${safe(tool.name)}`)
  const { warnings } = result
  if (warnings.length === 0) return
  terminal.remark(
    `warning: ${warnings.length} ${warnings.length === 1 ? 'text' : 'texts'} of ${safe(name)}@${version} could deceive a model or a person; readers are warned too`,
  )
  for (const warning of warnings.slice(0, MOST_WARNINGS)) {
    for (const line of findingLines(warning)) terminal.remark(line)
  }
  if (warnings.length > MOST_WARNINGS) terminal.remark('  See all with `registry lint`.')
}
