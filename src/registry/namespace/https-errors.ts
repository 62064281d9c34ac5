// What went wrong between us and a web site, as coded errors: a certificate that is not the domain’s proves nothing; a
// connection that fails says nothing either way.

import { RegistryError } from '../../lib/index.ts'

export function unproven(
  where: string,
  problem: string,
  values: { readonly expected: string; readonly got: string },
): RegistryError {
  return new RegistryError('NAMESPACE_UNPROVEN', `${where} ${problem}.`, {
    ...values,
    next: 'If the domain is yours, serve the document there (docs/namespaces.md), or prove the namespace by DNS.',
  })
}

/** As node:tls names what a certificate fails on. */
const CERTIFICATE =
  /^(?:ERR_TLS_CERT_ALTNAME_|CERT_|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT|UNABLE_TO_)/

export function failureOf(cause: unknown, where: string, deadline?: string): RegistryError {
  if (cause instanceof RegistryError) return cause
  const { code = '', message } = cause as NodeJS.ErrnoException
  if (CERTIFICATE.test(code)) {
    const host = new URL(where).hostname
    return unproven(where, 'shows a certificate that does not prove the domain', {
      expected: `a valid certificate for ${host}`,
      got: code,
    })
  }
  return new RegistryError('SERVER_FAILED', `${where} gave no answer.`, {
    expected: 'a document within the time allowed',
    got: deadline ?? (code === '' ? message : code),
    next: 'Try again, or ask DNS alone with `--method dns`.',
    cause,
  })
}
