/**
 * Whether an auxiliary output should be on now, and why. An unknown value never switches it on: a heat sum of
 * last week, a silent thermometer, an unmeasured wind. Pure.
 */
import {
  addDays,
  DAY_MS,
  dayOf,
  dayOfYear,
  HOUR_MS,
  type AtMs,
  type Day,
} from '../../../broker/contract/time.ts'
import { sunHeightSine, type Place } from '../../agronomy/evapotranspiration/radiation.ts'
import { activeLimit } from '../../domain/auxiliary-outputs.ts'
import {
  readOutputRule,
  type DegreeDayTrackerRow,
  type AuxOutputRow,
  type OutputRule,
  type OutputReason,
} from '../../tables.ts'
import type { OutputKey } from './message-keys.ts'
import { tenth } from '../../runtime/math.ts'

/** Measured at the field's station within the last 15 minutes; null: unknown. Wind at 2 m. */
interface AirNow {
  tempC: number | null
  windMps: number | null
}

export interface OutputConditions {
  nowMs: AtMs
  timeZone: string
  place: Place
  trackers: readonly Pick<DegreeDayTrackerRow, 'subject' | 'sumCd' | 'throughDay'>[]
  air: AirNow
  /** a treatment of the field is near: until then no air is moved */
  sprayUntilMs: AtMs | null
  /** minutes of today that it was on, or may have been */
  usedMinutes: number
  /** a run of it is active: hysteresis keeps it from switching at its limit */
  isOnNow: boolean
}

export type OutputVerdict = OutputReason & { isWanted: boolean; key: OutputKey }

/** An older heat sum is not evidence of a flight. */
const SUM_VALID_DAYS = 2
/** The inversion has ended when the air is so much warmer than the limit. */
const FROST_HYSTERESIS_C = 1

type Settings = Pick<
  AuxOutputRow,
  'kind' | 'isOn' | 'pausedUntilMs' | 'hours' | 'quietHours' | 'rule' | 'maxDailyMinutes' | 'maxWindMps'
>

/** Whether the output should be on now: its limits first, then its rule. */
export function decideOutput(output: Settings, x: OutputConditions): OutputVerdict {
  const not = (key: OutputKey, params: OutputReason['params'] = {}): OutputVerdict => ({
    isWanted: false,
    key,
    params,
  })
  const limit = activeLimit(output, x.nowMs, x.timeZone)
  if (limit !== null) return not(limit, limit === 'paused' ? { untilMs: output.pausedUntilMs } : {})
  if (output.rule === null) return not('no-rule')
  if (x.usedMinutes >= output.maxDailyMinutes) return not('day-limit', { minutes: output.maxDailyMinutes })
  const verdict = byRule(readOutputRule(output.rule), x)
  if (!verdict.isWanted) return verdict
  // moved air causes drift
  if (output.kind === 'fan' && x.sprayUntilMs !== null) return not('sprayed', { untilMs: x.sprayUntilMs })
  if (output.maxWindMps === null) return verdict
  if (x.air.windMps === null) return not('wind-unknown')
  return x.air.windMps > output.maxWindMps
    ? not('windy', { wind: tenth(x.air.windMps), most: output.maxWindMps })
    : verdict
}

function byRule(rule: OutputRule, x: OutputConditions): OutputVerdict {
  switch (rule.by) {
    case 'hours':
      return { isWanted: true, key: 'hours-on', params: {} }
    case 'flight':
      return byFlight(rule, x)
    case 'frost':
      return byFrost(rule.belowC, x)
    case 'birds':
      return isDaylight(x)
        ? { isWanted: true, key: 'birds-on', params: {} }
        : { isWanted: false, key: 'birds-night', params: {} }
  }
}

function byFlight(
  { pest, fromCd, toCd }: Extract<OutputRule, { by: 'flight' }>,
  x: OutputConditions,
): OutputVerdict {
  const watch = x.trackers.find(({ subject }) => subject === pest)
  const params = {
    pest,
    fromCd,
    toCd,
    sumCd: watch ? tenth(watch.sumCd) : null,
    day: watch?.throughDay ?? null,
  }
  const verdict = (key: OutputKey, isWanted = false): OutputVerdict => ({ isWanted, key, params })
  const today: Day = dayOf(x.nowMs, x.timeZone)
  if (!watch || watch.throughDay === null || watch.throughDay < addDays(today, -SUM_VALID_DAYS))
    return verdict('flight-unknown')
  if (watch.sumCd < fromCd) return verdict('flight-ahead')
  return watch.sumCd > toCd ? verdict('flight-over') : verdict('flight-on', true)
}

function byFrost(belowC: number, { air, isOnNow }: OutputConditions): OutputVerdict {
  if (air.tempC === null) return { isWanted: false, key: 'frost-unknown', params: { below: belowC } }
  const isWanted = air.tempC <= belowC + (isOnNow ? FROST_HYSTERESIS_C : 0)
  const params = { temp: tenth(air.tempC), below: belowC }
  return { isWanted, key: isWanted ? 'frost-on' : 'frost-no', params }
}

function isDaylight({ nowMs, place }: OutputConditions): boolean {
  const day = dayOf(nowMs, 'UTC')
  const utcHour = (nowMs % DAY_MS) / HOUR_MS
  return sunHeightSine(place, dayOfYear(day), utcHour) > 0
}
