import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addDays, dayOf, type Day } from '../../../../broker/contract/time.ts'
import { demandBasis, type FieldDemandInput } from '../../../../services/plan/demand/demand-basis.ts'
import { fieldDemand } from '../../../../services/plan/demand/field-demand.ts'
import { cropOf } from '../../../../services/agronomy/crops/catalogue.ts'
import { cropResponse } from '../../../../services/irrigation-model/crop-response.ts'
import { stressOf } from '../../../../services/irrigation-model/crop-stress.ts'
import { unknownStart } from '../../../../services/irrigation-model/field-ensemble.ts'
import { daysAheadOf, fieldOutlook } from '../../../../services/irrigation-model/field-outlook.ts'
import {
  growByTables,
  layersOf,
  startWater,
  surfaceOf,
  type FieldSite,
} from '../../../../services/irrigation-model/field-water.ts'
import { toJson } from '../../../../services/tables.ts'
import { rainForecast, seasonRow, stateRow, strategyRow, tokyo, zoneRow } from '../farm.ts'

const asked = (x: Partial<FieldDemandInput> = {}): FieldDemandInput => ({
  farmId: 'farm-1',
  state: stateRow({ tawMm: 90, depletionMm: 40, depletionSdMm: 5 }),
  season: seasonRow({ plantedDay: '2026-05-20' }),
  texture: 'loam',
  soilDepthM: null,
  zone: zoneRow(),
  forecast: rainForecast([0, 0, 0]),
  skill: null,
  timeZone: tokyo,
  ...x,
})
const TODAY = dayOf(stateRow().atMs, tokyo)
const line = (x: Partial<FieldDemandInput> = {}): number => fieldDemand(asked(x))!.lineMm

describe("a farm's refill line, by the same decision as npm run decide", () => {
  it('of growing soybean is about that of FAO-56: p = 0.5 of TAW', () => {
    expect(line()).toBeGreaterThan(0.3 * 90)
    expect(line()).toBeLessThan(0.65 * 90)
  })

  it('of a soil above rock counts on no roots below it', () => {
    const young = { state: stateRow({ tawMm: 40, depletionMm: 15, rootDepthM: 0.3 }), season: seasonRow() }
    expect(line({ ...young, soilDepthM: 0.3 })).not.toBe(line(young))
    expect(line({ ...young, soilDepthM: 5 })).toBe(line(young))
  })

  it('with prices a higher uncertainty lowers it', () => {
    const priced = { strategy: strategyRow({ cropPricePerT: 400 }), price: { water: 0.1, energy: null } }
    const doubtful = stateRow({ tawMm: 90, depletionMm: 40, depletionSdMm: 20 })
    expect(line({ ...priced, state: doubtful })).toBeLessThan(line(priced))
  })

  it('forecast rain never lowers it', () => {
    expect(line({ forecast: rainForecast([25, 20, 10]) })).toBeGreaterThanOrEqual(line())
  })

  it('does not depend on the depletion: more depletion is never less urgent', () => {
    for (const depletionMm of [0, 20, 44.7, 60, 89])
      expect(line({ state: stateRow({ tawMm: 90, depletionMm, depletionSdMm: 5 }) })).toBe(line())
  })

  it('is absent without a basis: an unknown crop, no roots', () => {
    expect(fieldDemand(asked({ season: seasonRow({ crop: 'moon-cheese' }) }))).toBeNull()
    expect(fieldDemand(asked({ state: stateRow({ tawMm: null }) }))).toBeNull()
  })

  it('asks for no water any more when the crop is ripe, or its harvest is due', () => {
    const over = { withheld: 'season-over', basis: 'season-over', lineMm: 90 }
    const ripe = fieldDemand(asked({ season: seasonRow({ plantedDay: '2025-06-10' }) }))!
    expect(ripe).toMatchObject(over)
    expect(ripe.depthMm(80)).toBe(0)
    const due = (harvestPlannedDay: Day) => fieldDemand(asked({ season: seasonRow({ harvestPlannedDay }) }))
    expect(due(TODAY)).toMatchObject(over)
    expect(due(addDays(TODAY, 60))!.withheld).toBeNull()
  })

  it('before a harvest in a few days no depth pays; the same field without that plan is irrigated', () => {
    const soon = fieldDemand(asked({ season: seasonRow({ harvestPlannedDay: addDays(TODAY, 4) }) }))!
    expect(soon).toMatchObject({ lineMm: 90, withheld: 'uneconomic' })
  })

  it('days before harvest no irrigation is economic: a dry field is left dry, and that is the reason', () => {
    const found = fieldDemand(asked({ season: seasonRow({ plantedDay: '2026-02-26' }) }))!
    expect(found).toMatchObject({ lineMm: 90, basis: 'uneconomic', withheld: 'uneconomic' })
  })

  it('a rule learned from years replaces the tables, and is named', () => {
    const early = { limits: [0.3, 0.3, 0.4] as const, room: 0.1 }
    const found = fieldDemand(asked({ learned: [early, early, early] }))!
    expect(found.basis).toBe('learned')
    expect(found.lineMm).toBeLessThan(line())
  })
})

describe('with the outlook of the estimate', () => {
  const crop = cropOf('soybean')!
  const soil = [{ toM: 1, fieldCapacity: 0.26, wiltingPoint: 0.12 }]
  const site: FieldSite = {
    crop,
    response: cropResponse(crop),
    stress: stressOf(crop),
    surface: surfaceOf('loam', soil),
    waterEcDsM: null,
  }
  const atPlanting = (planted: FieldSite) =>
    startWater(planted, {
      layers: layersOf(planted.response, soil, null),
      sensors: [],
      start: unknownStart,
      prior: null,
      seed: 'field-1',
      waterTableM: null,
      levelSd: 0.03,
    })
  const water = atPlanting(site)
  growByTables(water, site, 40)
  const outlook = fieldOutlook(water, site)

  it('the days ahead dry the evaporating layer that the estimate dries', () => {
    const { tewMm, rewMm } = daysAheadOf(outlook, {
      crop,
      response: site.response,
      agesD: [41],
      storeMm: (toM) => 140 * toM,
    })
    expect({ tewMm, rewMm }).toMatchObject({ tewMm: site.surface.tewMm, rewMm: site.surface.rewMm })
    expect(tewMm).toBeCloseTo(1000 * (0.26 - 0.06) * 0.15, 9) // FAO-56 Eq. 73
  })

  it('a seedling keeps its few leaves in every member: without any, the season ahead has no harvest to water', () => {
    const maize = cropOf('maize')!
    const response = cropResponse(maize)
    const young: FieldSite = { ...site, crop: maize, response, stress: stressOf(maize) }
    const seedling = fieldOutlook(atPlanting(young), young)
    const state = stateRow({ tawMm: 30, depletionMm: 10, outlook: toJson(seedling) })
    const { outlook: rounded } = demandBasis(
      asked({ state, season: seasonRow({ crop: 'maize', plantedDay: TODAY }) }),
    )!
    expect(rounded!.members).toHaveLength(seedling.members.length)
    expect(Math.min(...seedling.members.map(({ cover }) => cover))).toBeLessThan(0.01)
    for (const [m, { cover }] of seedling.members.entries())
      expect(Math.abs(rounded!.members[m]!.cover / cover - 1)).toBeLessThan(0.05)
  })

  it('the texture of the field changes no line: the outlook has its surface', () => {
    const state = stateRow({ tawMm: 90, depletionMm: 40, outlook: toJson(outlook) })
    expect(line({ state, texture: 'sand' })).toBe(line({ state, texture: 'clay' }))
  })
})

describe('the value of water and harvest', () => {
  const priced = (cropPricePerT: number, water: number | null) => ({
    strategy: strategyRow({ cropPricePerT, yieldTonsHa: 3 }),
    price: { water, energy: null },
  })

  it('is a middle value where it is not entered, and this is shown: unknown is not 0', () => {
    expect(fieldDemand(asked())).toMatchObject({ basis: 'tables', isValueAssumed: true })
    expect(fieldDemand(asked(priced(400, 0.1)))).toMatchObject({
      basis: 'marginal-value',
      isValueAssumed: false,
    })
  })

  it('one m³ is 0.1 mm on a hectare: 0.03 a m³ is 0.3 a mm', () => {
    // 1 mm on 10,000 m² is 10 m³; 10 x 0.03 = 0.3. A full yield: 400 x 3 t = 1,200 a hectare
    const { waterValue } = fieldDemand(asked(priced(400, 0.03)))!
    expect(waterValue.waterPerMm).toBeCloseTo(0.3, 9)
    expect(waterValue.yieldPerHa).toBe(1200)
  })

  it('water that costs more than the crop earns is not given at all', () => {
    expect(fieldDemand(asked(priced(20, 50)))).toMatchObject({ lineMm: 90, withheld: 'uneconomic' })
  })

  it('more expensive water is never given earlier', () => {
    const price = fc.double({ min: 0, max: 5, noNaN: true })
    fc.assert(
      fc.property(price, price, (a, b) => {
        const [low, high] = [Math.min(a, b), Math.max(a, b)]
        expect(line(priced(400, high))).toBeGreaterThanOrEqual(line(priced(400, low)))
      }),
      { numRuns: 15 },
    )
  })
})

describe('the depth', () => {
  it('never exceeds the deficit, and fills most of it in a dry spell', () => {
    const { depthMm } = fieldDemand(asked())!
    for (const depletionMm of [10, 40, 48.6, 70]) {
      expect(depthMm(depletionMm)).toBeLessThanOrEqual(depletionMm)
      expect(depthMm(depletionMm)).toBeGreaterThan(0.35 * depletionMm)
    }
  })

  it('leaves a reserve where rain is likely', () => {
    const rain: [number, number, number] = [8, 25, 45]
    const wet = fieldDemand(asked({ forecast: rainForecast([0, rain, rain, rain]) }))!
    expect(wet.depthMm(55)).toBeLessThan(fieldDemand(asked())!.depthMm(55))
  })
})

describe('regulated deficit', () => {
  // leaves grow for 45 days (soybeans of Japan, Table 11: 20 + 25)
  const growing = seasonRow({ plantedDay: '2026-07-01' })
  const regulated = (allowedDepletion: Record<string, number> = {}) => ({
    season: growing,
    strategy: strategyRow({ kind: 'regulated', limits: toJson({ allowedDepletion }) }),
  })

  it('waits for the depletion that its grower allows in this stage: 0.7 of 90 mm is 63 mm', () => {
    expect(fieldDemand(asked(regulated({ vegetative: 0.7 })))).toMatchObject({
      lineMm: 0.7 * 90,
      basis: 'regulated',
    })
  })

  it('then refills to the ordinary line alone, so that the stage stays dry', () => {
    const found = fieldDemand(asked(regulated({ vegetative: 0.7 })))!
    const left = 63 - found.depthMm(63)
    expect(left).toBeGreaterThanOrEqual(found.ordinaryMm - 1e-9)
  })

  it('a stage without a number is dried 0.15 of TAW further where it tolerates that (Ky 0.2), and no further', () => {
    const found = fieldDemand(asked(regulated()))!
    expect(found.lineMm).toBeCloseTo(Math.min(found.ordinaryMm + 0.15 * 90, 0.85 * 90), 6)
  })

  it('a sensitive stage is irrigated as usual', () => {
    // soybean fills its pods: Ky 1.0
    const filling = { ...regulated(), season: seasonRow({ plantedDay: '2026-05-10' }) }
    const ever = { season: seasonRow({ plantedDay: '2026-05-10' }), strategy: strategyRow() }
    expect(line(filling)).toBe(line(ever))
  })
})

describe('supplemental water', () => {
  const supplemental = (limits: object, x: Partial<FieldDemandInput> = {}) => ({
    strategy: strategyRow({ kind: 'supplemental', limits: toJson(limits) }),
    ...x,
  })
  const growing = { season: seasonRow({ plantedDay: '2026-07-01' }) }

  it('is not given while leaves grow: it is reserved for the sensitive stages', () => {
    expect(fieldDemand(asked(supplemental({}, growing)))).toMatchObject({
      lineMm: 90,
      withheld: 'other-stage',
    })
  })

  it('is given in the stages that its grower names', () => {
    expect(fieldDemand(asked(supplemental({ phases: ['vegetative'] }, growing)))).toMatchObject({
      withheld: null,
      basis: 'supplemental',
    })
  })

  it('ends after the available irrigations, or with the last mm', () => {
    const limits = { phases: ['vegetative'], maxIrrigations: 2, maxSeasonMm: 80 }
    const after = (irrigations: number, grossMm: number) =>
      fieldDemand(asked(supplemental(limits, { ...growing, seasonWater: { irrigations, grossMm } })))!
    expect(after(2, 40).withheld).toBe('budget-spent')
    expect(after(1, 80).withheld).toBe('budget-spent')
    expect(after(1, 40).withheld).toBeNull()
    // 70 of 80 mm are given: 10 gross mm at 80 % are 8 mm
    expect(after(1, 70).depthMm(60)).toBeCloseTo(8, 9)
  })
})
