/** A paddy of which nobody has said anything, and the heights of its bund and board. mm above the soil surface. */
import { assertNumbers } from '../finite.ts'

/** Heights, what is kept free of the bund, and the days of a hold: usual, unconfirmed for a given field. */
export const defaultPaddy = {
  bundMm: 250,
  freeboardMm: 100,
  outlet: 'board',
  boardMm: null,
  bands: null,
  headingCd: null,
  stageSaid: null,
  stageSaidDay: null,
  dryDays: null,
  baselineDays: null,
  tillersDay: null,
  crackedDay: null,
  herbicideDay: null,
  holdDays: 7, // labels of paddy herbicides: no drainage, no running water
  seenLevelMm: null,
  seenLevelMs: null,
  storm: 'ask',
  mayCoolAtNight: 0,
  flushUntilMs: null,
} as const

export interface Bund {
  bundMm: number
  freeboardMm: number
}

/** The highest that water may stand by what people do; only rain may stand higher. */
export function maxPondingMm(bund: Bund): number {
  assertNumbers(bund)
  return Math.max(0, bund.bundMm - bund.freeboardMm)
}

/** Water above this runs out: over the board, or where nobody has said how it stands, at the most that is borne. */
export function crestMm(bund: Bund & { boardMm: number | null }): number {
  const most = maxPondingMm(bund)
  return bund.boardMm === null ? most : Math.min(Math.max(0, bund.boardMm), Math.max(0, bund.bundMm))
}

/** Some herbicides are given when the field has been puddled. */
const PRE_PLANTING_DAYS = 10

/**
 * The day of a herbicide's hold, from 1: nothing flows out. Null: none is held. `sinceHerbicideDays`, `sinceTransplantingDays`:
 * up to the day that is asked of; null: none was given.
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
  // of the season before
  return sinceHerbicideDays - sinceTransplantingDays > PRE_PLANTING_DAYS ? null : sinceHerbicideDays + 1
}
