// A witness of a test: cosigns as https://c2sp.org/tlog-cosignature says, with no code of the product.

import { createHash, generateKeyPairSync, sign } from 'node:crypto'
import { parseNote } from '../../src/log/index.ts'
import type { Source } from '../../src/resolve/index.ts'

export interface TestWitness {
  readonly name: string
  readonly vkey: string
  /** The signature line for a text, at a time or a second; `signed` is what it really signs. */
  line(text: string, time: Date | bigint, signed?: string): string
}

export function openWitness(name: string): TestWitness {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const raw = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32)
  const key = Buffer.concat([Buffer.of(4), raw])
  const id = createHash('sha256').update(`${name}\n`).update(key).digest().subarray(0, 4)
  return {
    name,
    vkey: `${name}+${id.toString('hex')}+${key.toString('base64')}`,
    line: (text, time, signed = text) => {
      const seconds = typeof time === 'bigint' ? time : BigInt(Math.floor(Number(time) / 1000))
      const stamp = Buffer.alloc(8)
      stamp.writeBigUInt64BE(seconds)
      const message = Buffer.from(`cosignature/v1\ntime ${seconds}\n${signed}`)
      const blob = Buffer.concat([id, stamp, sign(null, message, privateKey)])
      return `\u2014 ${name} ${blob.toString('base64')}\n`
    },
  }
}

/** Who cosigned, and when. */
export type Cosigned = readonly [TestWitness, Date]

export function withLines(note: Uint8Array, ...lines: readonly string[]): Uint8Array {
  return Buffer.concat([note, Buffer.from(lines.join(''))])
}

export function cosigned(note: Uint8Array, ...by: readonly Cosigned[]): Uint8Array {
  const { text } = parseNote(note)
  return withLines(note, ...by.map(([witness, time]) => witness.line(text, time)))
}

/** A source whose checkpoints these witnesses have cosigned at these times. */
export function cosignedSource(source: Source, ...by: readonly Cosigned[]): Source {
  return {
    ...source,
    checkpoint: async (publisher, options) =>
      cosigned(await source.checkpoint(publisher, options), ...by),
  }
}
