// Makes the golden states again from the golden logs: `node test/golden/bless.ts`. Read the difference before you commit it: a state
// that changes is a log that other implementations now read otherwise. `--new NAME` signs a new log under that name first; a log
// that is there stays as it is, for what was signed must be readable for good.

import { MAKERS } from './make.ts'
import { listLogs, readLog, stateOf, writeLog, writeState } from './state.ts'

const [, , flag, name = ''] = process.argv
if (flag === '--new') {
  const make = MAKERS[name]
  if (make === undefined) throw new Error(`no such log: ${Object.keys(MAKERS).join(', ')}`)
  if (listLogs().includes(name)) throw new Error(`${name} is there; remove its files to replace it`)
  writeLog(name, await make())
}
for (const log of listLogs()) writeState(log, await stateOf(readLog(log)))
