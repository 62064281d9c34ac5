// Machines that are network namespaces of this one, in a row: each reaches its neighbours and nobody else. Needs root and iproute2.

import { execFileSync } from 'node:child_process'

export interface Row extends Disposable {
  /** The namespace of a machine, for `ip netns exec`. */
  namespace(machine: string): string
  /** The address of `machine` on its link to `neighbour`. */
  address(machine: string, neighbour: string): string
  /** The link between two neighbours goes down, and up again. */
  cut(machine: string, neighbour: string): void
  heal(machine: string, neighbour: string): void
}

export function hasNamespaces(): boolean {
  if (process.getuid?.() !== 0) return false
  const name = `tm${process.pid}probe`
  try {
    ip('netns', 'add', name)
    ip('netns', 'del', name)
    return true
  } catch {
    return false
  }
}

/** Links of the machines as they stand in the row: `['a', 'b', 'c']` joins a to b and b to c. */
export function createRow(machines: readonly string[]): Row {
  const namespace = (machine: string): string => `tm${process.pid}${machine}`
  const links = new Map<string, { readonly address: string; readonly device: string }>()
  const clear = (): void => {
    for (const machine of machines) attempt('netns', 'del', namespace(machine))
  }
  try {
    for (const machine of machines) {
      ip('netns', 'add', namespace(machine))
      ip('-n', namespace(machine), 'link', 'set', 'lo', 'up')
    }
    for (const [i, machine] of machines.slice(0, -1).entries()) {
      const next = machines[i + 1] as string
      const device = `tm${process.pid}-${i}`
      ip('link', 'add', `${device}l`, 'type', 'veth', 'peer', 'name', `${device}r`)
      const ends = [
        [machine, next, `${device}l`, `10.77.${i}.1`],
        [next, machine, `${device}r`, `10.77.${i}.2`],
      ] as const
      for (const [owner, other, end, address] of ends) {
        ip('link', 'set', end, 'netns', namespace(owner))
        ip('-n', namespace(owner), 'addr', 'add', `${address}/24`, 'dev', end)
        ip('-n', namespace(owner), 'link', 'set', end, 'up')
        links.set(`${owner}/${other}`, { address, device: end })
      }
    }
  } catch (error) {
    clear()
    throw error
  }
  const link = (machine: string, neighbour: string) => {
    const found = links.get(`${machine}/${neighbour}`)
    if (found === undefined) throw new Error(`${machine} and ${neighbour} are no neighbours`)
    return found
  }
  const set = (machine: string, neighbour: string, state: 'down' | 'up'): void =>
    ip('-n', namespace(machine), 'link', 'set', link(machine, neighbour).device, state)
  return {
    namespace,
    address: (machine, neighbour) => link(machine, neighbour).address,
    cut: (machine, neighbour) => set(machine, neighbour, 'down'),
    heal: (machine, neighbour) => set(machine, neighbour, 'up'),
    [Symbol.dispose]: clear,
  }
}

function ip(...args: readonly string[]): void {
  execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'pipe'] })
}

function attempt(...args: readonly string[]): void {
  try {
    ip(...args)
  } catch {
    // It was not there.
  }
}
