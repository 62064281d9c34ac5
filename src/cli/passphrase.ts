// Where a passphrase comes from: the environment, else a question on the terminal, else nowhere. Asked at most once a command.

import type { Process } from './command.ts'

/** Undefined when no key needs one, or when there is nobody to ask. */
export function passphraseFrom(process: Process): () => Promise<string | undefined> {
  let asked: Promise<string | undefined> | undefined
  return () => {
    asked ??= find(process, 'Passphrase of your keys (empty if they have none): ')
    return asked
  }
}

/** For `init --passphrase`: a passphrase must be given. */
export function newPassphrase(process: Process): Promise<string | undefined> {
  return find(process, 'New passphrase for your keys: ')
}

async function find(process: Process, question: string): Promise<string | undefined> {
  const given = process.env.TOOLMARK_PASSPHRASE
  if (given !== undefined) return given === '' ? undefined : given
  if (!process.stdin.isTTY || !process.stderr.isTTY) return undefined
  const answer = await askHidden(process, question)
  return answer === '' ? undefined : answer
}

async function askHidden(process: Process, question: string): Promise<string> {
  const [{ createInterface }, { Writable }] = await Promise.all([
    import('node:readline/promises'),
    import('node:stream'),
  ])
  process.stderr.write(question)
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() })
  const lines = createInterface({ input: process.stdin, output: silent, terminal: true })
  try {
    return await lines.question('')
  } finally {
    lines.close()
    process.stderr.write('\n')
  }
}
