// Signed notes and checkpoints: the C2SP examples, and every way to tamper with them.

import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { toHex } from '../../src/lib/index.ts'
import {
  originOf,
  parseNote,
  signCheckpoint,
  signNote,
  verifyCheckpoint,
  verifyNote,
} from '../../src/log/index.ts'
import { type PublisherId, publisherIdOf } from '../../src/spec/index.ts'
import type { PublicKey } from '../../src/trust/index.ts'
import { sharedPath } from '../shared.ts'
import { createSigner, refusalOf, rejectionOf } from './helpers.ts'

const utf8 = (text: string): Uint8Array => Buffer.from(text)
const vectors = sharedPath('data', 'vectors', 'c2sp', 'signed-note.json')

describe('the C2SP examples', () => {
  const c2sp = vectors === undefined ? undefined : JSON.parse(readFileSync(vectors, 'utf8'))
  test.runIf(c2sp)('the note verifies under its key', () => {
    const [name, , raw] = c2sp.vkey.split('+')
    const point = Buffer.from(raw, 'base64').subarray(1)
    const spki = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), point]).toString(
      'base64',
    )
    const key: PublicKey = { type: 'ed25519', spki }
    expect(verifyNote(utf8(c2sp.note), { name, key })).toBe('This is an example message.\n')
    expect(refusalOf(() => verifyNote(utf8(c2sp.note), { name: `${name}x`, key }))).toMatch(
      /^SIGNATURE_INVALID/,
    )
    expect(
      refusalOf(() => verifyNote(utf8(c2sp.note.replace('an ', 'An ')), { name, key })),
    ).toMatch(/a bad one under its name/)
  })
  test.runIf(c2sp)('the checkpoint parses as a note', () => {
    const { text, signatures } = parseNote(utf8(c2sp.checkpoint))
    expect(text.split('\n')).toHaveLength(4)
    expect(signatures.map(({ name }) => name)).toEqual(['example.com/behind-the-sofa'])
  })
})

describe('notes', () => {
  const signer = createSigner('ed25519')
  const by = { name: 'example.com/log', signer }
  const own = { name: by.name, key: signer.key }

  test('a text with empty lines reads back', async () => {
    const text = 'one\n\n\u2014 not a signature\n\ntwo\n'
    expect(verifyNote(await signNote(text, by), own)).toBe(text)
  })

  test('signatures by strangers are ignored, even under our name', async () => {
    const note = Buffer.from(await signNote('text\n', by)).toString()
    const stranger = `\u2014 witness.example ${Buffer.alloc(76, 7).toString('base64')}\n`
    const namesake = `\u2014 ${by.name} ${Buffer.alloc(68, 7).toString('base64')}\n`
    expect(verifyNote(utf8(note + stranger + namesake), own)).toBe('text\n')
    expect(refusalOf(() => verifyNote(utf8(`text\n\n${stranger}`), own))).toBe(
      'SIGNATURE_INVALID: The expected key did not sign this note. expected a good signature by example.com/log; got signatures by other keys: "witness.example"',
    )
  })

  test('one bad signature by our key refuses the note, whatever else signs it', async () => {
    const note = Buffer.from(await signNote('text\n', by)).toString()
    const [line = ''] = note.split('\n').slice(2)
    const base64 = Buffer.from(line.split(' ')[2] ?? '', 'base64')
    base64[10] = (base64[10] ?? 0) ^ 1
    const bad = `\u2014 ${by.name} ${base64.toString('base64')}\n`
    expect(refusalOf(() => verifyNote(utf8(note + bad), own))).toMatch(
      /got a bad one under its name$/,
    )
  })

  test.each([
    ['no empty line', 'text\n', 'a text, an empty line and signature lines; got no empty line'],
    [
      'no signature',
      'text\n\n',
      'one signature line or more, each with a newline; got none at the end',
    ],
    [
      'no last newline',
      `text\n\n\u2014 a AAAAAAAA`,
      'one signature line or more, each with a newline; got none at the end',
    ],
    ['a hyphen', 'text\n\n- a AAAAAAAA\n', '"\u2014 NAME BASE64"; got "- a AAAAAAAA"'],
    ['no name', 'text\n\n\u2014  AAAAAAAA\n', '"\u2014 NAME BASE64"; got "\u2014  AAAAAAAA"'],
    [
      'a plus in the name',
      'text\n\n\u2014 a+b AAAAAAAA\n',
      '"\u2014 NAME BASE64"; got "\u2014 a+b AAAAAAAA"',
    ],
    [
      'a wide space in the name',
      'text\n\n\u2014 a\u2003b AAAAAAAA\n',
      '"\u2014 NAME BASE64"; got "\u2014 a\u2003b AAAAAAAA"',
    ],
    [
      'no signature bytes',
      'text\n\n\u2014 a AAAAAA==\n',
      '"\u2014 NAME BASE64"; got "\u2014 a AAAAAA=="',
    ],
    [
      'base64 with stray bits',
      'text\n\n\u2014 a AAAAAAB=\n',
      '"\u2014 NAME BASE64"; got "\u2014 a AAAAAAB="',
    ],
    ['a tab', 'te\txt\n\n\u2014 a AAAAAAAA\n', 'no control characters but newlines; got U+0009'],
    [
      'a carriage return',
      'text\r\n\n\u2014 a AAAAAAAA\n',
      'no control characters but newlines; got U+000d',
    ],
    [
      'too long',
      `${'x'.repeat(16 * 1024)}\n\n\u2014 a AAAAAAAA\n`,
      'at most 16384 bytes; got 16401 bytes',
    ],
  ])('malformed: %s', (_, note, text) => {
    expect(refusalOf(() => parseNote(utf8(note)))).toBe(
      `CHECKPOINT_INVALID: This is not a signed note. expected ${text}`,
    )
  })

  test('malformed: not UTF-8', () => {
    const note = Buffer.concat([Buffer.of(0xff), utf8('text\n\n\u2014 a AAAAAAAA\n')])
    expect(refusalOf(() => parseNote(note))).toBe(
      'CHECKPOINT_INVALID: This is not a signed note. expected UTF-8; got bytes that are not',
    )
  })

  test('a text that cannot be read back is not signed away', async () => {
    expect(await rejectionOf(() => signNote('no newline', by))).toMatch(/^CHECKPOINT_INVALID/)
    expect(await rejectionOf(() => signNote('text\n', { name: 'a b', signer }))).toMatch(
      /^CHECKPOINT_INVALID/,
    )
  })

  test('only Ed25519 keys sign notes', async () => {
    const p256 = createSigner('ecdsa-p256')
    expect(await rejectionOf(() => signNote('text\n', { name: 'a', signer: p256 }))).toBe(
      'KEY_INVALID: Only an Ed25519 key can sign a note. expected ed25519; got ecdsa-p256',
    )
  })
})

describe('checkpoints', () => {
  const signer = createSigner('ed25519')
  const publisher = publisherIdOf(utf8('genesis'))
  const origin = originOf(publisher)
  const root = Buffer.alloc(32, 5)
  const logKey = signer.key
  const signText = (text: string, name = origin): Promise<Uint8Array> =>
    signNote(text, { name, signer })
  const base64 = root.toString('base64')

  test('what is signed reads back', async () => {
    const note = await signCheckpoint({ origin, size: 41, root }, signer)
    const read = verifyCheckpoint(note, { publisher, logKey })
    expect({ ...read, root: toHex(read.root) }).toEqual({ origin, size: 41, root: toHex(root) })
    expect(
      Buffer.from(note)
        .toString()
        .startsWith(`toolmark/${publisher}\n41\n${base64}\n\n\u2014 ${origin} `),
    ).toBe(true)
  })

  test('t28-trailing-data: every changed, removed or added byte is refused', async () => {
    const note = Buffer.from(await signCheckpoint({ origin, size: 41, root }, signer))
    for (let i = 0; i < note.length; i++) {
      const flipped = Buffer.from(note)
      flipped[i] = (note[i] ?? 0) ^ 1
      const shorter = Buffer.concat([note.subarray(0, i), note.subarray(i + 1)])
      const longer = Buffer.concat([note.subarray(0, i), Buffer.of(0x41), note.subarray(i)])
      for (const tampered of [flipped, shorter, longer]) {
        expect(
          refusalOf(() => verifyCheckpoint(tampered, { publisher, logKey })),
          `byte ${i}`,
        ).toMatch(/^(CHECKPOINT|SIGNATURE)_INVALID/)
      }
    }
  })

  test('another publisher, another key', async () => {
    const note = await signCheckpoint({ origin, size: 41, root }, signer)
    const other: PublisherId = publisherIdOf(utf8('other genesis'))
    expect(refusalOf(() => verifyCheckpoint(note, { publisher: other, logKey }))).toMatch(
      /^SIGNATURE_INVALID/,
    )
    const otherKey = createSigner('ed25519').key
    expect(refusalOf(() => verifyCheckpoint(note, { publisher, logKey: otherKey }))).toMatch(
      /^SIGNATURE_INVALID/,
    )
  })

  const sizeWords = 'a size from 1 to 2^53 - 1, without leading zeros'
  test.each([
    ['size 0', `${origin}\n0\n${base64}\n`, `${sizeWords}; got "0"`],
    ['a leading zero', `${origin}\n01\n${base64}\n`, `${sizeWords}; got "01"`],
    ['a sign', `${origin}\n+1\n${base64}\n`, `${sizeWords}; got "+1"`],
    ['2^53', `${origin}\n9007199254740992\n${base64}\n`, `${sizeWords}; got "9007199254740992"`],
    ['a short root', `${origin}\n1\nAAAA\n`, 'a root of 32 bytes in base64; got "AAAA"'],
    ['an extension line', `${origin}\n1\n${base64}\nextra\n`, 'exactly three lines; got "4 lines"'],
    [
      'an empty extension line',
      `${origin}\n1\n${base64}\n\n`,
      'exactly three lines; got "4 lines"',
    ],
    ['two lines', `${origin}\n1\n`, 'exactly three lines; got "2 lines"'],
    ['another origin', `toolmark/x\n1\n${base64}\n`, `${origin}; got "toolmark/x"`],
  ])('well signed, still refused: %s', async (_, text, words) => {
    const note = await signText(text)
    expect(refusalOf(() => verifyCheckpoint(note, { publisher, logKey }))).toBe(
      `CHECKPOINT_INVALID: This is not a checkpoint of that log. expected ${words}`,
    )
  })

  test.each([0, -1, 1.5, 2 ** 53])('size %d is not signed', async (size) => {
    expect(await rejectionOf(() => signCheckpoint({ origin, size, root }, signer))).toMatch(
      /^CHECKPOINT_INVALID/,
    )
  })
})
