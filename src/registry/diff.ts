// Comparing two of: a release or tool by name, a release or tool by CID, a toolkit as it would be published. Offline; everything
// from the store is re-hashed, and what is signed is verified, before it is compared.

import type { Cid } from '../cid/index.ts'
import { isRegistryError, RegistryError } from '../lib/index.ts'
import {
  diffReleases,
  diffTools,
  isBareName,
  type PublisherId,
  parseBlock,
  parseTool,
  type ReleaseDiff,
  type ReleaseWithTools,
  splitToolkit,
  type Tool,
  type Toolkit,
} from '../spec/index.ts'
import type { Store } from '../store/index.ts'
import { readBlock } from './read-block.ts'
import { type Verified, verifyCid, verifyName } from './verify.ts'
import { getOwnPublisher } from './workspace.ts'

/** What somebody wants compared; `label` is how they said it. */
export type DiffTarget =
  | { readonly kind: 'name'; readonly label: string; readonly publisher?: PublisherId | undefined }
  | { readonly kind: 'cid'; readonly label: string; readonly cid: Cid }
  | {
      readonly kind: 'toolkit'
      readonly label: string
      readonly toolkit: Toolkit
      readonly publisher?: PublisherId | undefined
    }

/** One side, as it was found. */
export interface DiffSide {
  readonly target: string
  /** UNSIGNED: the bytes are the ones meant, and no release here vouches for them. */
  readonly verdict: 'VERIFIED' | 'UNSIGNED'
  readonly cid: Cid
  readonly name: string
  /** Absent for a tool that no release here vouches for. */
  readonly version?: string
  readonly publisher?: PublisherId
}

export interface Diffed {
  readonly kind: 'release' | 'tool'
  readonly before: DiffSide
  readonly after: DiffSide
  readonly diff: ReleaseDiff
}

/** What a target is, with its tools. */
export type Content =
  | ({ readonly kind: 'release'; readonly side: DiffSide } & ReleaseWithTools)
  | { readonly kind: 'tool'; readonly side: DiffSide; readonly tool: Tool }

/** Throws USAGE for a tool beside a release, and what `verifyName` and `verifyCid` throw but UNSIGNED. */
export async function diff(store: Store, one: DiffTarget, other: DiffTarget): Promise<Diffed> {
  const before = await readTarget(store, one)
  const after = await readTarget(store, other)
  const sides = { before: before.side, after: after.side }
  if (before.kind === 'release' && after.kind === 'release') {
    return { kind: 'release', ...sides, diff: diffReleases(before, after) }
  }
  if (before.kind === 'tool' && after.kind === 'tool') {
    return { kind: 'tool', ...sides, diff: diffOfTools(before.tool, after.tool) }
  }
  throw new RegistryError('USAGE', 'A tool and a release cannot be compared.', {
    expected: 'two releases, or two tools',
    got: `a ${before.kind} and a ${after.kind}`,
    next: 'Name the tool on both sides: NAME@VERSION#TOOL, or its CID.',
  })
}

function diffOfTools(before: Tool, after: Tool): ReleaseDiff {
  const changed = diffTools(before, after)
  return {
    visible: changed?.visible === true,
    risks: changed?.risks ?? [],
    changes: [],
    tools: changed === undefined ? [] : [changed],
    unchanged: changed === undefined ? [after.name] : [],
  }
}

/** Throws what `verifyName` and `verifyCid` throw but UNSIGNED. */
export async function readTarget(store: Store, target: DiffTarget): Promise<Content> {
  const { label } = target
  if (target.kind === 'name') {
    return contentOf(await verifyName(store, label, { publisher: target.publisher }), label)
  }
  if (target.kind === 'toolkit') return await readToolkit(store, target)
  try {
    return contentOf(await verifyCid(store, target.cid), label)
  } catch (error) {
    if (!isRegistryError(error, 'UNSIGNED')) throw error
    return await readUnsigned(store, target.cid, label)
  }
}

function contentOf({ release, cid, tool: name }: Verified, target: string): Content {
  const { version, publisher } = release.entry
  const side = { target, verdict: 'VERIFIED' as const, cid, version, publisher }
  const tool = release.tools.find((one) => one.name === name)?.tool
  if (tool !== undefined) return { kind: 'tool', side: { ...side, name: tool.name }, tool }
  const tools = release.tools.map((one) => one.tool)
  const named = { ...side, name: release.entry.name }
  return { kind: 'release', side: named, release: release.release, tools }
}

/** A block pulled by its hash alone: the bytes are right, their publisher is unknown. */
async function readUnsigned(store: Store, cid: Cid, target: string): Promise<Content> {
  const block = parseBlock((await readBlock(store, cid)).bytes)
  const side = { target, verdict: 'UNSIGNED' as const, cid, name: block.name }
  if (block.kind === 'tool/v1') return { kind: 'tool', side, tool: block }
  const tools: Tool[] = []
  for (const inner of Object.values(block.tools)) {
    tools.push(parseTool((await readBlock(store, inner)).bytes))
  }
  return { kind: 'release', side: { ...side, version: block.version }, release: block, tools }
}

/** A bare name goes under the publisher of this folder, as it would when published. */
async function readToolkit(
  store: Store,
  { label, toolkit, publisher }: DiffTarget & { readonly kind: 'toolkit' },
): Promise<Content> {
  const isBare = isBareName(toolkit.name)
  const owner = publisher ?? (isBare ? await getOwnPublisher(store) : undefined)
  const split = splitToolkit(toolkit, owner ?? ('' as PublisherId))
  const { name, version, release, tools } = split
  const side = { target: label, verdict: 'UNSIGNED' as const, cid: release.cid, name, version }
  return { kind: 'release', side, release: release.release, tools: tools.map(({ tool }) => tool) }
}
