// registry show

import { parseCid } from '../../cid/index.ts'
import { escapeText } from '../../lib/index.ts'
import { readBlock } from '../../registry/read-block.ts'
import { type Invocation, textOption } from '../command.ts'
import { expandTarget, meansCid } from '../target.ts'
import { safe } from '../terminal.ts'
import { remarkOn } from '../warnings.ts'

export async function run(invocation: Invocation): Promise<undefined> {
  const [target = ''] = invocation.args
  const { store } = await invocation.workspace()
  const { terminal } = invocation
  if (meansCid(target)) {
    const cid = parseCid(target)
    const { bytes, value } = await readBlock(store, cid)
    if (terminal.isJson) terminal.json({ cid, bytes: bytes.length, block: value })
    else terminal.line(pretty(value))
    return
  }
  const [{ verifyName, warningsOf }, { parsePublisherId }] = await Promise.all([
    import('../../registry/index.ts'),
    import('../../spec/index.ts'),
  ])
  const id = textOption(invocation, 'publisher')
  const publisher = id === undefined ? undefined : parsePublisherId(id)
  const { release, tool: picked } = await verifyName(store, await expandTarget(store, target), {
    publisher,
  })
  const { entry, tools } = release
  const warnings = warningsOf(entry)
  remarkOn(terminal, warnings)
  if (terminal.isJson) {
    terminal.json({
      name: entry.name,
      version: entry.version,
      versions: entry.versions,
      publisher: entry.publisher,
      cid: release.cid,
      statement: entry.statement,
      log: { index: entry.position, size: entry.checkpoint.size },
      release: release.release,
      tools: tools.map(({ name, cid, surface, tool }) => ({ name, cid, surface, tool })),
      warnings,
    })
    return
  }
  if (picked !== undefined) {
    terminal.line(pretty(tools.find(({ name }) => name === picked)?.tool))
    return
  }
  const { title, description } = release.release
  terminal.line(
    `${safe(entry.name)}@${entry.version}${title === undefined ? '' : `  ${safe(title)}`}`,
  )
  if (description !== undefined) terminal.line(`  ${safe(description)}`)
  terminal.line(`  publisher  ${entry.publisher}`)
  terminal.line(`  release    ${release.cid}`)
  terminal.line(`  log        entry ${entry.position} of ${entry.checkpoint.size}`)
  terminal.line(`  versions   ${entry.versions.join(', ')}`)
  for (const { name, cid, tool } of tools) {
    terminal.line(`  tool       ${cid}  ${safe(name)}`)
    if (tool.description !== undefined)
      terminal.line(`             ${safe(firstLine(tool.description))}`)
  }
}

/** JSON for reading: the strings in it are escaped, its own line breaks are not. */
function pretty(value: unknown): string {
  return JSON.stringify(value, undefined, 2).split('\n').map(escapeText).join('\n')
}

function firstLine(text: string): string {
  const [line = ''] = text.split('\n')
  return line.length > 100 ? `${line.slice(0, 99)}…` : line
}
