// What is remembered of strangers has a bound: the newest stay.

/** A map or set lists first what was put in first: that goes while there is more than `most`. */
export function dropOldest<K>(kept: Map<K, unknown> | Set<K>, most: number): void {
  for (const oldest of kept.keys()) {
    if (kept.size <= most) return
    kept.delete(oldest)
  }
}
