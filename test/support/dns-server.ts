// A DNS server on loopback, UDP and TCP on one port: real packets, answers as a test says.

import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { type Answer, decode, encode, type Packet, streamDecode, streamEncode } from 'dns-packet'

export type Reply =
  | { readonly kind: 'records'; readonly answers: readonly Answer[] }
  /** 2 is SERVFAIL, 3 NXDOMAIN, 5 REFUSED. */
  | { readonly kind: 'failure'; readonly rcode: 2 | 3 | 5 }
  | { readonly kind: 'silence' }

export interface DnsServer extends AsyncDisposable {
  /** As `Resolver.setServers` takes it. */
  readonly address: string
  /** `TYPE name` of every question, in order. */
  readonly asked: string[]
  /** By `TYPE name`; what is not there does not exist. */
  readonly zone: Map<string, Reply>
  setTxt(name: string, ...records: readonly (string | readonly string[])[]): void
  setAddress(name: string, ...addresses: readonly string[]): void
}

/** More than this does not fit a datagram of the DNS: the answer is cut and asked for again over TCP. */
const UDP_BYTES = 1232
const TRUNCATED = 0x0200

export async function startDnsServer(): Promise<DnsServer> {
  const zone = new Map<string, Reply>()
  const asked: string[] = []
  const answer = (query: Packet): Packet | undefined => {
    const [question] = query.questions ?? []
    if (question === undefined) return undefined
    const key = `${question.type} ${question.name.toLowerCase()}`
    asked.push(key)
    const reply = zone.get(key) ?? elsewhere(zone, question.name)
    if (reply.kind === 'silence') return undefined
    const rcode = reply.kind === 'failure' ? reply.rcode : 0
    return {
      type: 'response',
      ...(query.id === undefined ? {} : { id: query.id }),
      flags: rcode,
      questions: [question],
      answers: reply.kind === 'records' ? [...reply.answers] : [],
    }
  }
  const sockets = new Set<Socket>()
  const tcp = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => socket.destroy())
    let held = Buffer.alloc(0)
    socket.on('data', (chunk: Buffer) => {
      held = Buffer.concat([held, chunk])
      if (held.length < 2 || held.length < 2 + held.readUInt16BE(0)) return
      const response = answer(streamDecode(held))
      if (response !== undefined) socket.end(streamEncode(response))
    })
  })
  tcp.listen(0, '127.0.0.1')
  await once(tcp, 'listening')
  const { port } = tcp.address() as { port: number }
  const udp = createSocket('udp4')
  udp.on('message', (message, { port: to, address }) => {
    const response = answer(decode(message))
    if (response === undefined) return
    const bytes = encode(response)
    const flags = (response.flags ?? 0) | TRUNCATED
    const cut = bytes.length > UDP_BYTES ? encode({ ...response, flags, answers: [] }) : bytes
    udp.send(cut, to, address)
  })
  udp.bind(port, '127.0.0.1')
  await once(udp, 'listening')
  return {
    address: `127.0.0.1:${port}`,
    asked,
    zone,
    setTxt: (name, ...records) => {
      const answers = records.map((data): Answer => {
        return { type: 'TXT', name, ttl: 1, data: typeof data === 'string' ? data : [...data] }
      })
      zone.set(`TXT ${name}`, { kind: 'records', answers })
    },
    setAddress: (name, ...addresses) => {
      for (const type of ['A', 'AAAA'] as const) {
        const data = addresses.filter((address) => address.includes(':') === (type === 'AAAA'))
        const answers = data.map((each): Answer => ({ type, name, ttl: 1, data: each }))
        zone.set(`${type} ${name}`, { kind: 'records', answers })
      }
    },
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy()
      udp.close()
      tcp.close()
      await once(tcp, 'close')
    },
  }
}

/** A name with records of another type exists. */
function elsewhere(zone: ReadonlyMap<string, Reply>, name: string): Reply {
  const exists = [...zone.keys()].some((key) => key.endsWith(` ${name.toLowerCase()}`))
  return exists ? { kind: 'records', answers: [] } : { kind: 'failure', rcode: 3 }
}
