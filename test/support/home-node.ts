// A home node on a network inside this process, and machines that hold nothing but a signing key.

import {
  type HomeDesk,
  type HomeNode,
  openHomeDesk,
  type Published,
  submit,
  type Workspace,
} from '../../src/registry/index.ts'
import { localSource } from '../../src/resolve/index.ts'
import type { PublisherId, Toolkit } from '../../src/spec/index.ts'
import {
  connectSource,
  createMemoryHub,
  type Network,
  type PeerSource,
  serveSource,
  systemTimers,
  type Timers,
} from '../../src/sync/index.ts'
import { createKey, exportKey, importKey } from '../../src/trust/index.ts'
import { openPublisher, type TestPublisher } from './publisher.ts'
import { openTestWorkspace, type TestWorkspace } from './workspace.ts'

export interface TestHome extends AsyncDisposable {
  readonly publisher: TestPublisher
  readonly desk: HomeDesk
  /** A machine of its own name on the network; its key is the publisher's, or a stranger's. */
  machine(name: string, key?: 'own' | 'stranger'): Promise<Machine>
}

export interface Machine {
  readonly workspace: TestWorkspace
  readonly network: Network
  /** A connection of its own each time. */
  dial(): Promise<PeerSource>
  submit(...toolkits: readonly Toolkit[]): Promise<readonly Published[]>
  submitVia(
    open: () => Promise<HomeNode & AsyncDisposable>,
    ...toolkits: readonly Toolkit[]
  ): Promise<readonly Published[]>
}

export async function openTestHome(
  kind: 'level' | 'memory' = 'memory',
  timers: Timers = systemTimers,
): Promise<TestHome> {
  const publisher = await openPublisher(kind)
  const desk = await openHomeDesk(publisher.workspace)
  const hub = createMemoryHub()
  const network = hub.open('home')
  const source = localSource(publisher.workspace.store)
  network.handle(async (channel) => {
    using home = desk.connect(channel.remote)
    await serveSource(channel, source, { home, timers })
  })
  const machines: Machine[] = []
  return {
    publisher,
    desk,
    async machine(name, key = 'own') {
      const workspace = await openTestWorkspace()
      await giveKey(publisher.workspace, workspace, key)
      const machine = machineAt(hub.open(name), workspace, publisher.id)
      machines.push(machine)
      return machine
    },
    [Symbol.asyncDispose]: async () => {
      for (const machine of machines) {
        await machine.network[Symbol.asyncDispose]()
        await machine.workspace[Symbol.asyncDispose]()
      }
      await network[Symbol.asyncDispose]()
      await publisher[Symbol.asyncDispose]()
    },
  }
}

function machineAt(network: Network, workspace: TestWorkspace, publisher: PublisherId): Machine {
  const dial = async () => connectSource(await network.dial('memory:home'))
  const submitVia: Machine['submitVia'] = (open, ...toolkits) =>
    submit(workspace, { toolkits, publisher, keys: ['signing'], open, random: () => 0 })
  return {
    workspace,
    network,
    dial,
    submitVia,
    submit: (...toolkits) => submitVia(dial, ...toolkits),
  }
}

async function giveKey(from: Workspace, to: Workspace, key: 'own' | 'stranger'): Promise<void> {
  const name = 'signing'
  if (key === 'stranger') await createKey(to.keys, { name, type: 'ecdsa-p256' })
  else await importKey(to.keys, { name, text: await exportKey(from.keys, name, { secret: true }) })
}
