/** The default paddy without entries, and the heights of its bund and board. mm above the soil surface. */
import { assertNumbers } from '../finite.ts'

/** Heights, freeboard of the bund, and the days of a hold: common values, unconfirmed for a given field. */
export const defaultPaddy = {
  bundMm: 250,
  freeboardMm: 100,
  outlet: 'board',
  boardMm: null,
  bands: null,
  headingCd: null,
  reportedStage: null,
  reportedStageDay: null,
  dryDays: null,
  baselineDays: null,
  tillersDay: null,
  crackedDay: null,
  herbicideDay: null,
  holdDays: 7, // labels of paddy herbicides: no drainage, no flow-through irrigation
  observedLevelMm: null,
  observedLevelAtMs: null,
  storm: 'approve',
  mayCoolAtNight: 0,
  flushUntilMs: null,
} as const

export interface Bund {
  bundMm: number
  freeboardMm: number
}

/** The highest level for irrigation; only rain may exceed it. */
export function maxPondingMm(bund: Bund): number {
  assertNumbers(bund)
  return Math.max(0, bund.bundMm - bund.freeboardMm)
}

/** Water above this level overflows: over the board, or where its height is unknown, at the maximum ponding. */
export function crestMm(bund: Bund & { boardMm: number | null }): number {
  const maxMm = maxPondingMm(bund)
  return bund.boardMm === null ? maxMm : Math.min(Math.max(0, bund.boardMm), Math.max(0, bund.bundMm))
}

/** Some herbicides are applied when the field has been puddled. */
const PRE_PLANTING_DAYS = 10

/**
 * The day of a herbicide hold, from 1: no outflow. Null: no hold. `sinceHerbicideDays`, `sinceTransplantingDays`: up
 * to the day in question; null: none was applied.
 */
export function holdDay(
  {
    sinceHerbicideDays,
    sinceTransplantingDays,
  }: { sinceHerbicideDays: number | null; sinceTransplantingDays: number },
  holdDays: number,
): number | null {
  assertNumbers({ sinceHerbicideDays, sinceTransplantingDays, holdDays })
  if (sinceHerbicideDays === null || sinceHerbicideDays < 0 || sinceHerbicideDays >= holdDays) return null
  // applied in the previous season
  return sinceHerbicideDays - sinceTransplantingDays > PRE_PLANTING_DAYS ? null : sinceHerbicideDays + 1
}
