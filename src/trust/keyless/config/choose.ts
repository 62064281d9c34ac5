// Of the services a signing config names, those that are asked now: valid at this time, of a protocol we speak, the newest one of each
// operator, and as many operators as the selector says. Pure.

import { RegistryError } from '../../../lib/index.ts'
import type { Selector, Service, SigningConfig } from './signing-config.ts'

export interface Services {
  readonly authority: Service
  readonly logs: readonly Service[]
  readonly timestampers: readonly Service[]
}

const SPOKEN = { authority: [1], log: [1, 2], timestamper: [1], issuer: [1] } as const

type Kind = keyof typeof SPOKEN

/** Throws SIGNING_UNAVAILABLE where too few are left, or where nothing would prove the time: nobody could verify such a signature. */
export function chooseServices(config: SigningConfig, now: Date): Services {
  const authority = chooseSome('authority', config.authorities, { kind: 'ANY' }, now)
  const logs = chooseSome('log', config.logs, config.logSelector, now)
  const timestampers = chooseSome('timestamper', config.timestampers, config.timestampSelector, now)
  // Rekor v1 promises a time; a v2 entry has none, and a certificate is good for ten minutes only.
  const tellsTime =
    timestampers.length > 0 || logs.some(({ majorApiVersion }) => majorApiVersion === 1)
  if (logs.length === 0 || !tellsTime) {
    throw new RegistryError(
      'SIGNING_UNAVAILABLE',
      'What this signing config asks for, nobody could verify.',
      {
        expected: 'a log, and a timestamp authority unless the log is Rekor v1',
        got: `${logs.length} logs, ${timestampers.length} timestamp authorities`,
        next: 'Add the missing service to the signing config.',
      },
    )
  }
  return { authority: authority[0] as Service, logs, timestampers }
}

/** Who to log in at. Throws SIGNING_UNAVAILABLE where the config names none. */
export function chooseIssuer(config: SigningConfig, now: Date): string {
  const [issuer] = chooseSome('issuer', config.issuers, { kind: 'ANY' }, now)
  return issuer?.url ?? ''
}

function chooseSome(
  kind: Kind,
  all: readonly Service[],
  selector: Selector | undefined,
  now: Date,
): readonly Service[] {
  if (selector === undefined) return []
  const usable = newestOfEach(all.filter((service) => isUsable(kind, service, now.getTime())))
  const wanted = selector.kind === 'EXACT' ? selector.count : 1
  if (usable.length >= wanted) return selector.kind === 'ALL' ? usable : usable.slice(0, wanted)
  throw new RegistryError(
    'SIGNING_UNAVAILABLE',
    `The signing config names too few services: ${kind}.`,
    {
      expected: `${wanted} of an API version ${SPOKEN[kind].join(' or ')}, valid at ${now.toISOString()}`,
      got: `${usable.length} of ${all.length} listed`,
      next: 'Take the newest signing config of the Sigstore instance, and check the clock of this machine.',
    },
  )
}

function isUsable(kind: Kind, { majorApiVersion, start, end }: Service, now: number): boolean {
  const spoken: readonly number[] = SPOKEN[kind]
  return spoken.includes(majorApiVersion) && start <= now && now <= end
}

/** The highest version, then the latest start; operators in the order of the file. */
function newestOfEach(services: readonly Service[]): readonly Service[] {
  const chosen = new Map<string, Service>()
  for (const service of services) {
    const other = chosen.get(service.operator)
    if (other === undefined || isNewer(service, other)) chosen.set(service.operator, service)
  }
  return [...chosen.values()]
}

function isNewer(a: Service, b: Service): boolean {
  return a.majorApiVersion === b.majorApiVersion
    ? a.start > b.start
    : a.majorApiVersion > b.majorApiVersion
}
