// Toolkit files that the tests of the command publish.

import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'

export const GREET = {
  name: 'greet',
  description: 'Greets a person by name.',
  inputSchema: {
    type: 'object',
    properties: { name: { type: 'string' } },
    required: ['name'],
  },
}

export const HELLO = {
  name: 'hello',
  version: '1.0.0',
  title: 'Hello',
  description: 'Greets people.',
  tools: [GREET, { ...GREET, name: 'part', description: 'Says good-bye.' }],
}

/** Answers the path of the file. */
export async function writeToolkit(folder: string, toolkit: unknown): Promise<string> {
  const path = join(folder, `toolkit-${Math.random().toString(36).slice(2)}.json`)
  await writeFile(path, typeof toolkit === 'string' ? toolkit : JSON.stringify(toolkit))
  return path
}
