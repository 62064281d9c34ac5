// What is remembered of strangers has a bound: the newest stay.

/** A map or set lists first what was put in first: that goes while there is more than `most`. */
export function dropOldest<K>(kept: Map<K, unknown> | Set<K>, most: number): void {
  if (kept.size <= most) return
  for (const oldest of kept.keys()) {
    kept.delete(oldest)
    if (kept.size <= most) return
  }
}
