// The other implementation: whatever it makes or accepts, so must we.

import { execFileSync } from 'node:child_process'

export function openssl(...args: readonly string[]): string {
  return execFileSync('openssl', args, { stdio: 'pipe' }).toString()
}

export function opensslPem(): string {
  return openssl('genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256')
}
