// What work costs the processor: what else a machine does meanwhile is not counted.

/** In ms; of all threads of this process, the collector's among them. */
export function processorMs(work: () => unknown): number {
  const before = process.cpuUsage()
  work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1_000
}
