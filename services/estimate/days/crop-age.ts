/** Age of a crop, in days of the season of its table. Pure. */
import type { Crop } from '../../agronomy/crops/crop.ts'
import { daysByHeat } from '../../agronomy/crops/growth.ts'
import { readDayNotes, type FieldDayRow } from '../../tables.ts'

/** Degree-days of a season up to the end of a day; `isWhole`: no day since planting is missing. */
export interface SeasonHeat {
  sumCd: number | null
  isWhole: boolean
}

/** By degree-days, where the sums of the crop's stages are known and no day is missing; otherwise by the calendar. */
export function cropAgeD(crop: Crop, calendarD: number, heat: SeasonHeat | undefined): number {
  if (!heat?.isWhole || heat.sumCd === null) return calendarD
  return daysByHeat(crop, heat.sumCd) ?? calendarD
}

/** Whether a row's degree-day sum includes every day since planting. */
export const isHeatWhole = (row: Partial<Pick<FieldDayRow, 'heatSumCd' | 'notes'>> | undefined): boolean =>
  row?.heatSumCd != null &&
  row.notes !== undefined &&
  !readDayNotes(row.notes).some(({ key }) => key === 'heat-incomplete')
