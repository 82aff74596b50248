/** Asks every few hours how long batteries last; whoever looks at alerts waits for no series. */
import { HOUR_MS, type AtMs } from '../../broker/contract/time.ts'
import { batteryDays } from '../battery-days.ts'
import { batteryDaysLeft, type DaysLeft } from '../battery-left.ts'
import type { Clock, Logger, SeriesStore, State } from '../ports.ts'

export interface BatteryLeftWatch {
  /** By device, as it was read last; asks again in the background when that is long ago. Null: not read yet. */
  left(): ReadonlyMap<string, DaysLeft> | null
  settled(): Promise<void>
}

// a forecast rests on means of days
const READ_EVERY_MS = 6 * HOUR_MS

export function watchBatteryLeft(deps: {
  state: State
  series: SeriesStore
  clock: Clock
  log: Logger
}): BatteryLeftWatch {
  const { state, series, clock, log } = deps
  let found: Map<string, DaysLeft> | null = null
  let readMs: AtMs | null = null
  let reading = Promise.resolve()

  async function read(): Promise<void> {
    try {
      const devices = await state
        .selectFrom('device')
        .select(['id', 'org', 'batteryLowV'])
        .where('revokedAtMs', 'is', null)
        .where('batteryV', 'is not', null)
        .execute()
      const left = new Map<string, DaysLeft>()
      for (const org of new Set(devices.map((device) => device.org))) {
        const days = await batteryDays(series, org, clock.now())
        for (const { id, batteryLowV } of devices.filter((device) => device.org === org)) {
          const ofDevice = batteryDaysLeft(days.get(id) ?? [], batteryLowV)
          if (ofDevice) left.set(id, ofDevice)
        }
      }
      found = left
    } catch (error) {
      log.warn({ error }, 'how long batteries last could not be read; tried again in some hours')
    }
  }

  return {
    left() {
      const nowMs = clock.now()
      if (readMs === null || nowMs - readMs >= READ_EVERY_MS || nowMs < readMs) {
        readMs = nowMs
        reading = reading.then(read)
      }
      return found
    },
    settled: () => reading,
  }
}
