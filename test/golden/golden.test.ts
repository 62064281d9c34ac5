// Logs that were signed once and must read the same for good, and whatever is changed in them, which must not read at all.

import { describe, expect, test } from 'vitest'
import { isRegistryError, toBase64, utf8 } from '../../src/lib/index.ts'
import { authorityFor, createReplay, parseStatement, verifyAuthority } from '../../src/log/index.ts'
import { loadVerifier, type Verifier } from '../../src/trust/index.ts'
import { changedBundles } from '../support/changed-answers.ts'
import { MEANINGLESS, saysTheSame } from '../support/malleable.ts'
import type { Signed } from '../support/many-keys.ts'
import { byteMutants, flip } from '../support/mutate.ts'
import { MAKERS } from './make.ts'
import { listLogs, readLog, readState, stateOf } from './state.ts'

const real = await loadVerifier()

test('every log that can be made is kept', () => {
  expect(listLogs()).toEqual(Object.keys(MAKERS).sort())
})

describe.each(listLogs())('%s', (name) => {
  const log = readLog(name)
  const verifier = remembering(real, log)

  /** Undefined if the entry after the first `count` is accepted. Refused, it changes nothing, so one replay does for all. */
  async function attack(count: number): Promise<(entry: Signed) => Promise<string | undefined>> {
    const replay = createReplay(verifier)
    for (const entry of log.slice(0, count)) await replay.add(entry)
    return async (entry) => {
      try {
        await replay.add(entry)
        return undefined
      } catch (error) {
        if (isRegistryError(error) && error.verdict !== 'FAILED') return error.code
        throw error
      }
    }
  }

  async function replays(entries: readonly Signed[]): Promise<boolean> {
    const replay = createReplay(verifier)
    try {
      for (const entry of entries) await replay.add(entry)
      return true
    } catch (error) {
      if (isRegistryError(error) && error.verdict !== 'FAILED') return false
      throw error
    }
  }

  test('replays to the state that is kept with it', async () => {
    expect(await stateOf(log)).toEqual(readState(name))
  })

  test('t17-back-dating: every entry is judged by its position, also from the end of the log', async () => {
    const replay = createReplay(verifier)
    for (const entry of log) await replay.add(entry)
    for (const entry of log) {
      const statement = parseStatement(entry.statement)
      verifyAuthority(real, entry, authorityFor(replay.state, statement))
    }
  })

  test('no byte of a statement may change, whatever the bundles say', async () => {
    const accepted: string[] = []
    for (const [seq, { statement, bundles }] of log.entries()) {
      const refusal = await attack(seq)
      for (let at = 0; at < statement.length; at++) {
        const changed = flip(statement, at, at % 7)
        const forged =
          at % 8 === 0 ? bundles.map((bundle) => withPayload(bundle, changed)) : bundles
        const code = await refusal({ statement: changed, bundles: forged })
        if (code === undefined) accepted.push(`entry ${seq}, byte ${at}`)
      }
      for (const { label, bytes } of byteMutants(statement, 0)) {
        const code = await refusal({ statement: bytes, bundles })
        if (code === undefined) accepted.push(`entry ${seq}, ${label}`)
      }
      // The entry itself still fits: what was refused has not moved the replay.
      expect(await refusal({ statement, bundles })).toBeUndefined()
    }
    expect(accepted).toEqual([])
  })

  test('of a bundle, only what is never trusted may change', async () => {
    for (const seq of new Set([0, log.length >> 1, log.length - 1])) {
      const { statement, bundles } = log[seq] as Signed
      const [bundle, ...others] = bundles as [Uint8Array]
      const sampled = [...byteMutants(bundle)]
        .filter(({ bytes }) => saysTheSame(bytes, bundle))
        .map(({ label }) => label)
      const may = new Set([...MEANINGLESS, ...sampled])
      for (const { label, answer } of changedBundles({ statement, bundles: [bundle] })) {
        if (answer.kind !== 'entries' || answer.entries.length !== 1) continue
        const refusal = await attack(seq)
        const [changed] = answer.entries as [Signed]
        const code = await refusal({ statement, bundles: [...changed.bundles, ...others] })
        expect(code === undefined, `entry ${seq}, ${label}: ${code}`).toBe(may.has(label))
      }
    }
  })

  test('no entry may go, come twice, or change places', async () => {
    for (const seq of log.keys()) {
      const entry = log[seq] as Signed
      if (seq < log.length - 1) {
        const other = log[seq + 1] as Signed
        expect(await replays(log.toSpliced(seq, 1)), `without ${seq}`).toBe(false)
        expect(await replays(log.toSpliced(seq, 2, other, entry)), `${seq} swapped`).toBe(false)
      }
      expect(await replays(log.toSpliced(seq, 0, entry)), `${seq} twice`).toBe(false)
    }
    // Without its last entry a log is an older log: only a checkpoint tells.
    expect(await replays(log.slice(0, -1))).toBe(true)
  })

  test('t08-replay: no entry of another log is one of this', async () => {
    for (const other of listLogs().filter((one) => one !== name)) {
      for (const seq of [1, log.length - 1]) {
        const refusal = await attack(seq)
        const foreign = readLog(other)[Math.min(seq, readLog(other).length - 1)] as Signed
        expect(await refusal(foreign)).toBe('SEQUENCE_INVALID')
      }
    }
  })
})

/** The signatures of the log as it is are looked at once; every change of them is looked at anew. */
function remembering(verifier: Verifier, log: readonly Signed[]): Verifier {
  const known = new WeakMap<Uint8Array, ReturnType<Verifier['verifyStatement']>>()
  return {
    ...verifier,
    verifyStatement(claim) {
      const isKept = log.some(({ bundles }) => bundles === claim.bundles)
      const verified = (isKept && known.get(claim.statement)) || verifier.verifyStatement(claim)
      if (isKept) known.set(claim.statement, verified)
      return verified
    },
  }
}

function withPayload(bundle: Uint8Array, payload: Uint8Array): Uint8Array {
  const json = JSON.parse(Buffer.from(bundle).toString())
  json.dsseEnvelope.payload = toBase64(payload)
  return utf8(JSON.stringify(json))
}
