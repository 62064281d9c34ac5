// From words to a verb: the command table, read by Node's own argument parser. Wrong words become USAGE errors like any other, with
// a suggestion and a next step.

import { parseArgs } from 'node:util'
import { closest, RegistryError } from '../lib/index.ts'
import { type CommandSpec, GLOBAL_OPTIONS, type OptionSpec, type Verb } from './command.ts'
import { COMMANDS } from './commands.ts'

export interface Chosen {
  readonly verb: Verb
  readonly args: readonly string[]
  /** By name in camel case; options that may be given several times are arrays. */
  readonly options: Readonly<Record<string, unknown>>
}

export type Choice =
  | { readonly kind: 'run'; readonly chosen: Chosen }
  | { readonly kind: 'help'; readonly command: CommandSpec | undefined }
  | { readonly kind: 'version' }

/** Reads the words after the program’s name; throws USAGE. The code of the verb is loaded, and nothing is run. */
export async function choose(argv: readonly string[]): Promise<Choice> {
  const { values, positionals } = readLoosely(argv)
  const [name] = positionals
  const command = COMMANDS.find((candidate) => candidate.name === name)
  if (values.help === true || (name === undefined && values.version !== true))
    return { kind: 'help', command }
  if (values.version === true) return { kind: 'version' }
  if (command === undefined) throw unknownCommand(name ?? '')
  const { options, args } = readStrictly(command, argv)
  assertArguments(command, args)
  const { run } = await command.load()
  return { kind: 'run', chosen: { verb: run, args, options } }
}

type Config = Record<string, { type: 'string' | 'boolean'; multiple?: boolean; short?: string }>

function flagOf({ flags }: OptionSpec): string {
  return flags.split(' ')[0] ?? flags
}

function configOf(options: readonly OptionSpec[]): Config {
  return Object.fromEntries(
    options.map((option) => {
      const name = flagOf(option).slice(2)
      const short = name === 'help' ? { short: 'h' } : name === 'version' ? { short: 'V' } : {}
      const type = option.flags.includes('<') ? 'string' : 'boolean'
      return [name, { type, ...(option.many === true ? { multiple: true } : {}), ...short }]
    }),
  )
}

/** Only to find the verb: every option of every command is known, and nothing is an error. */
function readLoosely(argv: readonly string[]): ReturnType<typeof parseArgs> {
  const every = COMMANDS.flatMap(({ options = [] }) => options)
  const options = configOf([...every, ...GLOBAL_OPTIONS])
  return parseArgs({ args: [...argv], options, strict: false, allowPositionals: true })
}

function readStrictly(
  command: CommandSpec,
  argv: readonly string[],
): { readonly args: readonly string[]; readonly options: Readonly<Record<string, unknown>> } {
  const specs = [...(command.options ?? []), ...GLOBAL_OPTIONS]
  try {
    const { values, positionals } = parseArgs({
      args: [...argv],
      options: configOf(specs),
      allowPositionals: true,
    })
    const camel = Object.entries(values).map(([name, value]) => [toCamel(name), value])
    return { args: positionals.slice(1), options: Object.fromEntries(camel) }
  } catch (cause) {
    throw badOption(command, specs, argv, cause)
  }
}

function toCamel(name: string): string {
  return name.replaceAll(/-([a-z])/g, (_all, letter: string) => letter.toUpperCase())
}

function assertArguments(command: CommandSpec, args: readonly string[]): void {
  const wanted = command.args?.split(' ') ?? []
  const missing = wanted[args.length]
  if (missing?.startsWith('<') === true) {
    throw usage(`Missing required argument '${missing.slice(1, -1)}'.`, command.name)
  }
  if (args.length <= wanted.length || wanted.at(-1)?.endsWith('...]') === true) return
  const plural = wanted.length === 1 ? 'argument' : 'arguments'
  throw usage(
    `Too many arguments for '${command.name}'. Expected ${wanted.length} ${plural} but got ${args.length}.`,
    command.name,
  )
}

function badOption(
  command: CommandSpec,
  specs: readonly OptionSpec[],
  argv: readonly string[],
  cause: unknown,
): RegistryError {
  const given = argv
    .filter((word) => word.startsWith('-'))
    .map((word) => word.split('=')[0] ?? word)
  const unknown = given.find((word) => !specs.some((spec) => flagOf(spec) === word))
  if (
    (cause as NodeJS.ErrnoException).code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION' &&
    unknown !== undefined
  ) {
    return usage(`Unknown option '${unknown}'.`, command.name, closest(unknown, specs.map(flagOf)))
  }
  const text = cause instanceof Error ? cause.message : String(cause)
  return usage(`${text.split('\n')[0]?.replace(/\.?$/, '.')}`, command.name)
}

function unknownCommand(name: string): RegistryError {
  const near = closest(
    name,
    COMMANDS.map((command) => command.name),
  )
  return usage(`Unknown command '${name}'.`, undefined, near)
}

function usage(message: string, verb?: string, suggestion?: string): RegistryError {
  const hint = suggestion === undefined ? '' : `(Did you mean ${suggestion}?) `
  return new RegistryError('USAGE', message, {
    next: `${hint}See \`registry ${verb === undefined ? '' : `${verb} `}--help\`.`,
  })
}
