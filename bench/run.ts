// `npm run bench [QUESTION…]`: one file a question, each beside its floor, in one run.

import { type Measured, print } from './measure.ts'

const QUESTIONS: Readonly<
  Record<string, () => Promise<{ measure(): Promise<readonly Measured[]> }>>
> = {
  canonical: () => import('./canonical.ts'),
  publish: () => import('./publish.ts'),
  verify: () => import('./verify.ts'),
  read: () => import('./read.ts'),
  open: () => import('./open.ts'),
  log: () => import('./log.ts'),
  cli: () => import('./cli.ts'),
  startup: () => import('./startup.ts'),
  keyless: () => import('./keyless.ts'),
  replicate: () => import('./replicate.ts'),
  reconcile: () => import('./reconcile.ts'),
  sync: () => import('./sync.ts'),
  idle: () => import('./idle.ts'),
}

const wanted = process.argv.slice(2)
for (const [name, load] of Object.entries(QUESTIONS)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue
  print(await (await load()).measure())
}
