import { describe, expect, test } from 'vitest'
import { isRegistryError } from '../../src/lib/index.ts'
import { bundle, type Loose, signer, spoilt, verify } from './bundles.ts'

describe('tampering', () => {
  /** Unsigned by nature: hints, and fields that are empty. They change nothing about who signed. */
  const MALLEABLE = new Set(['/verificationMaterial/publicKey/hint'])

  function leaves(value: Loose, path = ''): readonly string[] {
    if (typeof value !== 'object') return [path]
    return [path, ...Object.keys(value).flatMap((key) => leaves(value[key], `${path}/${key}`))]
  }

  function replace(path: string, change: (parent: Loose, key: string) => void): Loose {
    return spoilt((copy) => {
      const keys = path.split('/').slice(1)
      const last = keys.pop() as string
      change(
        keys.reduce((at, key) => at[key], copy),
        last,
      )
    })
  }

  test('every field of the bundle, removed, replaced, renamed or joined', () => {
    const changes: readonly ((parent: Loose, key: string) => void)[] = [
      (parent, key) => {
        if (Array.isArray(parent)) parent.splice(Number(key), 1)
        else delete parent[key]
      },
      ...[null, 0, true, '', 'x', [], {}, [{}], { a: 1 }].map(
        (value) => (parent: Loose, key: string) => {
          parent[key] = value
        },
      ),
      (parent) => {
        parent.unknown = 1
      },
      (parent, key) => {
        if (typeof parent[key] === 'string') parent[key] += ' '
        else parent[key] = [parent[key]]
      },
      (parent, key) => {
        if (typeof parent[key] === 'string') parent[key] = parent[key].slice(0, -4)
        else parent[key] = String(parent[key])
      },
    ]
    const original = JSON.stringify(bundle)
    const accepted: string[] = []
    let refused = 0
    for (const path of leaves(bundle).filter((at) => at !== '')) {
      for (const [i, change] of changes.entries()) {
        const changed = replace(path, change)
        if (JSON.stringify(changed) === original) continue
        try {
          expect(verify([changed])).toEqual([signer.key])
          accepted.push(`${path} ${i}`)
        } catch (error) {
          expect(isRegistryError(error), `${path} ${i}: ${error}`).toBe(true)
          refused += 1
        }
      }
    }
    expect(refused).toBeGreaterThan(100)
    // An absent or empty timestampVerificationData means the same; a hint is a hint.
    const surprising = accepted.filter((entry) => !MALLEABLE.has(entry.split(' ')[0] as string))
    expect(surprising).toEqual(['/verificationMaterial/timestampVerificationData 0'])
  })

  test('sampled bytes of the JSON, flipped: refused with a code, or the same signer by a malleable byte', () => {
    const bytes = Buffer.from(JSON.stringify(bundle))
    const hint = bytes.indexOf('SHA256:')
    for (let at = 0; at < bytes.length; at += 3) {
      const copy = Buffer.from(bytes)
      copy[at] = (copy[at] ?? 0) ^ 0x01
      const inHint = at >= hint && at < hint + 50
      try {
        verify([copy])
        expect(
          inHint,
          `byte ${at} is not signed: ${copy.toString('latin1', at - 10, at + 10)}`,
        ).toBe(true)
      } catch (error) {
        expect(isRegistryError(error), `byte ${at}: ${error}`).toBe(true)
      }
    }
  })
})
