/** The spray windows of the next day, independent of the product: for the morning overview. Pure. */
import { DAY_MS, type AtMs } from '../../../broker/contract/time.ts'
import type { ForecastResponse } from '../../ports/forecast.ts'
import type { FarmRow } from '../../tables.ts'
import { MIN_WINDOW_H, WORK_HOURS } from './product-options.ts'
import { judgeHours } from './spray-hour.ts'
import { standardLimits } from './spray-limits.ts'
import { sprayWindows, type SprayWindow } from './spray-windows.ts'
import { sprayForecast } from './spray-forecast.ts'

/** Rain-fast hours of most labels; a product that needs more is checked on its own. Unconfirmed. */
const DRY_AFTER_H = 6

/** Null without an hourly forecast, which is not the same as no window. */
export function sprayToday(
  forecast: ForecastResponse | null,
  farm: Pick<FarmRow, 'latDeg' | 'lonDeg' | 'elevationM' | 'timeZone'>,
  nowMs: AtMs,
): SprayWindow[] | null {
  const { timeZone, elevationM } = farm
  const ahead = sprayForecast(forecast, null, { place: farm, timeZone, nowMs })
  if (ahead.from !== 'hours') return null
  const hours = judgeHours(ahead.hours, {
    limits: standardLimits,
    rainFastHours: DRY_AFTER_H,
    elevationM,
    timeZone,
    work: WORK_HOURS,
    isBeeHazard: false,
    isFlowering: null,
    sprinklers: [],
  })
  const endMs = nowMs + DAY_MS
  return sprayWindows(
    hours.filter(({ atMs }) => atMs < endMs),
    MIN_WINDOW_H,
  )
}
