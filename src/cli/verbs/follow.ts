// registry follow

import { RegistryError } from '../../lib/index.ts'
import {
  type Followed,
  follow,
  listFollowed,
  makeRoom,
  openInterest,
  type Rule,
} from '../../registry/index.ts'
import { type Invocation, textOption } from '../command.ts'
import { formatSize, parseSize } from '../size.ts'
import { safe } from '../terminal.ts'
import { describeRoom } from './room-text.ts'

const KIND_TEXT = { publisher: 'publisher', namespace: 'namespace', list: 'list of' } as const

export async function run(invocation: Invocation): Promise<undefined> {
  const { args, options } = invocation
  const flags = ['never', 'untold', 'maxSize', 'maxEntries'].filter((flag) => flag in options)
  if (args.length > 0) return await change(invocation)
  if (flags.length === 0) return await show(invocation)
  throw new RegistryError('USAGE', 'Whom to follow or refuse is not said.', {
    expected: 'a publisher id, a namespace, a name, or the address of a peer',
    got: 'only options',
    next: 'See `registry follow --help`.',
  })
}

async function change(invocation: Invocation): Promise<undefined> {
  const { terminal, args, options } = invocation
  const workspace = await invocation.workspace()
  const never = options.never === true
  const budget = budgetOf(invocation)
  const followed = await follow(workspace, args, { never, untold: options.untold === true, budget })
  // Who is refused is not kept either.
  const interest = await openInterest(workspace.store, workspace)
  const room = never
    ? await makeRoom(workspace.store, interest, { now: workspace.now() })
    : undefined
  if (terminal.isJson) {
    terminal.json({ followed: followed.map(toJson), dropped: room?.evicted ?? [] })
    return
  }
  for (const { rule, isNew } of followed) {
    const verb = rule.how === 'never' ? 'Refusing' : 'Following'
    terminal.line(`${isNew ? verb : `${verb} already:`} ${describe(rule)}`)
  }
  if (room !== undefined) for (const line of describeRoom(room)) terminal.line(line)
  else
    terminal.remark('Fetched by `registry sync PEER`, and by `registry serve` as peers have news.')
}

async function show({ terminal, workspace }: Invocation): Promise<undefined> {
  const { store } = await workspace()
  const { rules, mirror } = await listFollowed(store)
  if (terminal.isJson) {
    const followed = rules.map((rule) => toJson({ rule, isNew: false }))
    terminal.json({ followed, dropped: [], ...(mirror === undefined ? {} : { mirror }) })
    return
  }
  for (const rule of rules) {
    terminal.line(`${rule.how === 'never' ? 'never  ' : 'follow '}  ${describe(rule)}`)
  }
  if (mirror !== undefined) terminal.line(`mirror   everything, within ${formatSize(mirror.quota)}`)
  if (rules.length === 0 && mirror === undefined) {
    terminal.remark('Nobody is followed here. Next: `registry follow PUBLISHER`.')
  }
}

function describe({ kind, name, budget, told, because, isTold, how }: Rule): string {
  const words = [
    ...(budget?.bytes === undefined ? [] : [`at most ${formatSize(budget.bytes)}`]),
    ...(budget?.entries === undefined ? [] : [`at most ${budget.entries} entries`]),
    ...(told === undefined ? [] : [`${told.publishers.length} publishers`]),
    ...(because === undefined ? [] : [`because of ${safe(because)}`]),
    ...(isTold || how === 'never' ? [] : ['untold']),
  ]
  const more = words.length === 0 ? '' : `  (${words.join(', ')})`
  return `${KIND_TEXT[kind]} ${safe(name)}${more}`
}

function toJson({ rule, isNew }: Followed) {
  const { kind, name, how, since, isTold, budget, because } = rule
  return {
    kind,
    name,
    how,
    since,
    told: isTold,
    new: isNew,
    ...(budget === undefined ? {} : { budget }),
    ...(because === undefined ? {} : { because }),
  }
}

function budgetOf(invocation: Invocation): Rule['budget'] {
  const [size, entries] = [textOption(invocation, 'maxSize'), textOption(invocation, 'maxEntries')]
  if (size === undefined && entries === undefined) return undefined
  return {
    ...(size === undefined ? {} : { bytes: parseSize(size, '--max-size') }),
    ...(entries === undefined ? {} : { entries: parseCount(entries) }),
  }
}

function parseCount(text: string): number {
  if (/^[1-9][0-9]{0,11}$/.test(text)) return Number(text)
  throw new RegistryError('USAGE', 'This is no number of entries.', {
    expected: 'a whole number, 1 or more',
    got: text,
    next: 'Write for example `--max-entries 10000`.',
  })
}
