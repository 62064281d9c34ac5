// A plain file server: what `registry export --static` wrote, as any web server would serve it; and every way to lie about a file.

import { readFile } from 'node:fs/promises'
import { createServer, type RequestListener, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join, normalize } from 'node:path'

export interface Served {
  readonly path: string
  readonly bytes: number
}

export interface FileServer extends AsyncDisposable {
  /** With a slash at its end. */
  readonly url: string
  readonly served: Served[]
  /** Asked before the file is: true if it has answered, or will. */
  lie: ((path: string, response: ServerResponse) => boolean) | undefined
}

export async function serveFiles(
  folder: string,
  tls?: { readonly key: string; readonly cert: string },
): Promise<FileServer> {
  const served: Served[] = []
  const listener: RequestListener = async (request, response) => {
    const path = normalize(decodeURIComponent(request.url ?? '/')).replace(/^\/+/, '')
    if (server.lie?.(path, response) === true) {
      served.push({ path, bytes: 0 })
      return
    }
    try {
      const bytes = await readFile(join(folder, path))
      served.push({ path, bytes: bytes.length })
      response.end(bytes)
    } catch {
      served.push({ path, bytes: 0 })
      response.writeHead(404).end('not here')
    }
  }
  const http = tls === undefined ? createServer(listener) : createTlsServer(tls, listener)
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  const { port } = http.address() as AddressInfo
  const server: FileServer = {
    url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}/`,
    served,
    lie: undefined,
    [Symbol.asyncDispose]: async () => {
      http.closeAllConnections()
      await new Promise((resolve) => http.close(resolve))
    },
  }
  return server
}
