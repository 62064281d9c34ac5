// A link as bad as wished, for TCP: LISTEN_HOST LISTEN_PORT HOST PORT DELAY_MS LOSS TELL_BYTES. Each piece arrives after the delay; of the
// pieces, a share of LOSS is "lost", which TCP hides and which a reader sees as a wait of a retransmission more. Order is kept. Says so when it has carried so many bytes.

import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import { createRandom } from '../../src/lib/index.ts'

const [listenHost = '', listenPort = '', host = '', port = '', delay = '', loss = '', tell = ''] =
  process.argv.slice(2)
const RETRANSMISSION_MS = 200

let carried = 0
/** So that a run can be repeated. */
const random = createRandom(1)

function carry(from: Socket, to: Socket): void {
  // One after the other: two timers of nearly one time may fire the wrong way round.
  let before: Promise<void> = Promise.resolve()
  const later = (act: () => void, extra = 0): void => {
    const due = performance.now() + Number(delay) + extra
    before = before.then(async () => {
      await setTimeout(Math.max(0, due - performance.now()))
      act()
    })
  }
  from.on('data', (piece: Uint8Array) => {
    if (carried < Number(tell) && carried + piece.length >= Number(tell))
      process.stdout.write('carried\n')
    carried += piece.length
    const isLost = random() < Number(loss)
    later(() => to.write(piece), isLost ? RETRANSMISSION_MS : 0)
  })
  from.on('end', () => later(() => to.end()))
  from.on('error', () => to.destroy())
  from.on('close', () => later(() => to.destroy()))
}

const server = createServer((near) => {
  const far = connect(Number(port), host)
  carry(near, far)
  carry(far, near)
})
server.listen(Number(listenPort), listenHost)
await once(server, 'listening')
process.stdout.write('listening\n')
