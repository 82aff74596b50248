/** The voltages of batteries for the list of devices, which waits for no series. */
import type { AtMs } from '../../../broker/contract/time.ts'
import { readBatteryDays } from '../../battery-days.ts'
import type { BatteryDay } from '../../domain/battery-forecast.ts'
import type { SeriesStore } from '../../ports.ts'
import { orDefaultAfter } from '../http/with-timeout.ts'

// a list without forecasts is a list all the same
const SERIES_TIMEOUT_MS = 1_000

/** By device, in order of time; of one device where it is named. Empty while the series do not answer. */
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
