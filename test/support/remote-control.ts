// The other end of mutable-server.ts as a program: where it is, and how it is changed while it runs.

import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import type { WireTool } from './mutable-server.ts'

export const MUTABLE: string = join(import.meta.dirname, 'mutable-server.ts')

type Order = readonly WireTool[] | { readonly notify: true } | { readonly exit: true }

/** Has been carried out when it resolves. */
export async function control(port: number, order: Order): Promise<void> {
  const socket = await reach(port)
  socket.write(`${JSON.stringify(order)}\n`)
  await Promise.race([once(socket, 'data'), once(socket, 'close')])
  socket.destroy()
}

async function reach(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  return socket
}
