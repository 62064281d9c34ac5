// Publishing as a workflow through the built command, Sigstore on loopback: the words of --identity, and what a person is told when it fails.

import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeFolder, registry, registryJson, type TestFolder } from '../support/registry.ts'
import { type Sigstore, startSigstore } from '../support/sigstore/sigstore.ts'
import { GITHUB_ISSUER, GITHUB_SAN } from '../support/sigstore/token.ts'
import { HELLO, writeToolkit } from './toolkits.ts'

const RULE = `issuer=${GITHUB_ISSUER},san=${GITHUB_SAN.replace('v1.4.2', 'v*')},repository_id=123456789`

let sigstore: Sigstore
let folder: TestFolder
let home: string
let config: string

beforeAll(async () => {
  sigstore = await startSigstore()
  folder = await makeFolder()
  home = join(folder.path, 'alice')
  config = join(folder.path, 'signing_config.json')
  await writeFile(config, sigstore.signingConfig())
  const root = join(folder.path, 'trusted_root.json')
  await writeFile(root, sigstore.trustedRoot)
  await registryJson(['init'], { home })
  const added = ['trust', 'refresh-roots', '--from', root, '--name', 'loopback']
  await registryJson([...added, '--issuer', GITHUB_ISSUER], { home })
})

afterAll(async () => {
  await sigstore[Symbol.asyncDispose]()
  await folder[Symbol.asyncDispose]()
})

function publishAs(file: string, token: string, ...more: readonly string[]) {
  const words = ['publish', file, '--identity', 'token-env:CI_TOKEN', '--signing-config', config]
  return registry([...words, ...more], { home, env: { CI_TOKEN: token } })
}

test('a role that names a workflow is served by that workflow alone', async () => {
  await registryJson(['publisher', 'rotate', '--release', 'none', '--release-identity', RULE], {
    home,
  })
  const { stdout: shown } = await registry(['publisher', 'show'], { home })
  expect(shown).toContain(`issuer ${GITHUB_ISSUER}`)
  expect(shown).toContain('repository_id 123456789')
  const file = await writeToolkit(folder.path, HELLO)
  const byKey = await registry(['publish', file], { home })
  expect(byKey.status).toBe(11)
  expect(byKey.stderr).toContain(
    'The keys here are not enough to sign this in the publisher’s name.',
  )
  const evil = sigstore.token({ san: GITHUB_SAN.replace('/acme/', '/evil/') })
  const byOther = await publishAs(file, evil)
  expect(byOther.status).toBe(11)
  expect(byOther.stderr).toContain('not by a keyless signer who may sign it')
  const published = await publishAs(file, sigstore.token())
  expect(published.stderr).toBe('')
  expect(published.stdout).toContain('as entry 2 of your log')
  const verified = await registry(['verify'], { home })
  expect(verified.stderr + verified.stdout).not.toContain('error')
})

test('what a person is told', async () => {
  const file = await writeToolkit(folder.path, { ...HELLO, version: '2.0.0' })
  const missing = await registry(['publish', file, '--identity', 'token-env:NOT_THERE'], { home })
  expect(missing.status).toBe(4)
  expect(missing.stderr).toContain('NOT_THERE')
  const alone = await registry(['publish', file, '--signing-config', config], { home })
  expect(alone.status).toBe(2)
  expect(alone.stderr).toContain('Say who signs without a key.')
  const nonsense = await registry(['publish', file, '--identity', 'me'], { home })
  expect(nonsense.status).toBe(2)
  expect(nonsense.stderr).toContain('This does not say who signs.')
  const rule = ['publisher', 'rotate', '--release-identity', 'issuer=https://x.example,san=.*']
  const wide = await registry(rule, { home })
  expect(wide.status).toBe(13)
  expect(wide.stderr).toContain('This does not say which keyless signer is meant.')
})
