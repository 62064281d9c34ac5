// The README, executed: its files are written, its commands and its program are run as they stand there, in the order they
// stand there. Comments in it say what is what: `file: NAME`, `run: WHO`, `serve: WHO`, `ts: WHO`; WHO has a home folder.

import { execFile } from 'node:child_process'
import { chmod, mkdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import {
  makeFolder,
  REGISTRY,
  type RunningNode,
  registryJson,
  startNode,
} from '../support/registry.ts'

const ROOT = join(import.meta.dirname, '..', '..')

interface Snippet {
  readonly kind: 'file' | 'run' | 'serve' | 'ts'
  readonly who: string
  readonly text: string
}

async function readSnippets(): Promise<readonly Snippet[]> {
  const text = await readFile(join(ROOT, 'README.md'), 'utf8')
  const marked = text.matchAll(/<!-- (file|run|serve|ts): (\S+) -->\n```\w+\n([\s\S]*?)\n```/g)
  return [...marked].map(([, kind, who = '', body = '']) => ({
    kind: kind as Snippet['kind'],
    who,
    text: body,
  }))
}

/** A project that has the package installed: `npx registry` and `import 'toolmark'` find it. */
async function installInto(folder: string): Promise<void> {
  const bin = join(folder, 'node_modules', '.bin')
  await mkdir(bin, { recursive: true })
  await symlink(ROOT, join(folder, 'node_modules', 'toolmark'))
  await writeFile(
    join(bin, 'registry'),
    `#!/bin/sh\nexec '${process.execPath}' '${REGISTRY}' "$@"\n`,
  )
  await chmod(join(bin, 'registry'), 0o755)
}

test('what the README says works, as it says it', async () => {
  await using folder = await makeFolder()
  await installInto(folder.path)
  let node: RunningNode | undefined
  let publisher = ''
  const fill = (text: string): string =>
    text
      .replaceAll(/\/ip4\/\S+…/g, String(node?.addresses[0]))
      .replaceAll('p…', publisher)
      .replaceAll(/bafkrei…|sha256-…/g, '')
  const execute = async (
    program: string,
    args: readonly string[],
    who: string,
  ): Promise<string> => {
    const env = {
      ...process.env,
      TOOLMARK_HOME: join(folder.path, who),
      npm_config_offline: 'true',
      npm_config_update_notifier: 'false',
    }
    const { stdout } = await promisify(execFile)(program, [...args], { cwd: folder.path, env })
    return stdout
  }
  const snippets = await readSnippets()
  expect(snippets.map(({ kind }) => kind)).toEqual([
    'run',
    'file',
    'run',
    'serve',
    'run',
    'run',
    'ts',
    'run',
    'run',
  ])
  const said: string[] = []
  try {
    for (const { kind, who, text } of snippets) {
      const home = join(folder.path, who)
      if (kind === 'file') await writeFile(join(folder.path, who), text)
      if (kind === 'run') said.push(await execute('sh', ['-euc', fill(text)], who))
      if (kind === 'serve') {
        expect(text).toBe('npx registry serve')
        publisher = (await registryJson(['init'], { home })).publisher
        node = await startNode({ home })
      }
      if (kind === 'ts') {
        const program = join(folder.path, 'agent.mts')
        await writeFile(program, `${fill(text)}\nconsole.log(JSON.stringify(tools))\n`)
        said.push(await execute(process.execPath, [program], who))
      }
    }
  } finally {
    await node?.[Symbol.asyncDispose]()
  }

  const [made, published, pulled, locked, loaded = '', spoken, followed] = said
  expect(made).toContain(`Made publisher ${publisher}\n`)
  expect(published).toContain(`Published ${publisher}/hello@1.0.0 as entry 1 of your log\n`)
  expect(published).toContain(`${publisher}/hello@1.0.0  published  ${publisher}\n`)
  expect(pulled).toContain(`VERIFIED ${publisher}/hello@1.0.0\n`)
  expect(pulled).toContain('VERIFIED hello/tools/greet.json\n')
  expect(pulled).toContain('release.json: OK\ntools/greet.json: OK\n')
  expect(locked).toContain(`LOCKED ${publisher}/hello@1.0.0\n`)
  expect(locked).toContain(`VERIFIED ${publisher}/hello@1.0.0  1 tool\n`)
  expect(spoken).toContain('nobody new will get it.')
  expect(spoken).toContain(publisher)
  expect(followed).toContain(`Following publisher ${publisher}\n`)
  expect(followed).toContain(': 1 log, 4 entries, ')
  expect(followed).toContain('1 held, 0 being fetched, 0 blocks lacking')
  const [tool] = JSON.parse(loaded)
  // The fields that the comment below the program promises.
  expect(tool).toMatchObject({
    name: 'greet',
    cid: expect.stringMatching(/^bafkrei[a-z2-7]{52}$/),
    surface: expect.stringMatching(/^sha256-[0-9a-f]{64}$/),
    tool: { kind: 'tool/v1', name: 'greet' },
  })
})

test('every file that it points to is there', async () => {
  const text = await readFile(join(ROOT, 'README.md'), 'utf8')
  for (const [, path = ''] of text.matchAll(/\]\((?!https?:)([^)#]+)\)/g)) {
    await expect(readFile(join(ROOT, path)).catch((e) => e.code)).resolves.not.toBe('ENOENT')
  }
})

test('its table of exit statuses is the one that the command follows', async () => {
  const { EXIT } = await import('../../src/cli/exit.ts')
  for (const path of ['README.md', 'docs/cli.md']) {
    const text = await readFile(join(ROOT, path), 'utf8')
    for (const [verdict, exit] of Object.entries(EXIT)) {
      if (verdict === 'FAILED') continue
      expect(text, path).toMatch(new RegExp(`\\| ${exit} \\| ${verdict}\\b`))
    }
  }
})
