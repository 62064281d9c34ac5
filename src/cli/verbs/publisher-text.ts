// A publisher as text: roles, keys and what the log says beside its releases.

import type { PublisherShown } from '../../registry/index.ts'
import { safe, type Terminal } from '../terminal.ts'

type ShownRole = PublisherShown['roles']['root']

export function printPublisher(terminal: Terminal, shown: PublisherShown): void {
  const { publisher, from, size, root, since, roles, delegations } = shown
  const line = (label: string, text: string): void =>
    terminal.line(`  ${label.padEnd(10)} ${safe(text)}`)
  terminal.line(publisher)
  line('log', `${size} entries, root ${root}${from === 'log' ? '' : ' (as far as was pulled)'}`)
  line('keys', since === 0 ? 'of the first entry' : `of entry ${since}`)
  for (const [name, role] of Object.entries(roles)) {
    printRole(line, name === 'log' ? 'log key' : name, role)
  }
  for (const hash of shown.nextKeyHashes) line('next root', `SPKI with sha-256 ${hash}`)
  for (const { path, by, seq, ...role } of delegations) {
    line('delegated', `${path}${by === null ? '' : `, by ${by}`} (entry ${seq})`)
    printRole(line, '', role)
  }
  for (const { namespace, seq } of shown.claims) line('claims', `${namespace} (entry ${seq})`)
  for (const { key, fingerprint, seq } of shown.revokedKeys) {
    line('revoked', `key ${fingerprint ?? key} (entry ${seq})`)
  }
  for (const { subject, seq, reason } of shown.revoked) {
    line('revoked', `${subject} (entry ${seq}): ${reason}`)
  }
  for (const { subject, seq, reason } of shown.tombstones) {
    line('removed', `${subject} (entry ${seq}): ${reason}`)
  }
}

function printRole(
  line: (label: string, text: string) => void,
  name: string,
  { threshold, keys, identities = [] }: ShownRole,
): void {
  line(name, `${threshold} of ${keys.length + identities.length}`)
  for (const { fingerprint, file } of keys) {
    line('', `  ${fingerprint}${file === undefined ? '' : `  here: ${file}`}`)
  }
  for (const { issuer, san, ...claims } of identities) {
    line('', `  ${san}`)
    line('', `    issuer ${issuer}`)
    for (const [name, claim] of Object.entries(claims)) line('', `    ${name} ${claim}`)
  }
}
