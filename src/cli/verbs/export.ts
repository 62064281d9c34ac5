// registry export

import { RegistryError } from '../../lib/index.ts'
import { assertTellable, exportStatic, getOwnPublisher } from '../../registry/index.ts'
import { assertNotForked } from '../../resolve/index.ts'
import { parsePublisherId } from '../../spec/index.ts'
import { type Invocation, textOption } from '../command.ts'
import { safe } from '../terminal.ts'

export async function run(invocation: Invocation): Promise<undefined> {
  const { terminal, signal } = invocation
  const folder = folderOf(invocation)
  const [id] = invocation.args
  const given = id === undefined ? undefined : parsePublisherId(id)
  const workspace = await invocation.workspace()
  const { store } = workspace
  const publisher = given ?? (await getOwnPublisher(store))
  await assertTellable(workspace, publisher)
  // Files for everybody, of one history of two.
  await assertNotForked(store, publisher)
  const running = { signal, onProgress: terminal.progress }
  const { size, root, written, missing, withdrawn } = await exportStatic(
    store,
    { publisher, folder },
    running,
  )
  if (missing.length > 0) {
    terminal.remark(
      `${missing.length} blocks of releases are not held here and are not in the folder.`,
    )
  }
  for (const cid of withdrawn) {
    terminal.remark(`block/${cid} is withdrawn by this log: remove it from the folder.`)
  }
  if (terminal.isJson) {
    terminal.json({ publisher, folder, log: { size, root }, written, missing, withdrawn })
    return
  }
  const { files, bytes } = written
  terminal.line(
    files === 0
      ? `Nothing to do: ${safe(folder)} is up to date.`
      : `Wrote ${files} files (${bytes} bytes) to ${safe(folder)}`,
  )
  terminal.line(`  publisher  ${publisher}`)
  terminal.line(`  log        ${size} entries`)
  terminal.line('Serve the folder over HTTPS; pull with `--from https://HOST/PATH`.')
}

function folderOf(invocation: Invocation): string {
  const folder = textOption(invocation, 'static')
  if (folder !== undefined && folder !== '') return folder
  throw new RegistryError('USAGE', 'Where to export to is not said.', {
    expected: '--static DIR',
    got: 'no folder',
    next: 'See `registry export --help`.',
  })
}
