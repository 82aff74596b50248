/**
 * The water of a paddy on one day and up to now: its measured level, or the last one brought forward by inflow and
 * losses. Pure.
 */
import { addDays, startOfDay, type AtMs, type Day } from '../../../broker/contract/time.ts'
import { crestMm } from '../../agronomy/paddy/defaults.ts'
import {
  AWD_LIMIT_MM,
  paddyDay,
  percolationMm,
  measuredPercolationMm,
  medianPercolationMm,
} from '../../agronomy/paddy/balance.ts'
import {
  readPaddyDay,
  toJson,
  type FieldDayRow,
  type FieldRow,
  type FieldStateRow,
  type PaddyRow,
  type SeasonRow,
} from '../../tables.ts'
import type { DayWeather } from '../days/day-weather.ts'
import type { DayInputs, NowInputs, RecentMeasurements, Yesterday } from '../balance-types.ts'
import { note, type Note } from '../days/data-quality-notes.ts'
import { seasonOnDay } from './season.ts'

/**
 * Percolation and seepage of a field, mm/d: from its quiet nights, otherwise from its days, otherwise from its
 * texture.
 */
export const dailyLossMm = (
  field: Pick<FieldRow, 'soilTexture'>,
  recent: Pick<RecentMeasurements, 'sankMm' | 'nightLossMmD'>,
): number => recent.nightLossMmD ?? medianPercolationMm(recent.sankMm) ?? percolationMm(field.soilTexture)

type Ground = { field: FieldRow; paddy: PaddyRow }
type Water = Pick<FieldDayRow, 'stage' | 'levelMm' | 'ks' | 'etaMm' | 'deepPercolationMm' | 'paddy'>

/**
 * Adds `level-modelled` or `level-unknown` to `notes`. `ks` is 1 while the level is within the limit of safe drying,
 * and null below it or when it is unknown; `paddy` is JSON.
 */
export function paddyDayWater(
  { field, paddy, timeZone }: Ground & { timeZone: string },
  season: SeasonRow,
  heat: { day: Day; etcMm: number | null; sumCd: number | null; isWhole: boolean },
  weather: DayWeather,
  yesterday: Partial<Yesterday> | undefined,
  inputs: DayInputs,
  recent: RecentMeasurements,
  notes: Note[],
): Water {
  const { etcMm } = heat
  const beforeMm = yesterday?.levelMm ?? null
  const lossMmD = dailyLossMm(field, recent)
  const modelled =
    beforeMm === null || etcMm === null || weather.rainMm === null
      ? null
      : paddyDay({
          levelMm: beforeMm,
          rainMm: weather.rainMm,
          irrigationMm: inputs.irrigation.irrigationMm,
          etcMm,
          percolationMm: lossMmD,
          bundMm: crestMm(paddy),
          drainablePores: field.saturation - field.fieldCapacity,
        })
  const seenMm = observedLevelMm(paddy, heat.day, timeZone)
  const levelMm = inputs.levelMm ?? seenMm ?? (modelled && afterOutlet(modelled.levelMm, inputs.drainedMm))
  if (levelMm === null) notes.push(note('level-unknown'))
  else if (inputs.levelMm === null && seenMm === null) notes.push(note('level-modelled'))
  // rice is not water-stressed while the level is above the limit of safe drying; below it the stress is unknown
  const ks = levelMm !== null && levelMm >= AWD_LIMIT_MM ? 1 : null
  const before = yesterday?.paddy ? readPaddyDay(yesterday.paddy) : null
  const state = seasonOnDay(before, paddy, season, { ...heat, levelMm })
  return {
    stage: state.stage,
    levelMm,
    ks,
    etaMm: ks === null || etcMm === null ? null : etcMm,
    deepPercolationMm: percolated(),
    paddy: toJson({ ...state, ...inputs.gaugeFindings(lossMmD, etcMm) }),
  }

  /** Percolation: from two measured ponded levels (the field's daily loss), otherwise as modelled. */
  function percolated(): number | null {
    if (!modelled || etcMm === null || beforeMm === null) return null
    if (inputs.levelMm === null || inputs.levelMm < 0 || beforeMm < 0) return modelled.percolatedMm
    // the drained amount is not known to the millimetre
    if (inputs.drainedMm !== 0) return modelled.percolatedMm
    return measuredPercolationMm({
      beforeMm,
      afterMm: inputs.levelMm,
      rainMm: weather.rainMm!,
      irrigationMm: inputs.irrigation.irrigationMm,
      etcMm,
    })
  }
}

/** Ponded water after drainage; null: the drained amount is unknown. */
function afterOutlet(levelMm: number, drainedMm: number | null): number | null {
  if (drainedMm === null) return levelMm <= 0 ? levelMm : null
  return levelMm <= 0 ? levelMm : Math.max(0, levelMm - drainedMm)
}

function observedLevelMm(
  { observedLevelMm, observedLevelAtMs }: PaddyRow,
  day: Day,
  timeZone: string,
): number | null {
  if (observedLevelMm === null || observedLevelAtMs === null) return null
  const isOnDay =
    observedLevelAtMs >= startOfDay(day, timeZone) &&
    observedLevelAtMs < startOfDay(addDays(day, 1), timeZone)
  return isOnDay ? observedLevelMm : null
}

/**
 * The current level: of a reporting gauge, or of a more recent observation; otherwise yesterday's brought forward,
 * without an instant of its own; otherwise the last measured one with its age.
 */
export function paddyLevelNow(
  { field, paddy }: Ground,
  x: { todayMs: AtMs; etcMm: number | null; lossMmD: number },
  yesterday: Pick<FieldDayRow, 'levelMm'> | undefined,
  inputs: NowInputs,
): Pick<FieldStateRow, 'levelMm' | 'levelAtMs'> {
  const { level } = inputs
  const { observedLevelMm, observedLevelAtMs } = paddy
  const observed =
    observedLevelMm !== null && observedLevelAtMs !== null && observedLevelAtMs >= x.todayMs
      ? { levelMm: observedLevelMm, levelAtMs: observedLevelAtMs }
      : null
  const gauged = level && { levelMm: level.mm, levelAtMs: level.atMs }
  if (gauged && inputs.fresh.level !== 'lost')
    return observed && observed.levelAtMs > gauged.levelAtMs ? observed : gauged
  if (observed) return observed
  if (yesterday?.levelMm == null || x.etcMm === null || inputs.rainMm === null)
    return gauged ?? { levelMm: null, levelAtMs: null }
  const { levelMm } = paddyDay({
    levelMm: yesterday.levelMm,
    rainMm: inputs.rainMm,
    irrigationMm: inputs.irrigation.irrigationMm,
    etcMm: x.etcMm,
    percolationMm: x.lossMmD * inputs.dayShare,
    bundMm: crestMm(paddy),
    drainablePores: field.saturation - field.fieldCapacity,
  })
  const leftMm = afterOutlet(levelMm, inputs.drainedMm)
  return leftMm === null
    ? (gauged ?? { levelMm: null, levelAtMs: null })
    : { levelMm: leftMm, levelAtMs: null }
}
