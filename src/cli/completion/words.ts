// What a shell is told of the command table, in the shape that all three scripts are written from.

import { type CommandSpec, GLOBAL_OPTIONS, type OptionSpec } from '../command.ts'

export interface Word {
  readonly name: string
  readonly about: string
}

export interface Flag extends Word {
  /** What follows it: `file`, `multiaddr`; undefined for one that stands alone. */
  readonly value: string | undefined
  readonly isMany: boolean
}

export interface Completed extends Word {
  readonly actions: readonly string[]
  readonly flags: readonly Flag[]
}

export const GLOBAL_FLAGS: readonly Flag[] = GLOBAL_OPTIONS.map(flagOf)

export function completed(commands: readonly CommandSpec[]): readonly Completed[] {
  return commands.map(({ name, about, actions = [], options = [] }) => ({
    name,
    about,
    actions,
    flags: options.map(flagOf),
  }))
}

function flagOf({ flags, about, many }: OptionSpec): Flag {
  const [name = '', value] = flags.split(' ')
  return { name, about, value: value?.slice(1, -1), isMany: many === true }
}
