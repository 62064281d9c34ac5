// Cosignatures: what real witnesses said of a real log, what openssl signs, and every line that says nothing.

import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { findCosignatures, parseNote, parseWitness } from '../../src/log/index.ts'
import { makeFolder } from '../support/registry.ts'
import { openWitness, withLines } from '../support/witness.ts'
import { refusalOf } from './helpers.ts'

const utf8 = (text: string): Uint8Array => Buffer.from(text)

/** A checkpoint of a public log of certificates, and keys of public witnesses, as their operators publish them. */
const REAL = utf8(`arche2025h1.staging.ct.transparency.dev
1432088532
U7WM79jrzyhGZ5/GUBTpM7NzwdyfFx61t3RovgcC4Ro=

\u2014 arche2025h1.staging.ct.transparency.dev ui8GwCF1+kWqZrxGdhj4aX3gcw7XUlXQQabg/27lefwhUkzbC3NygNI75MdhL1bfTW9g8Ei59RA23oHP7Ry1k3ZFWwQ=
\u2014 transparency.dev/DEV:witness-little-garden 2AQqhwAAAABqEiEgzgFIqqhbUoDwjMWE6UP8nd8/KYTzwZ2rhIgcqoXHAwVkjZr4AscylP3v7sEodkRAErumC2q44vdgJY096st5BQ==
\u2014 witness1.smartit.nu/witness1 pIyCDwAAAABqEiEghIp82KWebrw7/oHQwlTAm3g2RKS4+eebl8eO0WH+/iEcxZ75W3u5hNI7TOQtmJbqmNWVuE0tgh0XwzdZsDsUAQ==
\u2014 remora.n621.de 2net5wAAAABqEiEgPlfF3V06o0Y+fHM+J5J9s27wgxxcOVSpZ/2g/KSiXCg9DEZI+aVCIobWX9sXTynk5XeU/zZ0WBxtqB0DrAWfBw==
\u2014 witness.stagemole.eu Z/euoAAAAABqEiEgw0i+7g2ENfDAWHmtRzCfKTHSDwYDJA2NmKeGi9Y8FtEyOUvVr+AJmIY/2TUFucgKi7lI7cUiOvKFYe/TmN9DAg==
`)
const REMORA = 'remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2'
const WITNESSES = [
  'transparency.dev/DEV:witness-little-garden+d8042a87+BCtusOxINQNUTN5Oj8HObRkh2yHf/MwYaGX4CPdiVEPM',
  'witness1.smartit.nu/witness1+a48c820f+BPSFWg9G6KPiO7QPryYO5Xq4oYJJ+kAvLKLSimDhoxMO',
  REMORA,
  'witness.stagemole.eu+67f7aea0+BEqSG3yu9YrmcM3BHvQYTxwFj3uSWakQepafafpUqklv',
]

describe('a checkpoint of a public log', () => {
  test('four public witnesses have seen it, at the time they say', () => {
    const found = findCosignatures(REAL, WITNESSES.map(parseWitness))
    expect(found.map(({ witness, time }) => [witness.name, time.toISOString()])).toEqual(
      WITNESSES.map((vkey) => [vkey.split('+')[0], '2026-05-23T21:50:24.000Z']),
    )
  })

  test('of another size, not one', () => {
    const other = Buffer.from(REAL).toString().replace('1432088532', '1432088533')
    expect(findCosignatures(utf8(other), WITNESSES.map(parseWitness))).toEqual([])
  })
})

describe('lines that say nothing', () => {
  const text = 'example.com/log\n7\nU7WM79jrzyhGZ5/GUBTpM7NzwdyfFx61t3RovgcC4Ro=\n'
  const log = `\u2014 example.com/log ${Buffer.alloc(68, 7).toString('base64')}\n`
  const time = new Date('2026-01-01T00:00:00Z')
  const witness = openWitness('witness.example/w1')
  const parsed = parseWitness(witness.vkey)
  const good = witness.line(text, time)
  const findIn = (...lines: readonly string[]) =>
    findCosignatures(withLines(utf8(`${text}\n${log}`), ...lines), [parsed])
  const changed = (line: string, change: (blob: Buffer) => Uint8Array): string => {
    const [dash, name, base64 = ''] = line.trimEnd().split(' ')
    const blob = Buffer.from(change(Buffer.from(base64, 'base64'))).toString('base64')
    return `${dash} ${name} ${blob}\n`
  }
  const flip = (line: string, at: number): string =>
    changed(line, (blob) => blob.fill((blob[at] ?? 0) ^ 1, at, at + 1))

  test('a good one is found among any others, twice if it is there twice', () => {
    const found = [{ witness: parsed, time }]
    expect(findIn(good)).toEqual(found)
    expect(
      findIn(flip(good, 20), openWitness('witness.example/w1').line(text, time), good),
    ).toEqual(found)
    expect(findIn(good, good)).toHaveLength(2)
  })

  test.each([
    ['another witness', openWitness('witness.example/w2').line(text, time)],
    ['another key under its name', openWitness('witness.example/w1').line(text, time)],
    ['its line under another name', good.replace('w1', 'w2')],
    ['a flipped bit of the key id', flip(good, 0)],
    ['a later time than was signed', flip(good, 11)],
    ['a flipped bit of the signature', flip(good, 40)],
    ['a byte too few', changed(good, (blob) => blob.subarray(0, -1))],
    ['a byte too many', changed(good, (blob) => Buffer.concat([blob, Buffer.of(0)]))],
    ['a time and nothing else', changed(good, (blob) => blob.subarray(0, 12))],
    ['no time', changed(good, (blob) => Buffer.concat([blob.subarray(0, 4), blob.subarray(12)]))],
    ['another size', witness.line(text, time, text.replace('7', '8'))],
    ['another log', witness.line(text, time, text.replace('example.com', 'example.org'))],
    ['the text without its last newline', witness.line(text, time, text.slice(0, -1))],
    ['a time that no clock shows', witness.line(text, 2n ** 63n - 1n)],
  ])('%s', (_, line) => {
    expect(findIn(line)).toEqual([])
  })

  test('a flipped bit anywhere', () => {
    for (let at = 0; at < 76; at++) expect(findIn(flip(good, at)), `byte ${at}`).toEqual([])
  })
})

test('what openssl signs by the words of the specification', async () => {
  await using folder = await makeFolder()
  const at = (name: string): string => join(folder.path, name)
  const openssl = (...args: readonly string[]): Buffer => execFileSync('openssl', args)
  openssl('genpkey', '-algorithm', 'ed25519', '-out', at('key.pem'))
  const der = openssl('pkey', '-in', at('key.pem'), '-pubout', '-outform', 'DER')
  const key = Buffer.concat([Buffer.of(4), der.subarray(-32)])
  const id = createHash('sha256').update('w.example\n').update(key).digest().subarray(0, 4)
  const { text } = parseNote(REAL)
  await writeFile(at('message'), `cosignature/v1\ntime 1679315147\n${text}`)
  openssl(
    'pkeyutl',
    '-sign',
    '-inkey',
    at('key.pem'),
    '-rawin',
    '-in',
    at('message'),
    '-out',
    at('signature'),
  )
  const stamp = Buffer.from('00000000641850cb', 'hex')
  const signature = await readFile(at('signature'))
  const blob = Buffer.concat([id, stamp, signature]).toString('base64')
  const witness = parseWitness(`w.example+${id.toString('hex')}+${key.toString('base64')}`)
  const found = findCosignatures(withLines(REAL, `\u2014 w.example ${blob}\n`), [witness])
  expect(found).toEqual([{ witness, time: new Date(1_679_315_147_000) }])
})

describe('keys of witnesses', () => {
  const [name = '', id = '', ...rest] = REMORA.split('+')
  const base64 = rest.join('+')
  const of = (type: number, length: number): string =>
    Buffer.concat([Buffer.of(type), Buffer.alloc(length, 9)]).toString('base64')

  test.each([
    ['nothing', '', 'NAME+KEYID+BASE64; got ""'],
    ['a name alone', 'w.example', 'NAME+KEYID+BASE64; got "w.example"'],
    ['a space in the name', `w example+${id}+${base64}`, 'NAME+KEYID+BASE64; got "w example+'],
    [
      'a short key id',
      `${name}+da77ade+${base64}`,
      'NAME+KEYID+BASE64; got "remora.n621.de+da77ade+',
    ],
    ['no base64', `${name}+${id}+B`, 'NAME+KEYID+BASE64; got "remora'],
    [
      'a key of a log',
      `${name}+${id}+${of(1, 32)}`,
      'an Ed25519 key for cosignatures: type 0x04 and 32 bytes; got type 0x01 and 32 bytes',
    ],
    [
      'a short key',
      `${name}+${id}+${of(4, 31)}`,
      'an Ed25519 key for cosignatures: type 0x04 and 32 bytes; got type 0x04 and 31 bytes',
    ],
    [
      'ML-DSA',
      `${name}+${id}+${of(6, 1312)}`,
      'an Ed25519 key for cosignatures: type 0x04 and 32 bytes; got type 0x06 and 1312 bytes',
    ],
    [
      'the id of another key',
      REMORA.replace('da77ade7', 'da77ade8'),
      'the key id da77ade7 for this name and key; got da77ade8',
    ],
    ['another name', REMORA.replace('remora', 'remorb'), 'the key id '],
  ])('refused: %s', (_, vkey, words) => {
    const refusal = refusalOf(() => parseWitness(vkey))
    expect(refusal).toContain(`KEY_INVALID: This is not the key of a witness. expected ${words}`)
  })

  test('t27-weak-keys: a point of small order is no key', () => {
    const weak = Buffer.concat([Buffer.of(4), Buffer.of(1), Buffer.alloc(31)]).toString('base64')
    expect(refusalOf(() => parseWitness(`w+00000000+${weak}`))).toMatch(/^KEY_INVALID/)
  })
})
