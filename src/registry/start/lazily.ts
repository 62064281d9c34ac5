// What is made when somebody first asks for it: a part of a frozen value, or an answer.

/** Found through proxies and heirs too, where a private field would not be. */
const MAKE = Symbol('make')

interface Maker<V> {
  readonly [MAKE]: () => V
}

/** One getter for all: with one of its own, each object would have a shape of its own, which costs more than it saves. */
const getters = new Map<PropertyKey, PropertyDescriptor>()

function getterOf(key: PropertyKey): PropertyDescriptor {
  const known = getters.get(key)
  if (known !== undefined) return known
  const getter: PropertyDescriptor = {
    get(this: Maker<unknown>) {
      return this[MAKE]()
    },
    enumerable: true,
  }
  getters.set(key, getter)
  return getter
}

/** The same object, frozen, and what `make` answers under the key, whenever it is read. */
export function lazily<T extends object, K extends PropertyKey, V>(
  known: T,
  key: K,
  make: () => V,
): Readonly<T & Record<K, V>> {
  Object.defineProperty(known, MAKE, { value: make })
  Object.defineProperty(known, key, getterOf(key))
  return Object.freeze(known) as Readonly<T & Record<K, V>>
}

export function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined
  return () => {
    made ??= { value: make() }
    return made.value
  }
}

/** Of each key what `make` answered when it was first asked for. */
export function onceEach<K, V>(make: (key: K) => V): (key: K) => V {
  const known = new Map<K, { readonly value: V }>()
  return (key) => {
    const found = known.get(key) ?? { value: make(key) }
    known.set(key, found)
    return found.value
  }
}
