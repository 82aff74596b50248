/** Reads every few hours how long batteries will last. */
import { HOUR_MS } from '../../broker/contract/time.ts'
import { readBatteryDays, forecastBatteryDays, type DaysLeft } from '../domain/battery-forecast.ts'
import type { Clock, Logger, SeriesStore, State } from '../ports.ts'
import { backgroundCache, type BackgroundCache } from '../runtime/background-cache.ts'

// the forecast uses daily means
const READ_EVERY_MS = 6 * HOUR_MS

/** By device. */
export function watchBatteryForecasts(deps: {
  state: State
  series: SeriesStore
  clock: Clock
  log: Logger
}): BackgroundCache<ReadonlyMap<string, DaysLeft>> {
  const { state, series, clock, log } = deps
  return backgroundCache({
    everyMs: READ_EVERY_MS,
    clock,
    read,
    failed: (error) => log.warn({ error }, 'the battery forecast could not be read; retrying in some hours'),
  })

  async function read(): Promise<Map<string, DaysLeft>> {
    const devices = await state
      .selectFrom('device')
      .select(['id', 'org', 'batteryLowV'])
      .where('revokedAtMs', 'is', null)
      .where('batteryV', 'is not', null)
      .execute()
    const left = new Map<string, DaysLeft>()
    for (const org of new Set(devices.map((device) => device.org))) {
      const days = await readBatteryDays(series, org, clock.now())
      for (const { id, batteryLowV } of devices.filter((device) => device.org === org)) {
        const ofDevice = forecastBatteryDays(days.get(id) ?? [], batteryLowV)
        if (ofDevice) left.set(id, ofDevice)
      }
    }
    return left
  }
}
