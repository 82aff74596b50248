/** Reads battery voltages for the device list, without blocking on the series store. */
import type { AtMs } from '../../../broker/contract/time.ts'
import { readBatteryDays } from '../../domain/battery-forecast.ts'
import type { BatteryDay } from '../../domain/battery-forecast.ts'
import type { SeriesStore } from '../../ports.ts'
import { orDefaultAfter } from '../http/with-timeout.ts'

// the list is useful without forecasts
const SERIES_TIMEOUT_MS = 1_000

/**
 * By device, in order of time; of one device when it is named. Empty while the series store does not respond.
 */
export const readBatteries = (
  series: SeriesStore,
  org: string,
  nowMs: AtMs,
  device?: string,
): Promise<Map<string, BatteryDay[]>> =>
  orDefaultAfter(
    readBatteryDays(series, org, nowMs, device),
    new Map<string, BatteryDay[]>(),
    SERIES_TIMEOUT_MS,
  )
