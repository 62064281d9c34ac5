// The trusted roots that come with the package, and those that come with a bundle.

import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import { publicGoodRoot, stagingRoot, verifyArtifact } from '../../../src/trust/sigstore/index.ts'
import { PUBLIC_GOOD_ROOT } from '../../../src/trust/sigstore/root/public-good-root.ts'
import { bytesOf, changed, fixturePath, type Loose, looseFixture, whoIs } from './bundles.ts'

describe('what ships', () => {
  test('asks for a log, a certificate log and a time', () => {
    for (const root of [publicGoodRoot(), stagingRoot()]) {
      expect(root.options).toEqual({ logs: 1, scts: 1, timestamps: 1 })
      expect(root.issuers).toBeUndefined()
    }
  })

  test('a root that was changed in the installation is not used', async () => {
    vi.resetModules()
    vi.doMock('../../../src/trust/sigstore/root/public-good-root.ts', () => ({
      PUBLIC_GOOD_ROOT: PUBLIC_GOOD_ROOT.replace('rekor.sigstore.dev', 'rekor.evil.example'),
    }))
    const { publicGoodRoot: changedRoot } = await import('../../../src/trust/sigstore/index.ts')
    expect(changedRoot).toThrow(/A trusted root of this installation has been changed/)
    vi.doUnmock('../../../src/trust/sigstore/root/public-good-root.ts')
  })

  test('importing it loads no Sigstore library', () => {
    const index = join(
      import.meta.dirname,
      '..',
      '..',
      '..',
      'src',
      'trust',
      'sigstore',
      'index.ts',
    )
    const script = `import { createRequire } from 'node:module'
      const { publicGoodRoot } = await import(${JSON.stringify(index)})
      const loaded = () => Object.keys(createRequire(${JSON.stringify(index)}).cache).filter((path) => path.includes('@sigstore')).length
      const before = loaded()
      publicGoodRoot().options
      console.log(before, loaded() > 0)`
    const said = execFileSync(process.execPath, ['--input-type=module', '-e', script])
    expect(said.toString().trim()).toBe('0 true')
  })
})

test('t23-root-in-bundle: a bundle that brings a root along is refused, not believed', async () => {
  const [, san = '', , issuer = ''] = whoIs()
  const old = looseFixture('happy-path-v0.1.sigstore.json')
  const chain = ['verificationMaterial', 'x509CertificateChain', 'certificates']
  const [leaf] = old.verificationMaterial.x509CertificateChain.certificates
  const authority = JSON.parse(PUBLIC_GOOD_ROOT).certificateAuthorities[1].certChain.certificates
  const judgeChain = (certificates: Loose): Promise<unknown> =>
    verifyArtifact({
      bundle: bytesOf(changed(old, chain, certificates)),
      artifact: fixturePath('a.txt'),
      signer: { kind: 'keyless', issuer, san },
      root: publicGoodRoot(),
    })
  await expect(judgeChain([leaf, authority[0]])).resolves.toMatchObject({ content: 'message' })
  await expect(judgeChain([leaf, authority[0], authority[1]])).rejects.toMatchObject({
    code: 'BUNDLE_INVALID',
    details: { got: 'a root certificate' },
  })
})
