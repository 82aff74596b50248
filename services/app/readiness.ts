/** Readiness of Tilth, part by part, for a process supervisor. */
import type { SeriesStore, State } from '../ports.ts'

export interface Readiness {
  ok: boolean
  parts: { state: boolean; series: boolean; bus: boolean }
}

/** `isHeard`: the bus is connected, and so is the broker that devices connect to. */
export const readiness =
  ({ state, series, isHeard }: { state: State; series: SeriesStore; isHeard: () => boolean }) =>
  async (): Promise<Readiness> => {
    const parts = {
      state: await responds(() => state.selectFrom('farm').select('id').limit(1).execute()),
      series: await series.isReady(),
      bus: isHeard(),
    }
    return { ok: Object.values(parts).every(Boolean), parts }
  }

async function responds(query: () => Promise<unknown>): Promise<boolean> {
  try {
    await query()
    return true
  } catch {
    return false
  }
}
