/** What the server counts of itself, as Prometheus reads it. */

/** Messages in the journal that ingest has not stored yet. */
export const behind = (port: number): Promise<number> => metric(port, /^tilth_journal_behind (\S+)$/m)

/** Any other by its name, without labels. */
export const metricOf = (port: number, name: string): Promise<number> =>
  metric(port, new RegExp(`^${name} (\\S+)$`, 'm'))

/** What the broker has counted since its start, by kind. */
export async function brokerCounts(port: number): Promise<Map<string, number>> {
  const text = await textOf(port)
  return new Map(
    [...text.matchAll(/^tilth_broker_total\{kind="(\w+)"\} (\S+)$/gm)].map(([, kind, value]) => [
      kind!,
      Number(value),
    ]),
  )
}

/** How often a monitor has found a rule of the valve protocol broken. */
export async function incidents(port: number): Promise<number> {
  const found = [...(await textOf(port)).matchAll(/^tilth_incidents_total\{rule="[^"]+"\} (\S+)$/gm)]
  if (found.length === 0) throw new Error('/metrics has no tilth_incidents_total')
  return found.reduce((sum, [, value]) => sum + Number(value), 0)
}

async function metric(port: number, line: RegExp): Promise<number> {
  const value = line.exec(await textOf(port))?.[1]
  if (value === undefined) throw new Error(`/metrics has no line ${line.source}`)
  return Number(value)
}

const textOf = async (port: number): Promise<string> =>
  (await fetch(`http://127.0.0.1:${port}/metrics`, { signal: AbortSignal.timeout(10_000) })).text()
