// A certificate authority of the test's own, and a certificate of it for 127.0.0.1.

import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export interface Certificate {
  /** Path of the authority's certificate: what NODE_EXTRA_CA_CERTS names. */
  readonly authority: string
  readonly key: string
  readonly cert: string
}

export function makeCertificate(folder: string): Certificate {
  const path = (name: string): string => join(folder, name)
  const openssl = (words: string): void => {
    execFileSync('openssl', words.split(' '), { cwd: folder, stdio: 'ignore' })
  }
  const key = '-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes'
  openssl(`req -x509 ${key} -days 2 -subj /CN=tests -keyout ca.key -out ca.pem`)
  openssl(`req ${key} -subj /CN=localhost -keyout site.key -out site.csr`)
  writeFileSync(path('site.ext'), 'subjectAltName=IP:127.0.0.1,DNS:localhost\n')
  openssl(
    'x509 -req -in site.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile site.ext -out site.pem',
  )
  return {
    authority: path('ca.pem'),
    key: readFileSync(path('site.key'), 'utf8'),
    cert: readFileSync(path('site.pem'), 'utf8'),
  }
}
