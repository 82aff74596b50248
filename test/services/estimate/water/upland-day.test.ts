/** The water of an upland field over a day, and its stored form. */
import { describe, expect, it } from 'vitest'
import { addDays } from '../../../../broker/contract/time.ts'
import { cropOf, crops } from '../../../../services/agronomy/crops/catalogue.ts'
import { waterTableOf } from '../../../../services/estimate/days/field-day.ts'
import { wettingOf } from '../../../../services/estimate/water/irrigation-depth.ts'
import { restoreWater, sensorBias, storeWater } from '../../../../services/estimate/water/stored-water.ts'
import {
  siteOf,
  uplandDay,
  waterAtStart,
  waterBySensors,
  type Ground,
  type SensorReading,
  type UplandInputs,
} from '../../../../services/estimate/water/upland-day.ts'
import { isOrderWithheld, receiveIrrigation } from '../../../../services/irrigation-model/arrival.ts'
import { saltReading } from '../../../../services/estimate/water/salt-reading.ts'
import { deficitBetween, meanMember } from '../../../../services/irrigation-model/ensemble-members.ts'
import type { FieldWater } from '../../../../services/irrigation-model/field-water.ts'
import { zoneRow } from '../farm.ts'

const PLANTED = '2026-05-01'
const TODAY = '2026-05-11'
const ground: Ground = {
  fieldId: 'field-1',
  crop: crops.maize,
  plantedDay: PLANTED,
  initialVwc: null,
  calendarD: 11,
  tempMinC: 14,
  tempMaxC: 28,
  texture: 'loam',
  soilDepthM: null,
  limitsSd: 0.03,
  limits: { fieldCapacity: 0.25, wiltingPoint: 0.12 },
  wetting: wettingOf([]),
  climate: undefined,
  waterEcDsM: null,
  survivedFrostDay: null,
}
const site = siteOf(ground)
const sunny: UplandInputs = {
  et0: { mm: 5, sdMm: 0.5 },
  dayShare: 1,
  rainMm: 0,
  rainSdMm: 0,
  irrigation: { irrigationMm: 0, irrigationSdMm: 0, irrigationSource: 'none', notes: [] },
  waterTableM: null,
  sensors: [],
}
const irrigation = (irrigationMm: number): UplandInputs['irrigation'] => ({
  irrigationMm,
  irrigationSdMm: 0.1,
  irrigationSource: 'metered',
  notes: [],
})

/** A field of ten days whose depletion is a share of its storage. */
function fieldAt(share: number, on: Ground = ground, sensors: readonly SensorReading[] = []): FieldWater {
  const row = { depletionMm: 40 * share, depletionSdMm: 1, tawMm: 40 }
  return waterAtStart(on, site, { stored: null, row }, { day: TODAY, sensors, waterTableM: null }).water
}
const dayOf = (water: FieldWater, more: Partial<UplandInputs> = {}, on: Ground = ground) =>
  uplandDay(on, site, water, { ...sunny, ...more })

describe('the water of an upland field', () => {
  it('wet ground under seedlings evaporates several times as much as the plants transpire', () => {
    const water = fieldAt(0)
    dayOf(water, { rainMm: 15 })
    const { columns } = dayOf(water)
    expect(columns.evaporationMm).toBeGreaterThan(3 * (columns.etaMm - columns.evaporationMm))
    expect(columns.kc).toBeLessThan(1.25)
    expect(columns.etaMm).toBeCloseTo(columns.ks * columns.kcb * 5 + columns.evaporationMm, 9)
  })

  it('half a day takes less than a day, and both start from the same midnight', () => {
    const half = dayOf(fieldAt(0.2), { dayShare: 0.5 }).columns
    const whole = dayOf(fieldAt(0.2)).columns
    expect(half.etaMm / whole.etaMm).toBeCloseTo(0.5, 1)
    expect(half.depletionMm).toBeLessThan(whole.depletionMm)
  })

  it('drip on a third of the ground evaporates less than a sprinkler', () => {
    const drip = { ...ground, wetting: wettingOf([zoneRow({ method: 'drip', wettedFraction: 0.3 })]) }
    const sprinkler = { ...ground, wetting: wettingOf([zoneRow()]) }
    const nextDay = (on: Ground) => {
      const water = fieldAt(0.7, on)
      dayOf(water, { irrigation: irrigation(20) }, on)
      return dayOf(water, {}, on).columns
    }
    expect(nextDay(drip).wettedFraction).toBe(0.3)
    expect(nextDay(drip).evaporationMm).toBeLessThan(0.5 * nextDay(sprinkler).evaporationMm)
  })

  it('rain on a day of drip wets the ground between the drippers as well, by its share of the water', () => {
    const drip = { ...ground, wetting: wettingOf([zoneRow({ method: 'drip', wettedFraction: 0.3 })]) }
    const fwAfter = (rainMm: number) =>
      dayOf(fieldAt(0.7, drip), { rainMm, irrigation: irrigation(5) }, drip).columns.wettedFraction
    expect(fwAfter(0)).toBe(0.3)
    expect(fwAfter(2.9)).toBe(0.3) // less than 3 mm do not wet the surface
    expect(fwAfter(15)).toBeCloseTo((5 * 0.3 + 15) / 20, 9)
  })

  it('zones of a field count by their area', () => {
    const zones = [
      zoneRow({ areaM2: 3000, method: 'drip', wettedFraction: 0.4 }),
      zoneRow({ areaM2: 1000, wettedFraction: 1 }),
    ]
    expect(wettingOf(zones)).toEqual({
      wettedFraction: expect.closeTo(0.55, 9) as number,
      isUnderCanopy: true,
      isBunded: false,
      efficiency: 0.8,
    })
  })

  it('60 mm of rain run off a loam in part; a basin keeps them all', () => {
    expect(dayOf(fieldAt(0.7), { rainMm: 60 }).columns.runoffMm).toBeGreaterThan(0)
    const basin = { ...ground, wetting: wettingOf([zoneRow({ method: 'flood' })]) }
    expect(dayOf(fieldAt(0.7, basin), { rainMm: 60 }, basin).columns.runoffMm).toBe(0)
  })

  it('60 mm on dry ground are run-off, use, a fuller soil, or pass the roots', () => {
    const water = fieldAt(0.7)
    const before = meanMember(water.ensemble, water)
    const { columns } = dayOf(water, { rainMm: 60 })
    const outMm = columns.runoffMm + columns.etaMm + columns.deepPercolationMm
    // roots that grow reach soil that is as dry
    const reachedMm = 0.7 * (columns.tawMm - before.tawMm)
    expect(Math.abs(outMm + before.depletionMm + reachedMm - columns.depletionMm - 60)).toBeLessThan(1)
  })

  it('a water table at one metre supplies dry roots; wet ones take nothing', () => {
    expect(waterTableOf(-1000)).toBe(1)
    expect(waterTableOf(40)).toBeNull()
    const rise = (share: number, waterTableM: number, dayShare = 1) =>
      dayOf(fieldAt(share), { waterTableM, dayShare }).columns.capillaryMm!
    expect(rise(0.7, 1)).toBeGreaterThan(1)
    expect(rise(0, 1)).toBeLessThan(0.2 * rise(0.7, 1))
    expect(rise(0.7, 1, 0.5)).toBeCloseTo(rise(0.7, 1) / 2, 9)
    expect(rise(0.7, 5)).toBeLessThan(0.25)
    const [withTable, without] = [fieldAt(0.7), fieldAt(0.7)]
    dayOf(withTable, { waterTableM: 1 })
    dayOf(without)
    const depletionOf = (water: FieldWater) => meanMember(water.ensemble, water).depletionMm
    expect(depletionOf(withTable)).toBeLessThan(depletionOf(without) - 1)
  })

  it('sensors give the water of a field of which nothing else is known', () => {
    const sensors = [
      { id: 'probe/20', depthM: 0.2, vwc: 0.19 },
      { id: 'probe/60', depthM: 0.6, vwc: null },
    ]
    const water = waterAtStart(
      ground,
      site,
      { stored: null, row: undefined },
      { day: TODAY, sensors, waterTableM: null },
    )
    expect(water.from).toBe('nothing')
    const { columns } = dayOf(water.water, { sensors, measured: waterBySensors(sensors) })
    expect(Math.abs(columns.depletionMm / columns.rootDepthM - 60)).toBeLessThan(6)
    expect(waterBySensors([sensors[1]!])).toBeNull()
  })
})

describe('a soil above rock', () => {
  const shallow = { ...ground, calendarD: 100, soilDepthM: 0.6 }
  const tawMm = (on: Ground) => dayOf(fieldAt(0.3, on), {}, on).columns

  it('at 0.6 m holds no more than the storage of 0.6 m, and its roots end there', () => {
    const { columns } = dayOf(fieldAt(0.3, shallow), {}, shallow)
    expect(columns.rootDepthM).toBeLessThanOrEqual(0.6)
    expect(columns.tawMm).toBeLessThanOrEqual(600 * (0.25 - 0.12))
    expect(tawMm({ ...shallow, soilDepthM: null }).tawMm).toBeGreaterThan(1.5 * columns.tawMm)
    expect(tawMm({ ...shallow, soilDepthM: 5 }).tawMm).toBe(tawMm({ ...shallow, soilDepthM: null }).tawMm)
  })
})

describe('the soil water at planting', () => {
  const sown = { ...ground, calendarD: 1, initialVwc: 0.16 }
  const start = (on: Ground, day = PLANTED, sensors: readonly SensorReading[] = []) =>
    waterAtStart(
      on,
      site,
      { stored: null, row: { depletionMm: 2, depletionSdMm: 1, tawMm: 40 } },
      { day, sensors, waterTableM: null },
    )

  it('as entered is that of the first day, with 3.5 % vol. of doubt', () => {
    const { water, from } = start(sown)
    expect(from).toBe('entered')
    const mean = meanMember(water.ensemble, water)
    // 9 % vol. below field capacity
    expect(Math.abs(mean.depletionMm / mean.rootM - 90)).toBeLessThan(7)
    expect(mean.sdMm / mean.rootM).toBeGreaterThan(20)
    expect(mean.sdMm / mean.rootM).toBeLessThan(50)
  })

  it('is that of no other day, and of no season without an entry', () => {
    expect(start(sown, addDays(PLANTED, 1)).from).toBe('row')
    expect(start({ ...sown, initialVwc: null }).from).toBe('row')
  })

  it('is corrected by the readings of the day', () => {
    const sensors = [0.2, 0.5].map((depthM) => ({ id: `probe/${100 * depthM}`, depthM, vwc: 0.24 }))
    const wetter = start(sown, PLANTED, sensors).water
    const unread = start(sown, PLANTED, sensors).water
    const read = dayOf(wetter, { sensors }, sown).columns
    const silent = dayOf(unread, {}, sown).columns
    expect(read.depletionMm).toBeLessThan(silent.depletionMm)
    expect(read.depletionSdMm).toBeLessThan(silent.depletionSdMm)
  })
})

describe('the limits of the soil', () => {
  const depthsM = [0.2, 0.35, 0.5, 0.7, 0.9]
  const readings = (vwc: number): SensorReading[] =>
    depthsM.map((depthM) => ({ id: `probe/${100 * depthM}`, depthM, vwc }))
  const after = (vwc: number, on: Ground) => {
    const water = fieldAt(0.05, on, readings(vwc))
    for (let k = 0; k < 3; k++) dayOf(water, { sensors: readings(vwc + 0.001 * k), rainMm: 8 }, on)
    return dayOf(water, { sensors: readings(vwc), rainMm: 8 }, on).columns
  }

  it('are those that the probes of a full soil agree on, not the entered ones', () => {
    const columns = after(0.29, ground)
    expect(columns.fieldCapacity).toBeGreaterThan(0.27)
    expect(columns.fieldCapacity - columns.wiltingPoint).toBeCloseTo(0.13, 9)
    expect(columns.depletionMm).toBeLessThan(6)
  })

  it('of a soil that drains to less: the wilting point stays, and less is between them', () => {
    const columns = after(0.21, ground)
    expect(columns.fieldCapacity).toBeLessThan(0.24)
    expect(columns.wiltingPoint).toBeCloseTo(ground.limits.wiltingPoint, 9)
    expect(columns.tawMm / columns.rootDepthM).toBeLessThan(122)
  })

  it('that are known exactly stay as entered: the probes are wrong', () => {
    expect(after(0.29, { ...ground, limitsSd: 0 }).fieldCapacity).toBeCloseTo(0.25, 9)
  })

  it('one wrong probe of five does not discard what the others have shown', () => {
    const agreeing = readings(0.29)
    const water = fieldAt(0.05, ground, agreeing)
    const jitter = (k: number) => 0.001 * (k % 3)
    for (let k = 0; k < 20; k++)
      dayOf(water, {
        rainMm: 8,
        sensors: agreeing.map((sensor, s) => ({
          ...sensor,
          vwc: jitter(k) + (s === 4 && k >= 10 ? 0.13 : 0.29),
        })),
      })
    expect(water.sensors[4]!.probe.contradicts).toBe('stays-dry')
    const { columns } = dayOf(water, { sensors: [], rainMm: 8 })
    expect(columns.fieldCapacity).toBeGreaterThan(0.265)
  })
})

describe('a crop that is cut several times', () => {
  const alfalfa: Ground = { ...ground, crop: cropOf('alfalfa')!, calendarD: 1 }
  const on = siteOf(alfalfa)
  const start = (calendarD: number) =>
    waterAtStart(
      { ...alfalfa, calendarD },
      on,
      { stored: null, row: undefined },
      { day: TODAY, sensors: [], waterTableM: null },
    ).water

  it('begins its next cycle with short leaves on grown roots, also when it is read back', () => {
    const water = start(1)
    const depthsM: number[] = []
    for (let k = 0; k < 120; k++)
      depthsM.push(uplandDay(alfalfa, on, water, { ...sunny, rainMm: 6 }).columns.rootDepthM)
    expect(water.isRegrown).toBe(true)
    expect(water.ageD).toBeLessThan(120)
    expect(depthsM.at(-1)).toBeGreaterThan(0.9 * Math.max(...depthsM))
    const body = storeWater(water, { crop: alfalfa.crop.id, plantedDay: PLANTED, efficiency: 1 })
    const again = waterAtStart(
      { ...alfalfa, calendarD: 121 },
      on,
      { stored: body, row: undefined },
      { day: addDays(TODAY, 120), sensors: [], waterTableM: null },
    ).water
    expect(again.rootDepthAt(1)).toBe(water.rootDepthAt(1))
  })

  it('that was planted long ago is as old as its last cut', () => {
    const water = start(400)
    expect(water.isRegrown).toBe(true)
    expect(water.ageD).toBeLessThan(120)
  })
})

describe('the stored water', () => {
  const sensors: SensorReading[] = [
    { id: 'probe/20', depthM: 0.2, vwc: 0.2 },
    { id: 'probe/50', depthM: 0.5, vwc: 0.22 },
  ]
  const season = { crop: ground.crop.id, plantedDay: PLANTED, efficiency: 1 }
  const stored = () => {
    const water = fieldAt(0.3, ground, sensors)
    dayOf(water, { sensors })
    return { water, body: storeWater(water, season) }
  }
  const restored = (
    body: ReturnType<typeof storeWater>,
    more: { sensors?: SensorReading[]; on?: Ground } = {},
  ) =>
    waterAtStart(
      more.on ?? ground,
      siteOf(more.on ?? ground),
      { stored: body, row: undefined },
      { day: addDays(TODAY, 1), sensors: more.sensors ?? sensors, waterTableM: null },
    )

  it('is read back to a thousandth of a millimetre', () => {
    const { water, body } = stored()
    const again = restored(body)
    expect(again.from).toBe('balance')
    const [before, after] = [meanMember(water.ensemble, water), meanMember(again.water.ensemble, again.water)]
    expect(after.depletionMm).toBeCloseTo(before.depletionMm, 3)
    expect(after.sdMm).toBeCloseTo(before.sdMm, 3)
    expect(after.use).toBeCloseTo(before.use, 4)
    expect(again.water.growth).toEqual(water.growth)
    expect(again.water.sensors).toEqual(water.sensors)
    expect(JSON.stringify(body).length).toBeLessThan(20_000)
  })

  it('keeps a sensor that is silent, and takes in a new one without a known error', () => {
    const { body } = stored()
    const added = [sensors[0]!, { id: 'other/40', depthM: 0.4, vwc: 0.21 }]
    const { water } = restored(body, { sensors: added })
    expect(water.sensors.map(({ id }) => id)).toEqual(['probe/20', 'other/40', 'probe/50'])
    const next = storeWater(water, season)
    expect(sensorBias(next, 'probe/20')!.mean).toBeCloseTo(sensorBias(body, 'probe/20')!.mean, 4)
    expect(sensorBias(next, 'other/40')!.sd).toBeGreaterThan(0.025)
    expect(sensorBias(next, 'elsewhere/40')).toBeNull()
  })

  it('keeps its water under another field capacity, with more doubt', () => {
    const { water, body } = stored()
    const on = { ...ground, limits: { fieldCapacity: 0.3, wiltingPoint: 0.12 } }
    const again = restored(body, { on }).water
    const [before, after] = [meanMember(water.ensemble, water), meanMember(again.ensemble, again)]
    expect(Math.abs(after.depletionMm - before.depletionMm)).toBeLessThan(1.5)
    expect(after.sdMm).toBeGreaterThan(before.sdMm)
  })

  it('keeps the water of the layers above a rock that is entered later, and loses those below', () => {
    const { water, body } = stored()
    const on = { ...ground, soilDepthM: 0.6 }
    const again = restored(body, { on })
    expect(again.from).toBe('balance')
    const { ensemble, sensors: memories, growth } = again.water
    expect(ensemble.layers.at(-1)!.toM).toBe(0.6)
    expect(deficitBetween(ensemble, 0, 0.6)).toBeCloseTo(deficitBetween(water.ensemble, 0, 0.6), 2)
    expect(meanMember(ensemble, again.water).use).toBeCloseTo(meanMember(water.ensemble, water).use, 4)
    expect([memories, growth]).toEqual([water.sensors, water.growth])
    const deep = restored(storeWater(again.water, season)).water.ensemble
    expect(deep.layers).toEqual(water.ensemble.layers)
    expect(deficitBetween(deep, 0, 0.6)).toBeCloseTo(deficitBetween(water.ensemble, 0, 0.6), 0)
    // below the rock that was none: as dry as the lowest layer, within 3.5 % vol.
    const lowest = deficitBetween(deep, 0.55, 0.6) / 50
    const below = deficitBetween(deep, 0.6, 1.2) / 600
    expect(Math.abs(below - lowest)).toBeLessThan(0.02)
  })

  it('is not that of another season or crop', () => {
    const { body } = stored()
    const restoreAs = (more: Partial<typeof season>) =>
      restoreWater({ ...body, ...more }, site, {
        plantedDay: PLANTED,
        layers: body.layers,
        sensors,
        seed: 'x',
        waterTableM: null,
        survivedFrostDay: null,
      })
    expect(restoreAs({ plantedDay: '2025-05-01' })).toBeNull()
    expect(restoreAs({ crop: 'wheat' })).toBeNull()
    expect(restoreAs({})).not.toBeNull()
  })
})

describe('a frost', () => {
  const grown = { ...ground, calendarD: 61 }
  const of = (on: Ground, minC: number): FieldWater => {
    const water = fieldAt(0.3, on)
    dayOf(water, { night: { day: TODAY, minC } }, on)
    return water
  }

  it('of -2.2 °C ends maize once half of its leaves have grown, and not before', () => {
    expect(of(grown, -2.2).killedBy).toEqual({ day: TODAY, minC: -2.2 })
    expect(of(grown, -2.1).killedBy).toBeNull()
    expect(of(ground, -5).killedBy).toBeNull()
  })

  it('is remembered, until a person reports that the crop lives', () => {
    const water = of(grown, -3)
    dayOf(water, { night: { day: addDays(TODAY, 1), minC: 12 } }, grown)
    const body = storeWater(water, { crop: 'maize', plantedDay: PLANTED, efficiency: 1 })
    const again = (survivedFrostDay: string | null) => {
      const x = { day: addDays(TODAY, 2), sensors: [], waterTableM: null }
      return waterAtStart({ ...grown, survivedFrostDay }, site, { stored: body, row: undefined }, x).water
    }
    expect(again(null).killedBy).toEqual({ day: TODAY, minC: -3 })
    expect(again(TODAY).killedBy).toBeNull()
    const alive = { ...grown, survivedFrostDay: TODAY }
    expect(of(alive, -3).killedBy).toBeNull()
    const later = fieldAt(0.3, alive)
    dayOf(later, { night: { day: addDays(TODAY, 1), minC: -3 } }, alive)
    expect(later.killedBy).not.toBeNull()
  })
})

describe('the salt of a field', () => {
  const salty = { ...ground, calendarD: 61, waterEcDsM: 4 }
  const on = siteOf(salty)
  const after = (salt: UplandInputs['salt'], mm: number) => {
    const water = fieldAt(0.5, salty)
    const { columns } = uplandDay(salty, on, water, {
      ...sunny,
      salt: salt ?? null,
      irrigation: irrigation(mm),
    })
    return { water, columns }
  }

  it('lowers the transpiration of its crop', () => {
    const sweet = dayOf(fieldAt(0.5, salty), {}, salty).columns
    // 1.5 x 4 = 6 dS/m, 12 % for each above 1.7 by a Ky of 1.25: Ks = 1 - 0.516 / 1.25
    const { columns } = after(null, 0)
    expect(columns.ks / sweet.ks).toBeCloseTo(1 - 0.516 / 1.25, 1)
  })

  it('starts with a measurement, grows with irrigation, and a newer measurement replaces it', () => {
    const { water } = after({ ecDsM: 2, day: '2026-04-20' }, 20)
    expect(water.salt.ecDsM!).toBeGreaterThan(2)
    expect(water.salt.dueMm).toBeGreaterThan(0)
    uplandDay(salty, on, water, { ...sunny, salt: { ecDsM: 2, day: '2026-04-20' } })
    expect(water.salt.ecDsM!).toBeGreaterThan(2)
    uplandDay(salty, on, water, { ...sunny, salt: { ecDsM: 1.2, day: TODAY } })
    expect(water.salt.ecDsM!).toBeCloseTo(1.2, 3)
    const body = storeWater(water, { crop: 'maize', plantedDay: PLANTED, efficiency: 1 })
    const x = { day: addDays(TODAY, 1), sensors: [], waterTableM: null }
    expect(waterAtStart(salty, on, { stored: body, row: undefined }, x).water.salt).toEqual(water.salt)
  })

  it('is that of the probes on their day, else of an analysis of the last year', () => {
    const entered = { waterEcDsM: null, soilEcDsM: 3, soilEcDay: '2026-04-01' }
    expect(saltReading(entered, 2, TODAY)).toEqual({ ecDsM: 2, day: TODAY })
    expect(saltReading(entered, null, TODAY)).toEqual({ ecDsM: 3, day: '2026-04-01' })
    expect(saltReading({ ...entered, soilEcDay: '2024-04-01' }, null, TODAY)).toBeNull()
    expect(saltReading({ ...entered, soilEcDay: '2026-06-01' }, null, TODAY)).toBeNull()
    expect(saltReading(null, null, TODAY)).toBeNull()
  })
})

describe('the next season of a field', () => {
  const sensors: SensorReading[] = [{ id: 'probe/20', depthM: 0.2, vwc: 0.2 }]
  const last = (daysRecorded: number) => {
    const water = fieldAt(0.3, ground, sensors)
    for (const state of [...water.ensemble.states, ...water.ensemble.unprobed.states])
      state[water.ensemble.layers.length] = 1.1
    water.daysRecorded = daysRecorded
    return storeWater(water, { crop: 'maize', plantedDay: PLANTED, efficiency: 1 })
  }
  const next = (lastSeason: ReturnType<typeof last> | null, on: Ground = ground) =>
    meanMember(
      waterAtStart(
        { ...on, plantedDay: '2027-05-01', calendarD: 1 },
        siteOf(on),
        { stored: null, row: undefined, lastSeason },
        { day: '2027-05-01', sensors, waterTableM: null },
      ).water.ensemble,
      { ageD: 0, rootDepthAt: () => 0.3 },
    )

  it('starts with half of what the last one has learned of its crop', () => {
    expect(next(last(120)).use - next(null).use).toBeCloseTo(0.5 * (1.1 - 0.95), 1)
  })

  it('starts with the tables after a short season, and for another crop', () => {
    expect(next(last(30))).toEqual(next(null))
    const soybean = { ...ground, crop: crops.soybean }
    expect(next(last(120), soybean).use).toBeCloseTo(next(null, soybean).use, 9)
  })
})

describe('an irrigation without a meter', () => {
  const sensors: SensorReading[] = [{ id: 'probe/20', depthM: 0.2, vwc: 0.14 }]
  const dry = (): FieldWater => {
    const water = fieldAt(0.9, ground, sensors)
    dayOf(water, { sensors })
    return water
  }
  const received = (water: FieldWater, vwc: number | null) =>
    receiveIrrigation(water, { orderedMm: 60, measuredMm: null }, { 'probe/20': vwc })

  it('did not arrive where a dry probe that it must have wetted does not rise', () => {
    const water = dry()
    expect(received(water, 0.14)).toEqual({ netMm: 0, isMissing: true })
    expect(isOrderWithheld(water.arrival)).toBe(false)
    received(water, 0.14)
    expect(isOrderWithheld(water.arrival)).toBe(true)
    for (let i = 0; i < 2; i++) receiveIrrigation(water, { orderedMm: 0, measuredMm: null }, {})
    expect(isOrderWithheld(water.arrival)).toBe(false)
  })

  it('arrived where it rises, and is taken to where nothing shows it', () => {
    expect(received(dry(), 0.24)).toEqual({ netMm: 60, isMissing: false })
    expect(received(dry(), null)).toEqual({ netMm: 60, isMissing: false })
  })
})
