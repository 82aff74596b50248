/** Readiness of Tilth, part by part, for a process supervisor. */
import type { SeriesStore, State } from '../ports.ts'
import type { Forecast } from '../ports/forecast.ts'

export interface Readiness {
  ok: boolean
  parts: Record<string, boolean>
}

/**
 * `isHeard`: the bus is connected, and so is the broker that devices connect to. Forecast, mail and, on a node that serves
 * pages only, the engine are named while they are away, but Tilth is ready without them.
 */
export const readiness =
  (of: {
    state: State
    series: SeriesStore
    isHeard: () => boolean
    forecast: Pick<Forecast, 'isAway'>
    isMailAway: () => boolean
    /** absent on an engine */
    isEngineAtWork?: () => boolean
  }) =>
  async (): Promise<Readiness> => {
    const needed = {
      state: await responds(() => of.state.selectFrom('farm').select('id').limit(1).execute()),
      series: await of.series.isReady(),
      bus: of.isHeard(),
    }
    const useful = {
      forecast: of.forecast.isAway?.() !== true,
      mail: !of.isMailAway(),
      ...(of.isEngineAtWork === undefined ? {} : { engine: of.isEngineAtWork() }),
    }
    return { ok: Object.values(needed).every(Boolean), parts: { ...needed, ...useful } }
  }

async function responds(query: () => Promise<unknown>): Promise<boolean> {
  try {
    await query()
    return true
  } catch {
    return false
  }
}
