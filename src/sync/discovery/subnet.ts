// The network an address belongs to, for limits that someone with many addresses of one network cannot get around (T37).

/**
 * /16 of IPv4, /32 of IPv6; undefined for names, relays and the loopback addresses of this machine. Takes a multiaddr.
 */
export function subnetOf(address: string): string | undefined {
  const [, family, host = ''] = address.split('/')
  if (address.includes('/p2p-circuit')) return undefined
  if (family === 'ip4') return subnet4(host)
  if (family !== 'ip6') return undefined
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(host)?.[1]
  if (mapped !== undefined) return subnet4(mapped)
  if (host === '::1') return undefined
  const [high = '0', low = '0'] = host.startsWith('::') ? [] : host.split(':')
  return `${pad(high)}:${pad(low)}::/32`
}

function subnet4(host: string): string | undefined {
  const [a, b] = host.split('.')
  return a === '127' && b === '0' ? undefined : `${a}.${b}.0.0/16`
}

function pad(group: string): string {
  return group.toLowerCase().padStart(4, '0')
}
