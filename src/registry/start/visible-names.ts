// Under which names a model sees the locked tools. Two tools with one name would let the later one answer for the earlier (shadowing, T40).

import { RegistryError } from '../../lib/index.ts'
import type { Named, StartRequest } from './types.ts'

/** By release name and tool name. Throws TOOL_SHADOWED. */
export function visibleNames(
  releases: readonly Named[],
  names: StartRequest['names'] = 'plain',
): (release: string, tool: string) => string {
  const visible = (release: string, tool: string): string =>
    names === 'plain' ? tool : `${release.replaceAll(/[./]/g, '_')}__${tool}`
  const owners = new Map<string, string>()
  for (const { name, locked } of releases) {
    for (const tool of locked.tools.keys()) {
      const seen = visible(name, tool)
      const owner = owners.get(seen)
      if (owner !== undefined) throw shadowed(seen, owner, `${name}#${tool}`)
      owners.set(seen, `${name}#${tool}`)
    }
  }
  return visible
}

function shadowed(seen: string, first: string, second: string): RegistryError {
  return new RegistryError(
    'TOOL_SHADOWED',
    `Two locked tools would be seen under the one name ${seen}.`,
    {
      expected: 'one tool a name',
      got: `${first} and ${second}`,
      next: 'Take one of them out (`registry remove`), or load them with `names: "prefixed"` (`--prefixed`).',
    },
  )
}
