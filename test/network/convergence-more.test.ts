// The other half of the networks of `convergence.test.ts`: a worker of its own runs them.

import { prepareLogs, testSeeds } from './world/converge.ts'

prepareLogs()
testSeeds(501, 500)
