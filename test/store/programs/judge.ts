// Judges one damaged store after the other: judge FOLDER… A line of JSON for each. LevelDB may abort the process.
import { judge } from '../damaged.ts'

for (const folder of process.argv.slice(2)) console.log(JSON.stringify(await judge(folder)))
