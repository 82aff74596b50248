/** What the server counts of itself, as Prometheus reads it. */

/** Messages in the journal that ingest has not stored yet. */
export const behind = (port: number): Promise<number> => metric(port, /^tilth_journal_behind (\S+)$/m)

async function metric(port: number, line: RegExp): Promise<number> {
  const answer = await fetch(`http://127.0.0.1:${port}/metrics`, { signal: AbortSignal.timeout(10_000) })
  const value = line.exec(await answer.text())?.[1]
  if (value === undefined) throw new Error(`/metrics has no line ${line.source}`)
  return Number(value)
}
