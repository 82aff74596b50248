/**
 * The effect of a grower's strategy on the line from price and risk (FAO-66, chapter 4, has the three; default
 * numbers are our own, and unconfirmed):
 * - full: the line applies.
 * - regulated deficit: in tolerant phases the roots may use more before irrigation, which only refills them to
 *   the line, so that the phase stays dry on purpose. Sensitive phases are irrigated as usual.
 * - supplemental: water for the sensitive phases alone, as often or as much as is available; none at other
 *   times.
 */
import { readStrategyLimits, type GrowthPhase, type StrategyRow } from '../../tables.ts'
import { phases, type CropResponse } from '../../irrigation-model/crop-response.ts'
import type { BasisKey, WithheldKey } from '../message-keys.ts'

interface StrategyLine {
  lineMm: number
  basis: BasisKey | null // null: the basis of the line is unchanged
  withheld: WithheldKey | null
  /** depletion that an irrigation leaves, mm */
  leaveMm: number
  /** maximum gross mm; null: no limit */
  maxMm: number | null
}

/** Irrigation of a season so far, by zone. */
export interface SeasonWater {
  irrigations: number
  grossMm: number
}

/** A phase tolerates a deficit where the yield loss is at most half of the shortage. */
const TOLERANT_KY = 0.5
/** of TAW beyond the line, without an entered number. */
const EXTRA_DEPLETION = 0.15
const MAX_DEPLETION = 0.85
/** The phases of supplemental irrigation: those nearly as sensitive as the most sensitive. */
const SENSITIVE_SHARE = 0.75

/** The depletion at which the strategy irrigates, mm, and what it withholds. */
export function strategyLine(
  strategy: Pick<StrategyRow, 'kind' | 'limits'> | null,
  x: {
    lineMm: number
    tawMm: number
    phase: 0 | 1 | 2 | 3
    response: CropResponse
    seasonWater: SeasonWater
  },
): StrategyLine {
  const { lineMm, tawMm } = x
  const phase = phases[x.phase]
  const limits = strategy?.limits ? readStrategyLimits(strategy.limits) : {}
  const asEver: StrategyLine = { lineMm, basis: null, withheld: null, leaveMm: 0, maxMm: null }
  if (strategy?.kind === 'regulated') {
    const depleteShare = limits.allowedDepletion?.[phase]
    // when irrigation is no longer economic, none is withheld either
    if (depleteShare === undefined && (x.response.ky[x.phase] > TOLERANT_KY || lineMm >= tawMm)) return asEver
    const allowedMm =
      depleteShare !== undefined
        ? depleteShare * tawMm
        : Math.max(lineMm, Math.min(lineMm + EXTRA_DEPLETION * tawMm, MAX_DEPLETION * tawMm))
    return { ...asEver, lineMm: allowedMm, basis: 'regulated', leaveMm: allowedMm > lineMm ? lineMm : 0 }
  }
  if (strategy?.kind === 'supplemental') {
    const noStrategy = (withheld: WithheldKey): StrategyLine => ({
      ...asEver,
      lineMm: tawMm,
      basis: 'supplemental',
      withheld,
    })
    if (!(limits.phases ?? sensitivePhases(x.response)).includes(phase)) return noStrategy('other-stage')
    const leftMm = limits.maxSeasonMm === undefined ? null : limits.maxSeasonMm - x.seasonWater.grossMm
    if (limits.maxIrrigations !== undefined && x.seasonWater.irrigations >= limits.maxIrrigations)
      return noStrategy('budget-spent')
    if (leftMm !== null && leftMm <= 0) return noStrategy('budget-spent')
    return { ...asEver, basis: 'supplemental', maxMm: leftMm }
  }
  return asEver
}

/** The phases in which a shortage costs most, by Ky (FAO-33). */
function sensitivePhases({ ky }: Pick<CropResponse, 'ky'>): GrowthPhase[] {
  const maxKy = Math.max(...ky)
  return phases.filter((_, i) => ky[i]! >= SENSITIVE_SHARE * maxKy)
}
