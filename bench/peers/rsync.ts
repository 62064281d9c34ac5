// rsync against a daemon of its own, into an empty folder.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, stat, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runPeer } from './peer.ts'

await runPeer({
  async serve(folder) {
    const port = await freePort()
    const config = join(await mkdtemp(join(tmpdir(), 'toolmark-rsync-')), 'rsyncd.conf')
    await writeFile(config, `use chroot = no\n[blocks]\npath = ${folder}\nread only = yes\n`)
    const args = ['--daemon', '--no-detach', '--address=127.0.0.1', `--port=${port}`]
    const daemon = spawn('rsync', [...args, `--config=${config}`], { stdio: 'ignore' })
    process.on('exit', () => daemon.kill())
    for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => process.exit(0))
    return `rsync://127.0.0.1:${port}/blocks/`
  },
  async fetch(address) {
    const folder = await mkdtemp(join(tmpdir(), 'toolmark-rsync-'))
    const client = spawn('rsync', ['-a', address, folder], { stdio: 'inherit' })
    const [code] = await once(client, 'exit')
    if (code !== 0) throw new Error(`rsync ended with ${code}`)
    let bytes = 0
    for (const name of await readdir(folder)) bytes += (await stat(join(folder, name))).size
    return bytes
  },
})

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  return port
}
