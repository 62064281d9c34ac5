// One seed for every property of a run, so that a run can be repeated and a change is not blamed for what another seed finds. Look further
// with `FC_SEED=$RANDOM npm test`; what is found becomes a vector.

import fc from 'fast-check'

const DEFAULT_SEED = 20_261_121

fc.configureGlobal({ seed: Number(process.env.FC_SEED ?? DEFAULT_SEED) })
