// Warnings about names and releases, beside the answer.

import { safe, type Terminal } from './terminal.ts'

/** On standard error; with --json they stand in the answer instead. */
export function remarkOn(
  terminal: Terminal,
  warnings: readonly { readonly message: string }[],
): void {
  for (const { message } of warnings) terminal.remark(`warning: ${safe(message)}`)
}
