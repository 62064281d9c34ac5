// A question to the node that shares a store, about something else than the store.

import { isRegistryError } from '../../lib/index.ts'
import { realFolder } from '../open-level.ts'
import { findSocket } from './path.ts'
import { RemoteConnection } from './remote-connection.ts'

/** Undefined where no node is running, or one that has no answer to this. */
export async function askNode(folder: string, about: string): Promise<string | undefined> {
  const address = await findSocket(await realFolder(folder))
  const connection = address === undefined ? undefined : await RemoteConnection.open(address)
  if (connection === undefined) return undefined
  try {
    const answer = await connection.ask('ask', [about])
    return typeof answer === 'string' ? answer : undefined
  } catch (error) {
    // It stops, or is of a version that has no such question.
    if (isRegistryError(error, 'CLOSED') || isRegistryError(error, 'MESSAGE_INVALID'))
      return undefined
    throw error
  } finally {
    connection.close()
  }
}
