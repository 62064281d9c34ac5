// What a log allows, said again in sets and without a line of the code that decides it: who may sign what now, and what has been said.
// Keys are numbers. It knows no positions: it is the log as of now, and can only go forward.

export interface ModelRole {
  readonly threshold: number
  readonly keys: ReadonlySet<number>
}

export interface ModelRoles {
  readonly root: ModelRole
  readonly release: ModelRole
  readonly brake: ModelRole
  readonly log: number
}

export interface Said {
  subject: string
  yanked: boolean
  deprecated: string | undefined
}

export type ModelAction =
  | {
      readonly kind: 'release' | 'yank'
      readonly name: string
      readonly version: string
      readonly subject: string
      readonly message?: never
    }
  | {
      readonly kind: 'deprecate'
      readonly name: string
      readonly version: string
      readonly subject: string
      readonly message: string
    }
  | {
      readonly kind: 'delegate'
      readonly path: string
      readonly by: string | null
      readonly role: ModelRole | null
    }
  | {
      readonly kind: 'keys'
      readonly roles: ModelRoles
      readonly promised: ReadonlySet<number> | undefined
    }
  | { readonly kind: 'revoke key'; readonly key: number }
  | { readonly kind: 'revoke block' | 'tombstone' | 'recover' | 'claim'; readonly what: string }

export interface Model {
  readonly roles: ModelRoles
  readonly versions: ReadonlyMap<string, ReadonlyMap<string, Said>>
  readonly said: Readonly<
    Record<'revoke block' | 'tombstone' | 'recover' | 'claim', ReadonlySet<string>>
  >
  /** Groups of roles of which one must sign, without the keys that are revoked. None if nobody may. */
  whoMay(action: ModelAction): readonly (readonly ModelRole[])[]
  /** Whether these keys, and no others, make such a group. */
  may(action: ModelAction, signers: ReadonlySet<number>): boolean
  /** `refused` for what cannot be said now, whoever signs. */
  judge(action: ModelAction): 'new' | 'same' | 'refused'
  /** After it has been judged new and signed by who may. */
  say(action: ModelAction): void
}

export function createModel(
  first: ModelRoles,
  firstPromise: ReadonlySet<number> | undefined,
): Model {
  let roles = first
  let promised = firstPromise
  const revoked = new Set<number>()
  const delegations = new Map<string, { readonly by: string | null; readonly role: ModelRole }>()
  const versions = new Map<string, Map<string, Said>>()
  const said = {
    'revoke block': new Set<string>(),
    tombstone: new Set<string>(),
    recover: new Set<string>(),
    claim: new Set<string>(),
  }

  const live = ({ threshold, keys }: ModelRole): ModelRole => ({
    threshold,
    keys: minus(keys, revoked),
  })

  function depthOf(path: string | null): number {
    return path === null ? 0 : 1 + depthOf(delegations.get(path)?.by ?? null)
  }

  function forget(path: string): void {
    delegations.delete(path)
    for (const [other, { by }] of [...delegations]) if (by === path) forget(other)
  }

  function whoMay(action: ModelAction): readonly (readonly ModelRole[])[] {
    const { root, release, brake } = roles
    const groups = (): readonly (readonly ModelRole[])[] => {
      switch (action.kind) {
        case 'release':
        case 'yank':
        case 'deprecate': {
          const above = [...delegations].filter(([path]) => isBelow(path, action.name))
          return [[release], ...above.map(([, { role }]) => [role])]
        }
        case 'delegate': {
          if (action.by === null) return [[root]]
          const passer = delegations.get(action.by)
          const isAbove = action.by !== action.path && isBelow(action.by, action.path)
          return passer === undefined || !isAbove ? [] : [[passer.role]]
        }
        case 'keys':
          return [[root, action.roles.root]]
        case 'revoke key':
        case 'revoke block':
          return [[brake], [release], [root]]
        case 'tombstone':
          return [[release], [root]]
        case 'claim':
        case 'recover':
          return [[root]]
      }
    }
    return groups().map((group) => group.map(live))
  }

  function judgeVersion(action: Extract<ModelAction, { readonly version: string }>) {
    const known = versions.get(action.name)?.get(action.version)
    if (known === undefined) return action.kind === 'release' ? 'new' : 'refused'
    if (known.subject !== action.subject) return 'refused'
    if (action.kind === 'release') return 'same'
    if (action.kind === 'yank') return known.yanked ? 'same' : 'new'
    if (known.deprecated === undefined) return 'new'
    return known.deprecated === action.message ? 'same' : 'refused'
  }

  return {
    get roles() {
      return roles
    },
    versions,
    said,
    whoMay,
    may(action, signers) {
      return whoMay(action).some((group) => {
        const known = new Set(group.flatMap(({ keys }) => [...keys]))
        const isMet = group.every(
          ({ keys, threshold }) => [...keys].filter((key) => signers.has(key)).length >= threshold,
        )
        return isMet && minus(signers, known).size === 0
      })
    },
    judge(action) {
      switch (action.kind) {
        case 'release':
        case 'yank':
        case 'deprecate':
          return judgeVersion(action)
        case 'delegate':
          if (action.role === null && !delegations.has(action.path)) return 'refused'
          return depthOf(action.by) < 4 ? 'new' : 'refused'
        case 'keys': {
          const { root, release, brake, log } = action.roles
          const named = [...root.keys, ...release.keys, ...brake.keys, log]
          if (promised !== undefined && minus(root.keys, promised).size > 0) return 'refused'
          return named.some((key) => revoked.has(key)) ? 'refused' : 'new'
        }
        case 'revoke key': {
          if (revoked.has(action.key) || action.key === roles.log) return 'refused'
          const left = minus(live(roles.root).keys, new Set([action.key])).size
          return left >= roles.root.threshold ? 'new' : 'refused'
        }
        default:
          return said[action.kind].has(action.what) ? 'refused' : 'new'
      }
    },
    say(action) {
      switch (action.kind) {
        case 'release': {
          const { name, version, subject } = action
          const fresh = { subject, yanked: false, deprecated: undefined }
          versions.set(name, (versions.get(name) ?? new Map<string, Said>()).set(version, fresh))
          return
        }
        case 'yank':
        case 'deprecate': {
          const known = versions.get(action.name)?.get(action.version)
          if (known === undefined) throw new Error('judge first')
          if (action.kind === 'yank') known.yanked = true
          else known.deprecated = action.message ?? ''
          return
        }
        case 'delegate':
          forget(action.path)
          if (action.role !== null)
            delegations.set(action.path, { by: action.by, role: action.role })
          return
        case 'keys':
          roles = action.roles
          promised = action.promised
          return
        case 'revoke key':
          revoked.add(action.key)
          return
        default:
          said[action.kind].add(action.what)
      }
    },
  }
}

function minus(keys: ReadonlySet<number>, others: ReadonlySet<number>): ReadonlySet<number> {
  return new Set([...keys].filter((key) => !others.has(key)))
}

/** By whole segments: the labels of a namespace, then the name. */
function isBelow(path: string, name: string): boolean {
  const [space = '', own] = path.split('/')
  const [otherSpace = '', other] = name.split('/')
  if (own !== undefined) return space === otherSpace && own === other
  const labels = space.split('.')
  return otherSpace.split('.').slice(0, labels.length).join('.') === labels.join('.')
}
