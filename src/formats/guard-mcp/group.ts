// Servers that one agent talks to at once: a name that one of them has cannot be taken by another (tool shadowing).

/** Made by `createGuardGroup`, given to every `guardMcp` of an agent. */
export interface GuardGroup {
  /** Takes the names that are free, for as long as the owner keeps them; the first to ask has a name. */
  take(names: Iterable<string>, owner: object): void
  /** Whether another owner has the name. */
  isTaken(name: string, owner: object): boolean
  /** Gives back all that the owner has. */
  leave(owner: object): void
}

export function createGuardGroup(): GuardGroup {
  const owners = new Map<string, object>()
  return {
    take: (names, owner) => {
      for (const name of names) if (!owners.has(name)) owners.set(name, owner)
    },
    isTaken: (name, owner) => owners.has(name) && owners.get(name) !== owner,
    leave: (owner) => {
      for (const [name, whose] of owners) if (whose === owner) owners.delete(name)
    },
  }
}
