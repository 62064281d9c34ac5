// Lines of the log: one each, filtered, bounded, and nothing in them that a stranger or a secret could do harm with.

import { describe, expect, test } from 'vitest'
import { RegistryError } from '../../src/lib/index.ts'
import { createLogger, type LoggerOptions } from '../../src/node/logger.ts'

function open(options: Partial<LoggerOptions> = {}) {
  const lines: string[] = []
  const logger = createLogger({
    level: 'info',
    format: 'json',
    now: () => new Date('2026-11-21T12:00:00Z'),
    write: (line) => lines.push(line),
    ...options,
  })
  return { logger, lines }
}

describe('a line', () => {
  test('is one JSON object', () => {
    const { logger, lines } = open()
    logger.info('session-done', { peer: 'p', logs: 3, gone: undefined, at: new Uint8Array(3) })
    expect(lines).toEqual([
      '{"time":"2026-11-21T12:00:00.000Z","level":"info","event":"session-done","peer":"p","logs":3,"at":"3 bytes"}\n',
    ])
  })

  test('or words', () => {
    const { logger, lines } = open({ format: 'text' })
    logger.warn('peer-failed', { code: 'PEER_LIMIT', wait: 5 })
    expect(lines).toEqual(['2026-11-21T12:00:00.000Z warn  peer-failed code="PEER_LIMIT" wait=5\n'])
  })

  test('below the level is none', () => {
    const { logger, lines } = open({ level: 'warn' })
    logger.debug('a')
    logger.info('b')
    logger.warn('c')
    logger.error('d')
    expect(lines.map((line) => JSON.parse(line).event)).toEqual(['c', 'd'])
  })
})

describe.each(['json', 'text'] as const)('%s: strangers', (format) => {
  test('forge no line and move no cursor', () => {
    const { logger, lines } = open({ format })
    const evil = 'x\n{"level":"error"}\u001b[2J\u202e\u2028'
    logger.info('peer', { label: evil, nested: { list: [evil] }, error: new Error(evil) })
    expect(lines).toHaveLength(1)
    expect(lines[0]).toMatch(/^[^\n]*\n$/)
    expect(lines[0]).not.toMatch(/[\u001b\u202e\u2028]/)
  })

  test('fill no disk: texts are cut, lists too, and a flood of one event is counted', () => {
    const { logger, lines } = open({ format })
    logger.info('long', { text: 'a'.repeat(1e6), items: Array.from({ length: 1e4 }, () => 'b') })
    expect(lines[0]?.length).toBeLessThan(1_000)
    for (let i = 0; i < 1_000; i++) logger.info('flood')
    expect(lines.length).toBeLessThan(150)
    logger.info('other')
    expect(lines.at(-1)).toContain('other')
  })
})

test('what was left out of a flood is told afterwards', () => {
  let time = 0
  const { logger, lines } = open({ now: () => new Date(time) })
  for (let i = 0; i < 200; i++) logger.info('flood')
  time += 60_000
  logger.info('flood')
  logger.info('flood')
  expect(lines.slice(-2).map((line) => JSON.parse(line).suppressed)).toEqual([80, undefined])
})

test('secrets are withheld, at any depth', () => {
  const { logger, lines } = open()
  logger.info('x', { passphrase: 'p4ss', a: { accessToken: 't0k', privateKey: 'k3y', psk: 's' } })
  expect(lines[0]).not.toMatch(/p4ss|t0k|k3y/)
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({
    passphrase: 'withheld',
    a: { psk: 'withheld' },
  })
})

test('an error is its code and words; evidence and cause stay out', () => {
  const { logger, lines } = open()
  const error = new RegistryError('FORKED', 'Two histories.', {
    expected: 'one',
    got: 'two',
    evidence: { huge: 'e'.repeat(9_999) },
    cause: new Error('inner'),
  })
  logger.warn('refused', { error })
  expect(JSON.parse(lines[0] ?? '').error).toEqual({
    code: 'FORKED',
    message: 'Two histories.',
    expected: 'one',
    got: 'two',
  })
})
