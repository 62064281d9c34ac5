// What a source answered during one honest pull, question by question, and a source that gives those answers again with one of
// them exchanged. A question that was not asked then goes to the live source.

import type { SignedStatement, Source } from '../../src/resolve/index.ts'

export type Answer =
  | { readonly kind: 'note'; readonly bytes: Uint8Array }
  | { readonly kind: 'entries'; readonly entries: readonly SignedStatement[] }
  | { readonly kind: 'list'; readonly items: readonly (Uint8Array | undefined)[] }

export interface Recorded {
  /** Method and arguments. */
  readonly question: string
  readonly method: keyof Source
  readonly answer: Answer
}

/** `through` a pull with the source given. */
export async function record(
  source: Source,
  through: (source: Source) => Promise<unknown>,
): Promise<readonly Recorded[]> {
  const recorded: Recorded[] = []
  await through(
    intercept(source, async (method, question, ask) => {
      const answer = await ask()
      if (!recorded.some((one) => one.question === question)) {
        recorded.push({ method, question, answer })
      }
      return answer
    }),
  )
  return recorded
}

export function replay(
  source: Source,
  recorded: readonly Recorded[],
  exchanged: { readonly question: string; readonly answer: Answer },
): Source {
  return intercept(source, async (_, question, ask) => {
    if (question === exchanged.question) return exchanged.answer
    return recorded.find((one) => one.question === question)?.answer ?? ask()
  })
}

type Handle = (
  method: keyof Source,
  question: string,
  ask: () => Promise<Answer>,
) => Promise<Answer>

function intercept(source: Source, handle: Handle): Source {
  const through = (
    method: keyof Source,
    args: readonly unknown[],
    ask: () => Promise<Answer>,
  ): Promise<Answer> => handle(method, `${method} ${JSON.stringify(args)}`, ask)
  const list = async (
    method: keyof Source,
    args: readonly unknown[],
    ask: () => Promise<readonly (Uint8Array | undefined)[]>,
  ): Promise<readonly (Uint8Array | undefined)[]> => {
    const answer = await through(method, args, async () => ({ kind: 'list', items: await ask() }))
    return answer.kind === 'list' ? answer.items : []
  }
  return {
    ...source,
    checkpoint: async (...args) => {
      const answer = await through('checkpoint', [args[0]], async () => ({
        kind: 'note',
        bytes: await source.checkpoint(...args),
      }))
      return answer.kind === 'note' ? answer.bytes : new Uint8Array()
    },
    entries: async (...args) => {
      const answer = await through('entries', args.slice(0, 2), async () => ({
        kind: 'entries',
        entries: await source.entries(...args),
      }))
      return answer.kind === 'entries' ? answer.entries : []
    },
    inclusion: (...args) =>
      list('inclusion', args.slice(0, 2), () => source.inclusion(...args)) as never,
    consistency: (...args) =>
      list('consistency', args.slice(0, 2), () => source.consistency(...args)) as never,
    indexPath: (...args) =>
      list('indexPath', args.slice(0, 2), () => source.indexPath(...args)) as never,
    blocks: (...args) => list('blocks', [args[0]], () => source.blocks(...args)),
  }
}
