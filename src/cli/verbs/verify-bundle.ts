// registry verify-bundle --bundle F (--certificate-identity I --certificate-oidc-issuer U | --key PEM) FILE_OR_DIGEST: any Sigstore bundle, by
// any tool. The words are those of cosign and of the Sigstore conformance suite.

import { RegistryError, readBounded } from '../../lib/index.ts'
import {
  type ArtifactSignature,
  type ExpectedSigner,
  loadKeyless,
  type SigstoreRoot,
} from '../../trust/index.ts'
import { type Invocation, textOption } from '../command.ts'
import { safe } from '../terminal.ts'

const KEY_BYTES = 64 * 1024
const ROOT_BYTES = 1024 * 1024
const BUNDLE_BYTES = 16 * 1024 * 1024

export async function run(invocation: Invocation): Promise<undefined> {
  const { terminal, signal, args } = invocation
  const [artifact = ''] = args
  const bundlePath = textOption(invocation, 'bundle')
  if (bundlePath === undefined) throw usage('--bundle FILE', 'no bundle')
  const signer = await readSigner(invocation)
  const bundle = await readBounded(bundlePath, BUNDLE_BYTES)
  const root = await readRoot(invocation)
  const { verifyArtifact } = await loadKeyless()
  const verified = await verifyArtifact({ bundle, artifact, signer, root }, { signal })
  if (terminal.isJson) terminal.json(toJson(verified))
  else print(invocation, verified)
  return undefined
}

/** Who is expected has to be said in full: a signature by anybody at all says nothing. */
async function readSigner(invocation: Invocation): Promise<ExpectedSigner> {
  const san = textOption(invocation, 'certificateIdentity')
  const issuer = textOption(invocation, 'certificateOidcIssuer')
  const key = textOption(invocation, 'key')
  const expected = '--certificate-identity with --certificate-oidc-issuer, or --key'
  if (key !== undefined) {
    if (san !== undefined || issuer !== undefined) throw usage(expected, 'both')
    return { kind: 'key', pem: Buffer.from(await readBounded(key, KEY_BYTES)).toString('latin1') }
  }
  if (san === undefined || issuer === undefined) {
    throw usage(expected, (san ?? issuer === undefined) ? 'neither' : 'only one of the first two')
  }
  if (san === '' || issuer === '') throw usage('an identity and an issuer', 'an empty one')
  return { kind: 'keyless', san, issuer }
}

async function readRoot(invocation: Invocation): Promise<SigstoreRoot> {
  const { parseSigstoreRoot, publicGoodRoot, stagingRoot } = await loadKeyless()
  const path = textOption(invocation, 'trustedRoot')
  if (path !== undefined) return parseSigstoreRoot(await readBounded(path, ROOT_BYTES))
  return invocation.options.staging === true ? stagingRoot() : publicGoodRoot()
}

function toJson({
  content,
  predicateType,
  sha256,
  identity,
  times,
  rootDigest,
}: ArtifactSignature) {
  return {
    accepted: true,
    content,
    ...(predicateType === undefined ? {} : { predicateType }),
    sha256,
    signer: identity === undefined ? { kind: 'key' } : { kind: 'keyless', ...identity },
    times,
    root: rootDigest,
  }
}

function print({ terminal }: Invocation, verified: ArtifactSignature): void {
  const { identity, predicateType, times } = verified
  terminal.line(`accepted sha256:${verified.sha256}`)
  terminal.line(`  signer     ${identity === undefined ? 'the key given' : safe(identity.san)}`)
  if (identity !== undefined) terminal.line(`  issuer     ${safe(identity.issuer)}`)
  for (const { by, at } of times) {
    terminal.line(`  seen       ${at}, by ${by === 'log' ? 'the log' : 'a timestamp authority'}`)
  }
  if (predicateType !== undefined) terminal.line(`  statement  ${safe(predicateType)}`)
  terminal.line(`  root       sha256:${verified.rootDigest}`)
}

function usage(expected: string, got: string): RegistryError {
  return new RegistryError('USAGE', 'Say which bundle, and who must have signed it.', {
    expected,
    got,
    next: 'See `registry verify-bundle --help`.',
  })
}
