// A publisher as the product makes one, with the signers in hand, so that a test can sign what the product would refuse to.

import { init, type Peer, publish } from '../../src/registry/index.ts'
import { localSource, type Source } from '../../src/resolve/index.ts'
import type { PublisherId, Toolkit } from '../../src/spec/index.ts'
import { openSigner, type Signer } from '../../src/trust/index.ts'
import { openTestWorkspace, type TestWorkspace } from './workspace.ts'

export interface TestPublisher extends AsyncDisposable {
  readonly id: PublisherId
  readonly workspace: TestWorkspace
  readonly source: Source
  readonly signing: Signer
  readonly log: Signer
  publish(...toolkits: readonly Toolkit[]): Promise<void>
}

export async function openPublisher(kind: 'level' | 'memory' = 'memory'): Promise<TestPublisher> {
  const workspace = await openTestWorkspace(kind)
  const { publisher } = await init(workspace)
  return {
    id: publisher,
    workspace,
    source: localSource(workspace.store),
    signing: await openSigner(workspace.keys, 'signing'),
    log: await openSigner(workspace.keys, 'log'),
    publish: async (...toolkits) => {
      await publish(workspace, toolkits)
    },
    [Symbol.asyncDispose]: () => workspace[Symbol.asyncDispose](),
  }
}

/** A release of `tools` tools; `text` stands in every description, so another text is another content. */
export function toolkit(name: string, version: string, tools = 2, text = 'Says hello.'): Toolkit {
  return {
    name,
    version,
    title: 'A toolkit of a test',
    license: 'Apache-2.0',
    tools: Array.from({ length: tools }, (_, i) => ({
      name: `tool_${i}`,
      description: `${text} Number ${i}.`,
      inputSchema: {
        type: 'object',
        properties: { word: { type: 'string', maxLength: 20 } },
        required: ['word'],
      },
      annotations: { readOnlyHint: true },
    })),
  }
}

export function peerOf(source: Source, label: string = source.label): Peer {
  return {
    label,
    open: async () => ({ ...source, label, [Symbol.asyncDispose]: async () => {} }),
  }
}
