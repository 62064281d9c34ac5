// Which addresses of a static log are accepted.

import { RegistryError } from '../../lib/index.ts'

const LOOPBACK: readonly string[] = ['localhost', '127.0.0.1', '[::1]']

/** The folder a static log is in, its last slash included. Throws USAGE. */
export function parseStaticAddress(address: string): URL {
  const url = URL.parse(address)
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    throw refuse('This is not the address of a static log.', address)
  }
  if (url.protocol === 'http:' && !LOOPBACK.includes(url.hostname)) {
    throw refuse(
      'A static log is read over HTTPS: without it, anyone on the way sees which tools you pull and can hold back newer ones.',
      address,
    )
  }
  // It is printed, remembered and shown to others; a secret in it would be, too.
  if (url.username !== '' || url.password !== '') {
    throw refuse('The address of a static log has no user name or password.', url.host)
  }
  if (url.search !== '' || url.hash !== '') {
    throw refuse('The address of a static log ends with its path.', address)
  }
  if (!url.pathname.endsWith('/')) url.pathname += '/'
  return url
}

function refuse(message: string, got: string): RegistryError {
  return new RegistryError('USAGE', message, {
    expected: 'https://HOST/PATH, or http:// on this machine (localhost, 127.0.0.1, [::1])',
    got: JSON.stringify(got.slice(0, 200)),
    next: 'Name the folder that `registry export --static` wrote, as it is served: `--from https://HOST/PATH`.',
  })
}
