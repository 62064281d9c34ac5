// T14: a policy accepts the identities that are written in it and no other, whatever comes before, after or between. Asked of the whole
// decision, from the text of a policy to its verdict.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isRegistryError } from '../../src/lib/index.ts'
import { type Policy, parsePolicy } from '../../src/trust/policy/index.ts'
import { evidence, identitySigner, judged, policyOf, tool } from '../trust/decision/evidence.ts'
import { FINGERPRINT, ID, ISSUER, SAN } from '../trust/policy/samples.ts'

const EXACT = 'https://github.com/acme/tools/.github/workflows/release.yml@refs/heads/main'
const PREDICATE = 'https://slsa.dev/provenance/v1'

function keyless(fields: Readonly<Record<string, string>>): string {
  const lines = Object.entries({ kind: 'keyless', issuer: ISSUER, san: EXACT, ...fields })
  const text = lines.map(([key, value]) => `${key} = ${JSON.stringify(value)}`).join('\n')
  return `[[publisher.signer]]\n${text}`
}

function kindFor(policy: Policy, san: string, claims = {}, issuer = ISSUER): string {
  return judged(policy, { signers: [identitySigner(san, claims, issuer)] }).kind
}

/** Everything near a text: cut, lengthened, one character other, more or less, in other case, or simply another one. */
function near(text: string): fc.Arbitrary<string> {
  const place = fc.nat(text.length)
  const any = fc.string({ unit: 'binary', minLength: 1, maxLength: 12 })
  return fc
    .oneof(
      any.map((more) => `${text}${more}`),
      any.map((more) => `${more}${text}`),
      fc.tuple(place, any).map(([at, more]) => text.slice(0, at) + more + text.slice(at)),
      fc.tuple(place, any).map(([at, other]) => text.slice(0, at) + other + text.slice(at + 1)),
      place.map((at) => text.slice(0, at)),
      place.map((at) => text.slice(at)),
      fc.tuple(place, place).map(([from, to]) => text.slice(0, from) + text.slice(to)),
      place.map((at) => text.slice(0, at) + text.slice(at).toUpperCase()),
      fc.constantFrom(`${text}/`, `${text}\n`, `${text}\0`, ` ${text}`, text.normalize('NFD')),
      fc.webUrl(),
      any,
    )
    .filter((other) => other !== text)
}

describe('an exact rule', () => {
  const rule = policyOf(keyless({ repository_id: '123', trigger: 'push' }))
  const claims = { repository_id: '123', trigger: 'push' }

  test('accepts the identity that it names', () => {
    expect(kindFor(rule, EXACT, claims)).toBe('allowed')
    expect(kindFor(rule, EXACT, { ...claims, owner: 'acme', ref: 'x' })).toBe('allowed')
  })

  test('accepts no other subject', () => {
    fc.assert(
      fc.property(near(EXACT), (san) => kindFor(rule, san, claims) === 'refused'),
      { numRuns: 2_000 },
    )
  })

  test('accepts no other issuer', () => {
    fc.assert(
      fc.property(near(ISSUER), (issuer) => kindFor(rule, EXACT, claims, issuer) === 'refused'),
      { numRuns: 500 },
    )
  })

  test('accepts no other claim, and no absent one', () => {
    const values = near('123').map((repository_id) => ({ ...claims, repository_id }))
    fc.assert(
      fc.property(values, (other) => kindFor(rule, EXACT, other) === 'refused'),
      { numRuns: 500 },
    )
    expect(kindFor(rule, EXACT, { trigger: 'push' })).toBe('refused')
    expect(kindFor(rule, EXACT, {})).toBe('refused')
  })
})

describe('a star', () => {
  const [before = '', after = ''] = SAN.split('*')

  test('stands for one or more characters of its segment, and never crosses a slash', () => {
    const rule = policyOf(keyless({ san: SAN }))
    const middle = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 20 }),
      fc.array(fc.constantFrom('/', '1', '@', 'a', '..'), { maxLength: 8 }).map((s) => s.join('')),
    )
    fc.assert(
      fc.property(middle, (text) => {
        const isWithin = text !== '' && !text.includes('/') && !text.includes('@')
        return (kindFor(rule, `${before}${text}${after}`) === 'allowed') === isWithin
      }),
      { numRuns: 2_000 },
    )
  })

  test('leaves everything around it exact', () => {
    const rule = policyOf(keyless({ san: SAN }))
    const around = near(before).filter((text) => !text.startsWith(before))
    fc.assert(
      fc.property(around, (text) => kindFor(rule, `${text}1.0.0`) === 'refused'),
      { numRuns: 1_000 },
    )
  })

  test('in a tool pattern is one segment as well', () => {
    const pattern = fc.constantFrom('com.acme/*', 'com.acme/we*', 'com.acme/*er', 'com.acme/w*r')
    const base = fc.stringMatching(/^[a-z0-9]([a-z0-9._-]{0,10}[a-z0-9])?$/)
    fc.assert(
      fc.property(
        pattern,
        base,
        fc.constantFrom('com.acme', 'com.acme.x'),
        (tools, part, owner) => {
          const [head = '', tail = ''] = tools.replace('com.acme/', '').split('*')
          const isMeant =
            owner === 'com.acme' &&
            part.length > head.length + tail.length &&
            part.startsWith(head) &&
            part.endsWith(tail)
          const { kind } = judged(policyOf(`tools = ["${tools}"]`), { name: `${owner}/${part}` })
          return (kind === 'allowed') === isMeant
        },
      ),
      { numRuns: 1_000 },
    )
  })

  test('after # is of tools, and covers no tool beside it', () => {
    const policy = policyOf('tools = ["com.acme/weather#get_*"]')
    const kindOf = (...names: string[]) => judged(policy, { tools: names.map((n) => tool(n)) }).kind
    expect(kindOf('get_forecast')).toBe('allowed')
    expect(kindOf('get_')).toBe('refused')
    expect(kindOf('set_forecast')).toBe('refused')
    expect(kindOf('get_forecast', 'set_forecast')).toBe('refused')
  })
})

describe('a configuration error', () => {
  const places: Readonly<Record<string, (value: string) => string>> = {
    namespace: (value) => `[[publisher]]\nnamespace = ${value}`,
    id: (value) => `[[publisher]]\nnamespace = "com.acme"\nid = ${value}`,
    tools: (value) => `[[publisher]]\nnamespace = "com.acme"\ntools = [${value}]`,
    signer: (value) => `[[publisher]]\nnamespace = "com.acme"\nsigner = [${value}]`,
    ...Object.fromEntries(
      ['issuer', 'san', 'repository_id', 'owner', 'trigger', 'runner'].map((field) => [
        field,
        (value: string) =>
          `[[publisher]]\nnamespace = "com.acme"\n${keyless({}).replace(new RegExp(`^${field} = .*\n?`, 'm'), '')}\n${field} = ${value}`,
      ]),
    ),
    fingerprint: (value) =>
      `[[publisher]]\nnamespace = "com.acme"\n[[publisher.signer]]\nkind = "key"\nfingerprint = ${value}`,
    predicate: (value) =>
      `[[publisher]]\nnamespace = "com.acme"\n${keyless({})}\n[[publisher.attestation]]\npredicate = ${value}`,
    builder: (value) =>
      `[[publisher]]\nnamespace = "com.acme"\n${keyless({})}\n[[publisher.attestation]]\npredicate = "${PREDICATE}"\nbuilder = ${value}`,
    adviser: (value) => `[[advisory]]\neffect = "block"\nid = ${value}`,
    private: (value) => `[private]\nnamespaces = [${value}]`,
  }
  const good: Readonly<Record<string, string>> = {
    namespace: '"com.acme"',
    id: `"${ID}"`,
    tools: '"com.acme/*"',
    signer: `{ kind = "key", fingerprint = "${FINGERPRINT}" }`,
    issuer: `"${ISSUER}"`,
    san: `"${EXACT}"`,
    repository_id: '"1"',
    owner: '"acme"',
    trigger: '"push"',
    runner: '"github-hosted"',
    fingerprint: `"${FINGERPRINT}"`,
    predicate: `"${PREDICATE}"`,
    builder: '"https://github.com/actions/runner"',
    adviser: `"${ID}"`,
    private: '"com.corp"',
  }
  const bad = ['""', '"*"', '"**"', '".*"', '{}', '[]', 'true', '0', '" "', '"^.*$"', '"https://*"']
  // A claim is compared as text: there a full stop is one.
  const plain = new Set(['owner', 'trigger', 'runner'])

  const read = (text: string) => parsePolicy(`version = 1\nquorum = "none"\n${text}\n`)

  test.each(Object.entries(places))('is whatever could mean anybody: %s', (field, textOf) => {
    expect(() => read(textOf(good[field] ?? '')), 'the good one').not.toThrow()
    for (const value of plain.has(field) ? bad.filter((one) => one !== '" "') : [...bad, '"."']) {
      let refused: unknown
      try {
        read(textOf(value))
      } catch (error) {
        refused = error
      }
      expect(isRegistryError(refused, 'POLICY_INVALID'), `${field} = ${value}`).toBe(true)
    }
  })
})

describe('no policy', () => {
  test.each(['', '# nothing', 'version = 1', 'version = 1\ndefault = "deny"'])(
    'allows nothing: %j',
    (text) => {
      const policy = parsePolicy(text)
      fc.assert(
        fc.property(
          fc.constantFrom('com.acme/weather', `${ID}/weather`, 'io.github.alice/x'),
          fc.boolean(),
          (name, isPinned) => {
            const signers = [identitySigner(EXACT)]
            const pinned = isPinned ? ID : undefined
            const { kind, error } = judged(policy, { ...evidence(), name, signers, pinned })
            return kind === 'refused' && error?.code === 'PUBLISHER_UNTRUSTED'
          },
        ),
      )
    },
  )
})
