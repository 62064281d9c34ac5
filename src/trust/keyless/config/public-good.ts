// The services of Sigstore’s public-good instance, signing_config.v0.2.json of its TUF repository but for its yearly Rekor v2 logs: their
// names change every year, and a name written here would outlive its log. Who wants one gives the file of the day.

import { utf8 } from '../../../lib/index.ts'
import { parseSigningConfig, type SigningConfig } from './signing-config.ts'

const service = (url: string, start: string): unknown => ({
  url,
  majorApiVersion: 1,
  validFor: { start },
  operator: 'sigstore.dev',
})

export const PUBLIC_GOOD: SigningConfig = parseSigningConfig(
  utf8(
    JSON.stringify({
      mediaType: 'application/vnd.dev.sigstore.signingconfig.v0.2+json',
      caUrls: [service('https://fulcio.sigstore.dev', '2022-04-13T20:06:15.000Z')],
      oidcUrls: [service('https://oauth2.sigstore.dev/auth', '2022-04-13T20:06:15.000Z')],
      rekorTlogUrls: [service('https://rekor.sigstore.dev', '2021-01-12T11:53:27.000Z')],
      rekorTlogConfig: { selector: 'ANY' },
      tsaUrls: [service('https://timestamp.sigstore.dev/api/v1/timestamp', '2025-07-04T00:00:00Z')],
      tsaConfig: { selector: 'ANY' },
    }),
  ),
)
