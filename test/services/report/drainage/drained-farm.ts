/** A drained paddy with three seasons on record, for the drainage evidence and its files. */
import { addDays } from '../../../../broker/contract/time.ts'
import type { OpenState } from '../../../../services/adapters/state.ts'
import type { EvidenceDay } from '../../../../services/report/drainage/drainage-evidence.ts'
import { toJson, type PaddyDay } from '../../../../services/tables.ts'
import { openTestState } from '../../../support/state.ts'

export const PLANTED = '2026-05-15'
export const BEGAN = '2026-06-18'
export const HEADING_D = 80 // days after transplanting

/** A season of 120 days: water stands, is drained for `drained` days from 18 June on, and stands again. */
export function season({
  planted = PLANTED,
  began = BEGAN,
  drained = 16,
  lastReport = null as string | null,
} = {}): EvidenceDay[] {
  return Array.from({ length: 120 }, (_, at): EvidenceDay => {
    const day = addDays(planted, at)
    const since = day < began ? -1 : Math.round((Date.parse(day) - Date.parse(began)) / 86_400_000)
    const isDry = since >= 0 && since < drained
    const paddy: PaddyDay = {
      stage: 'tillering',
      from: 'heat',
      development: at / HEADING_D,
      developmentShift: 0,
      lastReport,
      drainage:
        since < 0 || drained === 0
          ? null
          : {
              fromDay: began,
              lastDay: since >= drained - 1 ? addDays(began, drained - 1) : null,
              days: Math.min(since + 1, drained),
              dryDays: Math.min(since + 1, drained),
              unknownDays: 0,
              endReason: since >= drained - 1 ? 'cracked' : null,
            },
      nightLossMmD: null,
      inletMmH: null,
      outletMmH: null,
    }
    return {
      day,
      levelMm: isDry ? -40 : 50 - (at % 5) * 8,
      rainMm: 0,
      irrigationMm: at % 5 === 0 ? 32 : 0,
      irrigationSource: 'metered',
      notes: toJson([]),
      paddy: toJson(paddy),
    }
  })
}
export const year = (yearValue: number, drained: number) => ({
  year: yearValue,
  days: season({ planted: `${yearValue}-05-15`, began: `${yearValue}-06-18`, drained }),
})
export const NOW_MS = Date.parse('2026-11-01T00:30:00Z')
export const asked = { org: 'midori', coop: 'Midori', fieldId: 'paddy', year: 2026, lang: 'ja' } as const

export async function openDrainedFarm(): Promise<OpenState> {
  const opened = await openTestState()
  const { state } = opened
  await state
    .insertInto('farm')
    .values({
      id: 'farm',
      org: 'midori',
      name: '佐藤 花子',
      memberCode: '0412-0031',
      timeZone: 'Asia/Tokyo',
      latDeg: 37.5,
      lonDeg: 138.9,
      elevationM: 20,
      createdAtMs: 0,
    })
    .execute()
  for (const kind of ['paddy', 'upland'] as const)
    await state
      .insertInto('field')
      .values({
        id: kind,
        org: 'midori',
        farmId: 'farm',
        name: `北 ${kind}`,
        kind,
        areaM2: 2_940,
        soilTexture: 'loam',
        fieldCapacity: 0.3,
        wiltingPoint: 0.14,
        saturation: 0.46,
        stationId: null,
        geojson: null,
      })
      .execute()
  for (const [yearValue, drained] of [
    [2026, 16],
    [2025, 8],
    [2024, 9],
  ] as const) {
    await state
      .insertInto('season')
      .values({
        id: `s${yearValue}`,
        org: 'midori',
        fieldId: 'paddy',
        year: yearValue,
        crop: 'rice',
        variety: 'こしいぶき',
        plantedDay: `${yearValue}-05-15`,
        harvestedDay: `${yearValue}-09-20`,
        harvestPlannedDay: null,
        yieldKg: null,
        yieldBasis: null,
      })
      .execute()
    for (const day of year(yearValue, drained).days)
      await state
        .insertInto('fieldDay')
        .values({
          fieldId: 'paddy',
          org: 'midori',
          et0Mm: 5,
          et0Method: 'fao56-pm',
          kc: 1,
          etcMm: 5,
          etaMm: 5,
          ...day,
        })
        .execute()
  }
  await state
    .insertInto('fieldWork')
    .values({
      id: 'w',
      org: 'midori',
      farmId: 'farm',
      fieldId: 'paddy',
      seasonId: null,
      batch: 'b',
      state: 'confirmed',
      kind: 'organic',
      day: '2025-10-20',
      areaM2: 2_940,
      massKg: 1_470,
      material: toJson({ name: '稲わら', nPct: null, p2o5Pct: null, k2oPct: null }),
      enteredBy: 'person',
      enteredAtMs: 0,
      confirmedBy: 'person',
      confirmedAtMs: 0,
    } as never)
    .execute()
  return opened
}
