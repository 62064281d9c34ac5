// A policy in which everything is said, as TOML and as the value it stands for.

import { publisherIdOf } from '../../../src/spec/index.ts'

export const ID = publisherIdOf(Buffer.from('acme'))
export const OTHER_ID = publisherIdOf(Buffer.from('somebody else'))
export const FINGERPRINT = `SHA256:${'A'.repeat(43)}`
export const ISSUER = 'https://token.actions.githubusercontent.com'
export const SAN = 'https://github.com/acme/tools/.github/workflows/release.yml@refs/tags/v*'

export const WHOLE = {
  version: 1,
  default: 'deny',
  max_staleness: '7d',
  min_age: '72h',
  surface: { reapprove_on_change: true, forbid: ['bidi', 'tags', 'ansi', 'zero-width'] },
  text: { deceptive: 'refuse', suspicious: 'warn' },
  quorum: { file: 'witness.policy' },
  publisher: [
    {
      namespace: 'com.acme',
      id: ID,
      tools: ['com.acme/*', 'com.acme/weather#get_*'],
      require: ['log-inclusion', 'witness-quorum', 'release-signature'],
      threshold: 2,
      signer: [
        { kind: 'keyless', issuer: ISSUER, san: SAN, repository_id: '123456789', trigger: 'push' },
        { kind: 'key', fingerprint: FINGERPRINT, not_after: '2027-06-01' },
      ],
      attestation: [
        {
          predicate: 'https://slsa.dev/provenance/v1',
          builder: 'https://github.com/actions/runner',
          threshold: 1,
          signer: [{ kind: 'key', fingerprint: FINGERPRINT }],
        },
      ],
    },
    { namespace: OTHER_ID },
  ],
  advisory: [{ id: OTHER_ID, effect: 'block' }],
  private: { namespaces: ['com.corp.internal', 'com.corp.secret'] },
}
