// Warnings about names, beside the answer.

import type { NameWarning } from '../registry/index.ts'
import { safe, type Terminal } from './terminal.ts'

/** On standard error; with --json they stand in the answer instead. */
export function remarkOn(terminal: Terminal, warnings: readonly NameWarning[]): void {
  for (const { message } of warnings) terminal.remark(`warning: ${safe(message)}`)
}
