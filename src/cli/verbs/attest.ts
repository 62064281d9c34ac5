// registry attest

import {
  isJsonObject,
  type JsonObject,
  parseJson,
  RegistryError,
  readBounded,
} from '../../lib/index.ts'
import {
  type Attested,
  attachBundle,
  attest,
  attestationSubject,
  parsePublicPem,
} from '../../registry/index.ts'
import { LIMITS, parsePublisherId } from '../../spec/index.ts'
import type { PublicKey } from '../../trust/index.ts'
import { type Invocation, listOption, textOption } from '../command.ts'
import { withKeyless } from '../keyless.ts'
import { expandTarget, meansCid } from '../target.ts'
import { safe } from '../terminal.ts'
import { attestationJson, signerText } from './attestation-text.ts'

/** Far more than any PEM of a key takes. */
const KEY_BYTES = 16 * 1024

export async function run(invocation: Invocation): Promise<undefined> {
  const { terminal } = invocation
  const [target = ''] = invocation.args
  const said = wordsOf(invocation)
  const workspace = await withKeyless(invocation, await invocation.workspace())
  const { store } = workspace
  const id = textOption(invocation, 'publisher')
  const publisher = id === undefined ? undefined : parsePublisherId(id)
  const reference = meansCid(target) ? target : await expandTarget(store, target)
  const subject = await attestationSubject(store, reference, { publisher })
  const attested =
    said.kind === 'bundle'
      ? await attachBundle(workspace, { subject, ...(await readBundle(invocation, said.file)) })
      : await attest(workspace, {
          subject,
          predicateType: said.type,
          predicate: await readPredicate(said.file),
          keyFile: textOption(invocation, 'keyFile'),
        })
  if (terminal.isJson) {
    const { kind, attestation } = attested
    terminal.json({ kind, subject: subject.cid, ...attestationJson(attestation) })
  } else print(invocation, subject.name, attested)
  return undefined
}

type Words =
  | { readonly kind: 'bundle'; readonly file: string }
  | { readonly kind: 'predicate'; readonly type: string; readonly file: string }

function wordsOf(invocation: Invocation): Words {
  const [type, predicate, bundle] = ['type', 'predicate', 'bundle'].map((name) =>
    textOption(invocation, name),
  )
  const signers = ['keyFile', 'identity'].filter((name) => invocation.options[name] !== undefined)
  const hasKeys = listOption(invocation, 'key').length > 0
  if (bundle !== undefined && (type ?? predicate) === undefined && signers.length === 0) {
    return { kind: 'bundle', file: bundle }
  }
  const isWhole = type !== undefined && predicate !== undefined
  if (bundle === undefined && isWhole && !hasKeys && signers.length < 2) {
    return { kind: 'predicate', type, file: predicate }
  }
  const given = ['type', 'predicate', 'key-file', 'identity', 'bundle', 'key'].filter(
    (name) => invocation.options[name.replace('-f', 'F')] !== undefined,
  )
  throw new RegistryError('USAGE', 'Say what to attest: a predicate to sign, or a signed bundle.', {
    expected:
      '--type URI --predicate FILE [--key-file NAME or --identity PROVIDER], or --bundle FILE [--key PEM]',
    got: given.length === 0 ? 'neither' : given.map((name) => `--${name}`).join(', '),
    next: 'See `registry attest --help`.',
  })
}

async function readPredicate(file: string): Promise<JsonObject> {
  const bytes = await readBounded(file, LIMITS.attestationBytes)
  const value = parseJson(bytes, { maxBytes: LIMITS.attestationBytes })
  if (isJsonObject(value)) return value
  throw new RegistryError('STATEMENT_INVALID', 'A predicate is an object.', {
    expected: 'a JSON object',
    got: Array.isArray(value) ? 'a list' : String(value).slice(0, 80),
    next: `Look at ${file}: it holds the predicate alone, without the statement around it.`,
  })
}

async function readBundle(
  invocation: Invocation,
  file: string,
): Promise<{ readonly bundle: Uint8Array; readonly keys: readonly PublicKey[] }> {
  const keys: PublicKey[] = []
  for (const path of listOption(invocation, 'key')) {
    keys.push(parsePublicPem(Buffer.from(await readBounded(path, KEY_BYTES)).toString('utf8')))
  }
  return { bundle: await readBounded(file, LIMITS.attestationBundleBytes), keys }
}

function print({ terminal }: Invocation, name: string, { kind, attestation }: Attested): void {
  const { predicateType, statement, signer } = attestation
  if (kind === 'unchanged')
    terminal.line('Nothing to do: this signer has said exactly this before.')
  else terminal.line(`Attested ${safe(predicateType)} about ${safe(name)}`)
  terminal.line(`  statement  ${statement}`)
  terminal.line(`  signer     ${signerText(signer)}`)
}
