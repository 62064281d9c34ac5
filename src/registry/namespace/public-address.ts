// Addresses anybody on the internet may be sent to. Without this, a namespace somebody else chose could make us call a
// machine behind our own firewall (T33). Ranges: the IANA special-purpose registries (RFC 6890).

import { BlockList } from 'node:net'
import type { Address } from './dns.ts'

const SPECIAL_IPV4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
]
/** Only these are global at all; ::1, mapped IPv4 and private networks lie outside. */
const GLOBAL_IPV6 = ['2000::/3']
/** Inside of it: tunnels that hold an IPv4 address, benchmarks, documentation. */
const SPECIAL_IPV6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20']

const special = listOf(SPECIAL_IPV4, 'ipv4')
const global6 = listOf(GLOBAL_IPV6, 'ipv6')
const special6 = listOf(SPECIAL_IPV6, 'ipv6')

export function isPublicAddress({ address, family }: Address): boolean {
  if (family === 4) return !special.check(address, 'ipv4')
  return global6.check(address, 'ipv6') && !special6.check(address, 'ipv6')
}

function listOf(ranges: readonly string[], type: 'ipv4' | 'ipv6'): BlockList {
  const list = new BlockList()
  for (const range of ranges) {
    const [net = '', prefix] = range.split('/')
    list.addSubnet(net, Number(prefix), type)
  }
  return list
}
