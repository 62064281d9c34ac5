// A home node’s desk that has its witnesses cosign what it took, as whoever publishes on the node itself does. They are asked afterwards and
// beside: a witness that cannot be reached costs freshness, never the submission.

import type { HomeDesk, Workspace } from '../../registry/index.ts'
import { cosignPublished } from '../ask-witnesses.ts'
import type { Logger } from '../logger.ts'

export interface CosigningDesk extends AsyncDisposable {
  readonly desk: HomeDesk
}

/** What comes while they are asked is asked about together, once they have answered. */
export function haveCosigned(desk: HomeDesk, workspace: Workspace, log: Logger): CosigningDesk {
  const stop = new AbortController()
  let isDue = false
  let asking: Promise<void> | undefined
  const ask = async (): Promise<void> => {
    while (isDue && !stop.signal.aborted) {
      isDue = false
      try {
        const asked = await cosignPublished(workspace, { signal: stop.signal })
        for (const { name, url, error } of asked) {
          if (error === undefined) log.info('cosigned-by', { witness: name, url })
          else log.warn('not-cosigned-by', { witness: name, url, error })
        }
      } catch (error) {
        if (!stop.signal.aborted) log.error('witnesses-not-asked', { error })
      }
    }
    asking = undefined
  }
  return {
    desk: {
      ...desk,
      connect(remote) {
        const session = desk.connect(remote)
        return {
          ...session,
          async submit(submission, options) {
            const answer = await session.submit(submission, options)
            if (answer.entries.some(({ kind }) => kind === 'appended')) {
              isDue = true
              asking ??= ask()
            }
            return answer
          },
          [Symbol.dispose]: () => session[Symbol.dispose](),
        }
      },
    },
    async [Symbol.asyncDispose]() {
      stop.abort()
      await asking
    },
  }
}
