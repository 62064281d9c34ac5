// What nodes of a test file log: kept, and printed where a test fails.

import { beforeEach, onTestFailed } from 'vitest'
import { createLogger, type Logger } from '../../src/node/logger.ts'

const PRINTED = 20

export function createNodeLog(): Logger {
  const lines: string[] = []
  beforeEach(() => {
    lines.length = 0
    onTestFailed(() => console.error(lines.slice(-PRINTED).join('')))
  })
  const write = (line: string): void => void lines.push(line)
  return createLogger({ level: 'debug', format: 'json', now: () => new Date(), write })
}
