/** The crop of an upland field has one clock: its row, its state, its decision and the end of its season follow it. */
import { beforeAll, describe, expect, it } from 'vitest'
import { addDays, dayOf, startOfDay, type Day } from '../../../../broker/contract/time.ts'
import { cropOf } from '../../../../services/agronomy/crops/catalogue.ts'
import { seasonLengthD, type Stage } from '../../../../services/agronomy/crops/growth.ts'
import { defaultPaddyRow } from '../../../../services/domain/default-paddy.ts'
import type { DayInputs, FieldPlace } from '../../../../services/estimate/balance-types.ts'
import { fieldDayRow, limitsOf, type ClosedDay } from '../../../../services/estimate/days/field-day.ts'
import { fieldStateRow } from '../../../../services/estimate/now/field-state.ts'
import { restoreWater } from '../../../../services/estimate/water/stored-water.ts'
import { siteOf } from '../../../../services/estimate/water/upland-day.ts'
import { stageAt } from '../../../../services/irrigation-model/crop-clock.ts'
import { agesNow, layersOf } from '../../../../services/irrigation-model/field-water.ts'
import { phases } from '../../../../services/irrigation-model/crop-response.ts'
import { fieldDemand } from '../../../../services/plan/demand/field-demand.ts'
import {
  toJson,
  type FieldDayRow,
  type FieldStateRow,
  type SoilUsed,
  type StrategyRow,
} from '../../../../services/tables.ts'
import { ORG, farmRow, fieldRow, seasonRow } from '../farm.ts'

const PLANTED = '2012-05-01'
const field = fieldRow()
const farm = farmRow()
const limit = (v: number) => ({ v, sd: 0.03, from: 'field', events: 0 }) as const
const soil: SoilUsed = { fieldCapacity: limit(0.25), wiltingPoint: limit(0.12) }
const place: FieldPlace = { field, soil, paddy: defaultPaddyRow(field.id, ORG), farm }
const dry = { irrigationMm: 0, irrigationSdMm: 0, irrigationSource: 'none', notes: [] } as const
const wetting = { wettedFraction: 1, isUnderCanopy: false, isBunded: false, efficiency: 1 }

const inputsOf = (i: number): DayInputs => ({
  near: [
    {
      device: 'station1',
      km: 0,
      light: null,
      day: {
        // a cool spring, and a hot summer
        tempMinC: 8 + 12 * Math.min(1, i / 60),
        tempMaxC: 22 + 16 * Math.min(1, i / 60),
        vapourKPa: 1.2,
        humidityMinPct: 30,
        windMps: 2,
        radiationMJm2: 25,
        rainMm: 6,
        isWhole: true,
      },
    },
  ],
  irrigation: { ...dry, notes: [] },
  wetting,
  sensors: [],
  probe: () => null,
  hasProbe: false,
  soilEcDsM: null,
  levelMm: null,
  drainedMm: null,
  gaugeFindings: () => ({ nightLossMmD: null, inletMmH: null, outletMmH: null }),
})
const nothingRecent = { et0Mm: [], temps: [], sankMm: [], nightLossMmD: null }

interface Midnight {
  day: Day
  row: FieldDayRow
  stageOfWater: Stage
  stagesAround: readonly Stage[]
  state: FieldStateRow
  phase: (typeof phases)[number] | null // null: the season is over
}

/** The state is calculated on some days, and on each of the last ones. */
const EVERY = 6
const DAYS_AT_END = 15

function play(crop: string, harvestPlannedDay: Day | null, days: number): Midnight[] {
  const season = seasonRow({ crop, plantedDay: PLANTED, harvestPlannedDay })
  const model = cropOf(crop)!
  const site = siteOf({ crop: model, texture: field.soilTexture, limits: limitsOf(soil), waterEcDsM: null })
  const layers = layersOf(site.response, [{ toM: 1, ...limitsOf(soil) }], null)
  let yesterday: ClosedDay | undefined
  return Array.from({ length: days }, (_, i) => i).flatMap((i) => {
    const day = addDays(PLANTED, i)
    const closed = fieldDayRow(
      place,
      season,
      day,
      yesterday?.row,
      inputsOf(i),
      nothingRecent,
      yesterday?.water ?? null,
    )
    yesterday = closed
    if (i % EVERY !== 0 && i < days - DAYS_AT_END) return []
    const water = restoreWater(closed.water!, site, {
      plantedDay: PLANTED,
      layers,
      sensors: [],
      seed: 'one',
      waterTableM: null,
      survivedFrostDay: null,
    })!
    const nowMs = startOfDay(addDays(day, 1), farm.timeZone)
    const state = fieldStateRow(
      place,
      season,
      dayOf(nowMs, farm.timeZone),
      nowMs,
      [closed.row],
      {
        dayShare: 0,
        et0: { mm: 6, sdMm: 1, method: 'forecast' },
        rainMm: 0,
        rainSdMm: 0,
        irrigation: { ...dry, notes: [] },
        wetting,
        sensors: [],
        level: null,
        drainedMm: null,
        fresh: { weather: 'ok', soil: null, level: null },
        inputs: [],
      },
      closed.water,
    )
    return {
      day,
      row: closed.row,
      stageOfWater: stageAt(model, agesNow(water)),
      // the decision rounds the age and the delay of the leaves, and is for the day that begins
      stagesAround: [-2, 2.5].map((d) => stageAt(model, agesNow({ ...water, ageD: water.ageD + d }))),
      state,
      phase: phaseOf(state),
    }
  })

  /** The phase that the decision compares: each has a depletion of its own. */
  function phaseOf(state: FieldStateRow): Midnight['phase'] {
    const allowed = phases.map((phase, i) => [phase, 0.2 + 0.2 * i] as const)
    const demand = fieldDemand({
      farmId: 'farm1',
      state,
      season,
      texture: field.soilTexture,
      soilDepthM: null,
      zone: null,
      forecast: null,
      skill: null,
      timeZone: farm.timeZone,
      strategy: {
        kind: 'regulated',
        limits: toJson({ allowedDepletion: Object.fromEntries(allowed) }),
      } as StrategyRow,
    })!
    if (demand.withheld === 'season-over') return null
    const share = demand.lineMm / state.tawMm!
    return allowed.reduce((a, b) => (Math.abs(b[1] - share) < Math.abs(a[1] - share) ? b : a))[0]
  }
}

const stagesOfPhase: Readonly<Record<(typeof phases)[number], readonly Stage[]>> = {
  vegetative: ['initial', 'development'],
  flowering: ['mid-season'],
  'yield-formation': ['mid-season'],
  ripening: ['late-season'],
}

describe.each([
  ['cotton in the heat', 'cotton', null, 175],
  ['maize whose harvest is planned', 'maize', addDays(PLANTED, 100), 104],
] as const)('the clock of %s', (_, crop, harvestDay, days) => {
  let season: Midnight[]
  beforeAll(() => void (season = play(crop, harvestDay, days)))

  it('is that of its water, in the row of the day and in the state after it', () => {
    for (const { day, row, state, stageOfWater } of season) {
      expect([day, row.stage, state.stage]).toEqual([day, stageOfWater, stageOfWater])
      expect(state.ageD).toBeCloseTo(row.ageD!, 6)
    }
    expect(new Set(season.map(({ row }) => row.stage)).size).toBe(4)
  })

  it('gives the phase that the decision compares, on the day that begins', () => {
    for (const { day, phase, stagesAround } of season) {
      if (phase === null) continue
      expect([day, stagesOfPhase[phase].some((stage) => stagesAround.includes(stage))]).toEqual([day, true])
    }
  })

  it('ends the season: with the harvest that is planned, else with its age', () => {
    const end = season.findIndex(({ phase }) => phase === null)
    const length = seasonLengthD(cropOf(crop)!)
    if (harvestDay !== null) expect(season[end]!.day >= addDays(harvestDay, -3)).toBe(true)
    if (harvestDay !== null) expect(season[end]!.day < harvestDay).toBe(true)
    expect(Math.abs(season[end]!.row.ageD! - length)).toBeLessThan(0.06 * length)
    expect(season.slice(end).every(({ phase }) => phase === null)).toBe(true)
  })
})
