/**
 * The need of a zone of an upland field: its checkbook with the demand from price, risk, strategy and salt.
 * Pure.
 */
import type { AtMs, Day } from '../../../broker/contract/time.ts'
import { ok, type Result } from '../../../broker/contract/result.ts'
import {
  readOpenDemand,
  readOutlook,
  type FieldRow,
  type FieldStateRow,
  type SeasonRow,
  type StrategyRow,
  type ZoneRow,
} from '../../tables.ts'
import { checkbook, type Checkbook, type CheckbookInput } from './checkbook.ts'
import { fieldDemand, type FieldDemand } from '../demand/field-demand.ts'
import { drawCourses } from '../demand/forecast-courses.ts'
import { latestSafeMs, acceptedLateShare } from '../demand/latest-safe.ts'
import type { Salts } from '../../irrigation-model/salt/leaching.ts'
import { currencyOf, waterPriceOf, type PricePerM3 } from '../../domain/water-tariff.ts'
import { DEFAULT_RISK_AVERSION } from '../../irrigation-model/water-value.ts'
import type { BasisKey, UnknownKey } from '../message-keys.ts'
import { rowBy } from '../group-rows.ts'
import type { FarmSnapshot } from '../snapshot.ts'

export interface UplandNeed {
  kind: 'upland'
  book: Checkbook
  netMm: number
  rainToSkipMm: number | null
  dueMs: AtMs | null
  line: RefillBasis | null // null: the fixed schedule, which needs none
  harvestDay: Day | null // planned
}

/** The basis of the decision besides the water, for its terms. */
export interface RefillBasis {
  lineMm: number
  basis: BasisKey
  lateShare: number
  cropPricePerT: number | null
  currency: string | null
  price: PricePerM3
  isValueAssumed: boolean
}

type Shared = Omit<CheckbookInput, 'state' | 'madFraction' | 'demand' | 'salts' | 'safeMs' | 'openDemand'> & {
  state: FieldStateRow
}

/** The water that an upland field needs, or the reason why it is unknown. */
export function uplandNeed(
  farm: FarmSnapshot,
  field: FieldRow,
  season: SeasonRow,
  zone: ZoneRow | null,
  shared: Shared,
): Result<UplandNeed, UnknownKey> {
  const { state, forecast, timeZone } = shared
  const strategy = rowBy(farm.strategies, 'fieldId', field.id) ?? null
  const fixedSchedule = rowBy(farm.fixedSchedules, 'fieldId', field.id) ?? null
  const price = waterPriceOf(zone, farm, fixedSchedule)
  const madFraction = zone?.madFraction ?? null
  const context = { farmId: farm.farm.id, forecast, skill: farm.skill, timeZone }
  const demand = fieldDemand({
    ...context,
    state,
    season,
    zone,
    ownLimit: madFraction,
    texture: field.soilTexture,
    soilDepthM: field.soilDepthM ?? null,
    strategy,
    price,
    learned: farm.learnedRules.get(field.id),
    seasonWater: zone ? farm.seasonWater.get(zone.id) : undefined,
  })
  const lateShare = acceptedLateShare(strategy?.riskAversion ?? DEFAULT_RISK_AVERSION)
  const last = rowBy(farm.advice, 'fieldId', field.id)
  const checkbookNeed = checkbook({
    ...shared,
    state: withProbes(likelyWater(state), demand),
    madFraction,
    demand,
    openDemand: last?.demand ? readOpenDemand(last.demand) : null,
    salts: fieldSalts(strategy, season, state),
    safeMs: (left) =>
      latestSafeMs({
        ...left,
        fromMs: state.atMs,
        timeZone,
        lateShare,
        rainTodayMm: state.rainTodayMm ?? 0,
        members: drawCourses(context).courses,
        expectedEt0Mm: new Map((forecast?.days ?? []).map(({ day, et0Mm }) => [day, et0Mm])),
      }),
  })
  if (!checkbookNeed.ok) return checkbookNeed
  const { netMm, rainToSkipMm, safeMs, dueMs, fullMm } = checkbookNeed.value
  return ok({
    kind: 'upland',
    book: checkbookNeed.value,
    netMm,
    rainToSkipMm,
    dueMs: safeMs ?? dueMs,
    harvestDay: season.harvestPlannedDay,
    line: {
      lineMm: fullMm,
      basis: basisOf(madFraction, demand),
      lateShare,
      price,
      cropPricePerT: strategy?.cropPricePerT ?? null,
      currency: strategy?.currency ?? fixedSchedule?.currency ?? currencyOf(zone, farm),
      isValueAssumed: demand?.isValueAssumed ?? false,
    },
  })
}

/** The depletion that the field is as likely to exceed as not; the state has the mean of its members. */
const likelyWater = (state: FieldStateRow): FieldStateRow =>
  state.outlook && state.depletionMm !== null
    ? { ...state, depletionMm: state.depletionMm - readOutlook(state.outlook).meanDrierMm }
    : state

/** In a sensitive phase the depletion is at least the one that the probes show. */
const withProbes = (state: FieldStateRow, demand: FieldDemand | null): FieldStateRow =>
  demand?.dryMm == null || state.depletionMm === null
    ? state
    : { ...state, depletionMm: Math.max(state.depletionMm, demand.dryMm) }

const basisOf = (madFraction: number | null, demand: FieldDemand | null): BasisKey =>
  demand?.basis ?? (madFraction === null ? 'raw' : 'own-limit')

/** As the estimate carries it; without an outlook the soil is unknown. */
function fieldSalts(
  strategy: StrategyRow | null,
  { crop }: Pick<SeasonRow, 'crop'>,
  { outlook }: Pick<FieldStateRow, 'outlook'>,
): Salts {
  if (outlook) return { crop, ...readOutlook(outlook).salt }
  return { crop, waterEcDsM: strategy?.waterEcDsM ?? null, ecDsM: null, dueMm: 0 }
}
