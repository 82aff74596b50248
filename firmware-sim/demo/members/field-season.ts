/**
 * One season of one paddy as rows: planting, irrigation runs, sprays, disease days, the daily balance and the harvest.
 */
import { addDays, MINUTE_MS, type Day } from '../../../broker/contract/time.ts'
import { toJson } from '../../../services/tables.ts'
import { random, type Random } from '../../random.ts'
import { harvestLoads, drawHarvest } from './harvest.ts'
import { atHour } from './at-hour.ts'
import { namesIn } from './member-names.ts'
import type { FieldSeasonInput, MemberRows, Run } from './types.ts'
import { sprayRow } from './spray.ts'
import { dailyWaterRows } from './daily-water.ts'

const DETAILED_YEARS_BACK = 1 // older seasons have only their harvest
const FIRST_RUN_D = 8
const DAYS_BETWEEN_RUNS = 6
const LAST_RUN_BEFORE_HARVEST_D = 12
const RUN_MM = 25
const DISEASE_FROM_D = 25
const DISEASE_DAYS = 60

/** Adds the season's rows to those of its member. */
export function addFieldSeason(rows: MemberRows, input: FieldSeasonInput): void {
  const { of, base, f, areaM2, back, isBare, hasZone } = input
  const year = of.year - back
  const seasonId = `${base.fieldId}-${year}`
  const chance = random(`${of.coop}/${f}/${year}`)
  const plantedDay = addDays(`${year}-05-08`, f % 17)
  const ripeDay = addDays(plantedDay, 122 + (f % 9))
  const isOver = of.throughDay === undefined || ripeDay <= of.throughDay
  const harvest = drawHarvest(input, { isOver, chance })
  rows.season.push({
    id: seasonId,
    org: base.org,
    fieldId: base.fieldId,
    year,
    crop: 'rice',
    plantedDay,
    variety: namesIn(of.language).variety(f),
    harvestPlannedDay: isOver ? null : ripeDay,
    harvestedDay: isOver ? ripeDay : null,
    ...harvest.entered,
  })
  rows.harvestLoad.push(...harvestLoads(input, { seasonId, ripeDay, harvest, chance }))
  if (isBare || back > DETAILED_YEARS_BACK) return

  const days = input.sky(year).filter(({ day }) => day >= plantedDay && day <= ripeDay)
  const runs = hasZone
    ? irrigationRuns(input, { seasonId, plantedDay, ripeDay, areaM2, chance })
    : new Map<Day, Run>()
  rows.irrigation.push(...runs.values())
  rows.fieldDay.push(...dailyWaterRows(input, { days, runs }))
  rows.treatment.push(...sprayRows(input, { seasonId, plantedDay }))
  const diseaseDays = days.slice(DISEASE_FROM_D, DISEASE_FROM_D + DISEASE_DAYS)
  for (const [nth, { day }] of diseaseDays.entries())
    rows.diseaseDay.push(diseaseDay(base, 'rice-leaf-blast', day, levelOn(nth, f)))
  const last = diseaseDays.at(-1)
  if (last) rows.diseaseDay.push(diseaseDay(base, 'rice-leaf-blast-season', last.day, 'low'))
}

type DiseaseDay = MemberRows['diseaseDay'][number]

// with parameters of another version, or with a missing day of a disease, Tilth would evaluate the whole season again
const DRY: DiseaseDay['reason'] = toJson({ key: 'dry', params: {} })

/** Every property is named: with a spread hundreds of thousands of rows take twice as long. */
const diseaseDay = (
  { fieldId, org }: FieldSeasonInput['base'],
  disease: string,
  day: Day,
  level: DiseaseDay['level'],
): DiseaseDay => ({
  fieldId,
  org,
  value: null,
  unit: '',
  reason: DRY,
  wetness: 'estimated',
  paramsVersion: '2026.1',
  disease,
  day,
  level,
})

function levelOn(nth: number, f: number) {
  if (nth % 15 === f % 15) return 'high' as const
  return nth % 20 === 0 ? ('unknown' as const) : ('low' as const)
}

/** By day. Every third member has meters; in every twenty-ninth field the water of one run is unknown. */
function irrigationRuns(
  { base, m, f, back, of }: FieldSeasonInput,
  season: { seasonId: string; plantedDay: Day; ripeDay: Day; areaM2: number; chance: Random },
): Map<Day, Run> {
  const { seasonId, plantedDay, ripeDay, areaM2, chance } = season
  const lastDay = addDays(ripeDay, -LAST_RUN_BEFORE_HARVEST_D)
  const runs = new Map<Day, Run>()
  for (let n = 0; ; n++) {
    const day = addDays(plantedDay, FIRST_RUN_D + DAYS_BETWEEN_RUNS * n)
    if (day > lastDay || (of.throughDay !== undefined && day > of.throughDay)) return runs
    const openedAtMs = atHour(day, 5)
    const minutes = Math.round(60 + 60 * chance.next())
    const isUnknown = n === 2 && (f + back) % 29 === 4
    runs.set(day, {
      org: base.org,
      farmId: base.farmId,
      fieldId: base.fieldId,
      id: `${seasonId}-i${n}`,
      zoneId: `${base.fieldId}-z`,
      runId: `${seasonId}-r${n}`,
      commandId: 'c',
      cause: 'paddy',
      decisionId: null,
      actor: 'plan',
      commandedAtMs: openedAtMs,
      commandedMinutes: minutes,
      openedAtMs,
      closedAtMs: openedAtMs + minutes * MINUTE_MS,
      ranMs: minutes * MINUTE_MS,
      litres: isUnknown ? null : Math.round(areaM2 * RUN_MM * (0.8 + 0.4 * chance.next())),
      volumeSource: isUnknown ? 'unknown' : m % 3 === 1 || n % 4 === 0 ? 'metered' : 'rate',
      grossMm: null,
      netMm: null,
      endReason: 'timer',
      failure: null,
    })
  }
}

/** Against blast on every field, against stink bugs on every fourth. Some records are not signed yet. */
function sprayRows(
  { base, m, f, areaM2, of, back }: FieldSeasonInput,
  { seasonId, plantedDay }: { seasonId: string; plantedDay: Day },
): MemberRows['treatment'] {
  const treatments = [
    { target: 'rice-leaf-blast', day: addDays(plantedDay, 60 + (f % 5)) },
    ...(f % 4 === 1 ? [{ target: 'rice-stink-bug', day: addDays(plantedDay, 88) }] : []),
  ]
  return treatments
    .filter(({ day }) => of.throughDay === undefined || day <= of.throughDay)
    .map((spray, n) =>
      sprayRow({
        base,
        id: `${seasonId}-t${n}`,
        seasonId,
        areaM2,
        field: namesIn(of.language).field(f),
        operator: namesIn(of.language).operator(m),
        ...spray,
        isRecorded: n > 0 || (f + back) % 37 !== 6,
      }),
    )
}
