// Reads of one moment that become one: many releases are read about at once, each by code that knows only of itself.

interface Batch<K, V> {
  readonly keys: K[]
  /** Where among the keys, by id. */
  readonly places: Map<string | number, number>
  readonly values: Promise<readonly V[]>
}

type Read<K, V> = (keys: readonly K[]) => Promise<readonly V[]>

/** Keys with one id are one key. */
export function batched<K, V>(read: Read<K, V>, idOf: (key: K) => string | number): Read<K, V> {
  let open: Batch<K, V> | undefined
  const openBatch = (): Batch<K, V> => {
    const keys: K[] = []
    const values = Promise.resolve().then(() => {
      open = undefined
      return read(keys)
    })
    return { keys, places: new Map(), values }
  }
  const placeIn = ({ keys, places }: Batch<K, V>, key: K): number => {
    const id = idOf(key)
    const place = places.get(id) ?? keys.push(key) - 1
    places.set(id, place)
    return place
  }
  return async (keys) => {
    open ??= openBatch()
    const batch = open
    const places = keys.map((key) => placeIn(batch, key))
    const values = await batch.values
    return places.map((place) => values[place] as V)
  }
}
