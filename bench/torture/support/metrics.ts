/** The server's metrics, as Prometheus reads them. */

/** Messages in the journal that ingest has not stored yet. */
export const behind = (port: number): Promise<number> => metric(port, /^tilth_journal_behind (\S+)$/m)

/** Another metric by name, without labels. */
export const metricOf = (port: number, name: string): Promise<number> =>
  metric(port, new RegExp(`^${name} (\\S+)$`, 'm'))

/** Counters of the broker since its start, by kind. */
export async function brokerCounts(port: number): Promise<Map<string, number>> {
  const text = await textOf(port)
  return new Map(
    [...text.matchAll(/^tilth_broker_total\{kind="(\w+)"\} (\S+)$/gm)].map(([, kind, value]) => [
      kind!,
      Number(value),
    ]),
  )
}

/** Number of protocol violations found by monitors. */
export async function incidents(port: number): Promise<number> {
  const matches = [...(await textOf(port)).matchAll(/^tilth_incidents_total\{rule="[^"]+"\} (\S+)$/gm)]
  if (matches.length === 0) throw new Error('/metrics has no tilth_incidents_total')
  return matches.reduce((sum, [, value]) => sum + Number(value), 0)
}

async function metric(port: number, line: RegExp): Promise<number> {
  const value = line.exec(await textOf(port))?.[1]
  if (value === undefined) throw new Error(`/metrics has no line ${line.source}`)
  return Number(value)
}

const textOf = async (port: number): Promise<string> =>
  (await fetch(`http://127.0.0.1:${port}/metrics`, { signal: AbortSignal.timeout(10_000) })).text()
