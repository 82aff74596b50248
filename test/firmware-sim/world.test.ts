import { describe, expect, it } from 'vitest'
import { HOUR_MS } from '../../broker/contract/time.ts'
import { crop } from '../../firmware-sim/field/crop.ts'
import { cropKinds } from '../../firmware-sim/field/crop-kinds.ts'
import { potentialMm } from '../../firmware-sim/field/evaporation.ts'
import { insects } from '../../firmware-sim/field/insects.ts'
import { paddy } from '../../firmware-sim/field/paddy.ts'
import { weatherAt } from '../../firmware-sim/weather/weather.ts'
import { weatherFromNormals } from '../../firmware-sim/weather/weather-normals.ts'
import { midnight, plain, riceField, soybeanOnLoam, steady, worldFrom } from './places.ts'

describe('a field in the world', () => {
  it('accounts for every millimetre of rain, irrigation, runoff, drainage and evaporation', () => {
    const rainy = weatherFromNormals('rice-plain', '2026-01-01', '2')
    const underSprinklers = { ...soybeanOnLoam, id: 'sprinkled', arrivingShare: 0.8 }
    const world = worldFrom('2026-05-20', [soybeanOnLoam, underSprinklers, riceField], rainy)
    for (let day = 0; day < 120; day++) {
      if (day % 5 === 0) for (const field of world.fields) world.addWater(field, 18)
      world.advanceTo(midnight('2026-05-20', day + 1))
      for (const field of world.fields) {
        const s = world.summary(field)
        const out = s.runoffMm + s.drainageMm + s.lostMm + s.evaporationMm + s.transpirationMm
        expect(Math.abs(s.startStorageMm + s.rainMm + s.appliedMm - out - s.storageMm)).toBeLessThan(1e-6)
      }
    }
    expect(world.summary('north-3').rainMm).toBeGreaterThan(200)
    expect(world.summary('north-3').lostMm).toBe(0)
    expect(world.summary('sprinkled').lostMm).toBeCloseTo(0.2 * 24 * 18, 6)
  })

  it('dries under a soybean, and irrigation wets it again', () => {
    const world = worldFrom('2026-07-01', [soybeanOnLoam])
    const wet = world.moistureAt('north-3', 15)
    world.advanceTo(midnight('2026-07-01', 20))
    const dry = world.moistureAt('north-3', 15)
    expect(dry).toBeLessThan(wet - 0.04)
    world.addWater('north-3', 30)
    world.advanceTo(midnight('2026-07-01', 21))
    expect(world.moistureAt('north-3', 15)).toBeGreaterThan(dry + 0.04)
    expect(world.summary('north-3').appliedMm).toBe(30)
  })

  it('yields less with less water, and fully without water stress', () => {
    const season = (mmEvery5Days: number) => {
      const world = worldFrom('2026-05-20', [soybeanOnLoam])
      for (let day = 0; day < 110; day++) {
        if (day % 5 === 0) world.addWater('north-3', mmEvery5Days)
        world.advanceTo(midnight('2026-05-20', day + 1))
      }
      return world.summary('north-3')
    }
    const [none, half, full] = [season(0), season(10), season(30)]
    expect(full.relativeYield).toBeGreaterThan(0.97)
    expect(full.stressDays).toBe(0)
    expect(half.relativeYield).toBeLessThan(full.relativeYield)
    expect(none.relativeYield).toBeLessThan(half.relativeYield)
    expect(none.stressDays).toBeGreaterThan(half.stressDays)
    expect(none.relativeYield).toBeGreaterThanOrEqual(0)
  })

  it('does not depend on the times of reading', () => {
    const [once, often] = [1, 2].map(() => worldFrom('2026-06-10', [soybeanOnLoam]))
    for (let at = midnight('2026-06-10'); at < midnight('2026-06-20'); at += 7 * 60_000) often!.advanceTo(at)
    for (const world of [once!, often!]) world.advanceTo(midnight('2026-06-20'))
    expect(often!.summary('north-3')).toEqual(once!.summary('north-3'))
  })

  it('excludes rain under a film greenhouse', () => {
    const world = worldFrom('2026-06-10', [{ ...soybeanOnLoam, isCovered: true }], steady({ rainMm: 20 }))
    world.advanceTo(midnight('2026-06-11'))
    expect(world.summary('north-3').rainMm).toBe(0)
  })

  it('has soil temperatures that follow the air later and less with depth', () => {
    const world = worldFrom('2026-06-10', [soybeanOnLoam])
    const swing = (depthCm: number) => {
      const temps = Array.from({ length: 24 }, (_, hour) => {
        world.advanceTo(Math.max(world.nowMs(), midnight('2026-06-20') + hour * HOUR_MS))
        return world.soilTempC(depthCm)
      })
      return Math.max(...temps) - Math.min(...temps)
    }
    const shallow = swing(5)
    expect(shallow).toBeGreaterThan(1)
    expect(swing(50)).toBeLessThan(shallow / 5)
  })

  it('refuses invalid values', () => {
    expect(() => worldFrom('2026-06-10', [soybeanOnLoam, soybeanOnLoam])).toThrow('north-3 stands twice')
    expect(() => worldFrom('2026-06-10', [{ ...soybeanOnLoam, areaM2: 0 }])).toThrow('areaM2 must be above 0')
    expect(() => worldFrom('2026-06-10', [soybeanOnLoam]).moistureAt('south', 10)).toThrow('no field south')
    expect(() => worldFrom('2026-06-10', [soybeanOnLoam]).addWater('north-3', -1)).toThrow('0 mm or more')
    expect(() => worldFrom('2026-12-30', [soybeanOnLoam]).advanceTo(midnight('2026-12-31', 2))).toThrow(
      'steady ends on 2026-12-31',
    )
  })
})

describe('the evaporative demand of the air', () => {
  it('is about the reference ET of a hot desert in June and of a mild day on the rice plain', () => {
    const dayOf = (source: ReturnType<typeof steady>, site = plain) => {
      const weather = weatherAt(source, site, '1')
      let mm = 0
      for (let h = 0; h < 24; h++)
        mm += potentialMm(
          weather,
          midnight('2026-06-20') + h * HOUR_MS,
          midnight('2026-06-20') + (h + 1) * HOUR_MS,
        )
      return mm
    }
    // AZMET Maricopa, 2012-06-20: 31.16 MJ, 41.1/19.9 °C, dew 1.1 °C, wind 2 m/s at 3 m gave about 9 mm
    const desert = steady({ tempMinC: 20, tempMaxC: 41, dewPointC: 1, windMps: 2, radiationMJm2: 31 })
    expect(dayOf(desert)).toBeGreaterThan(7.2)
    expect(dayOf(desert)).toBeLessThan(10.5)
    // FAO-56 Table 2: humid, moderate days lose 2 to 4 mm, warm ones 4 to 6
    expect(dayOf(steady())).toBeGreaterThan(3.5)
    expect(dayOf(steady())).toBeLessThan(6)
  })
})

describe('a crop', () => {
  it('passes its stages by heat alone', () => {
    const bean = crop(cropKinds.soybean)
    const stages: string[] = []
    for (let day = 0; day < 140; day++) {
      bean.grow(86_400_000, 24, 230, 1)
      if (stages.at(-1) !== bean.stage()) stages.push(bean.stage())
    }
    expect(stages).toEqual(['none', 'young', 'growing', 'flowering', 'ripening', 'ripe'])
    expect(bean.relativeYield()).toBe(1)
    expect(bean.cover()).toBe(0)
  })

  it('is most sensitive to water stress while it flowers', () => {
    const yieldAfterThirst = (fromDay: number) => {
      const maize = crop(cropKinds.maize)
      for (let day = 0; day < 120; day++)
        maize.grow(86_400_000, 25, 250, day >= fromDay && day < fromDay + 14 ? 0.3 : 1)
      return maize.relativeYield()
    }
    // 17 °C·d a day: flowering from day 47 to 68, ripening to day 109
    expect(yieldAfterThirst(50)).toBeLessThan(yieldAfterThirst(80))
  })
})

describe('a paddy', () => {
  it('overflows at its board and never below, as over a weir: most of it in hours, the last in a day', () => {
    const field = paddy({ startLevelMm: 50, outletMm: 80, percolationMmDay: 0 })
    const first = field.step(HOUR_MS, { waterMm: 60, evapotranspirationMm: 0 }).overflowMm
    expect(first).toBeGreaterThan(4)
    expect(first).toBeLessThan(8) // 42 mm/h at 100 mm of head, 7 at 30
    for (let h = 0; h < 48; h++) field.step(HOUR_MS, { waterMm: 0, evapotranspirationMm: 0 })
    expect(field.levelMm()).toBeGreaterThanOrEqual(80)
    expect(field.levelMm()).toBeLessThan(82)
    expect(field.step(HOUR_MS, { waterMm: 0, evapotranspirationMm: 5 }).evaporationMm).toBe(5)
    expect(field.levelMm()).toBeLessThan(80)
    expect(field.step(HOUR_MS, { waterMm: 0, evapotranspirationMm: 0 }).overflowMm).toBe(0)
  })

  it('steps of an hour and of a minute discharge the same', () => {
    const [coarse, fine] = [paddy({ startLevelMm: 180 }), paddy({ startLevelMm: 180 })]
    for (const field of [coarse, fine]) field.setGate(true)
    coarse.step(HOUR_MS, { waterMm: 0, evapotranspirationMm: 0 })
    for (let i = 0; i < 60; i++) fine.step(HOUR_MS / 60, { waterMm: 0, evapotranspirationMm: 0 })
    expect(Math.abs(fine.levelMm() - coarse.levelMm())).toBeLessThan(1) // of 51 mm that left
  })

  it('an open gate drains 50 mm in some hours, a closed one nothing, and never below the soil', () => {
    const field = paddy({ startLevelMm: 50, percolationMmDay: 0 })
    expect(field.step(HOUR_MS, { waterMm: 0, evapotranspirationMm: 0 }).drainedMm).toBe(0)
    field.setGate(true)
    const { drainedMm } = field.step(HOUR_MS, { waterMm: 0, evapotranspirationMm: 0 })
    expect(drainedMm).toBeGreaterThan(12)
    expect(drainedMm).toBeLessThan(14)
    for (let h = 0; h < 12; h++) field.step(HOUR_MS, { waterMm: 0, evapotranspirationMm: 0 })
    expect(field.levelMm()).toBe(0)
  })

  it('a hole in the bund loses water while the field is flooded, and more with depth', () => {
    const lost = (startLevelMm: number) => {
      const field = paddy({ startLevelMm, percolationMmDay: 0 })
      field.setLeak(24)
      return field.step(HOUR_MS, { waterMm: 0, evapotranspirationMm: 0 }).leakMm
    }
    expect(lost(50)).toBeCloseTo(1, 1)
    expect(lost(80)).toBeGreaterThan(lost(50))
    expect(lost(-20)).toBe(0)
  })

  it('a storm over a high board fills up to the bund and overtops it', () => {
    const field = paddy({ startLevelMm: 100, outletMm: 250, bundMm: 300, percolationMmDay: 0 })
    const { overBundMm } = field.step(HOUR_MS / 6, { waterMm: 250, evapotranspirationMm: 0 })
    expect(overBundMm).toBeGreaterThan(40)
    expect(field.levelMm()).toBe(300)
  })

  it('accounts for every millimetre of storms, gates and holes', () => {
    const field = paddy({ startLevelMm: 60 })
    const start = field.storageMm()
    let [inMm, outMm] = [0, 0]
    for (let h = 0; h < 500; h++) {
      if (h % 97 === 0) field.setGate(h % 2 === 0)
      if (h % 61 === 0) field.setOutlet((h % 7) * 40 - 40)
      if (h === 200) field.setLeak(30)
      const waterMm = h % 50 < 3 ? 40 : h % 11 === 0 ? 12 : 0
      const out = field.step(HOUR_MS, { waterMm, evapotranspirationMm: 0.2 })
      inMm += waterMm
      outMm +=
        out.overflowMm + out.drainedMm + out.overBundMm + out.leakMm + out.percolationMm + out.evaporationMm
    }
    expect(field.storageMm() - start).toBeCloseTo(inMm - outMm, 6)
  })

  it('falls by its percolation and evaporation, faster once below the surface', () => {
    const field = paddy({ startLevelMm: 40, percolationMmDay: 10 })
    const falls: number[] = []
    for (let day = 0; day < 5; day++) {
      const before = field.levelMm()
      for (let h = 0; h < 24; h++) field.step(HOUR_MS, { waterMm: 0, evapotranspirationMm: 0.25 })
      falls.push(before - field.levelMm())
    }
    expect(falls[0]).toBeGreaterThan(16)
    expect(falls[0]).toBeLessThan(18)
    expect(falls[4]).toBeGreaterThan(2.5 * falls[0]!)
    expect(falls[4]).toBeLessThan(falls[3]!) // less water stands above the pan
  })

  it.each([4, 10, 16])(
    'takes days from the surface to -150 mm, at %d mm of percolation',
    (percolationMmDay) => {
      const field = paddy({ startLevelMm: 0, percolationMmDay })
      let hours = 0
      for (; field.levelMm() > -150; hours++) field.step(HOUR_MS, { waterMm: 0, evapotranspirationMm: 0.2 })
      expect(hours / 24).toBeGreaterThan(2.5)
      expect(hours / 24).toBeLessThan(6)
    },
  )

  it('is never drier than a drained clay', () => {
    expect(paddy({ startLevelMm: 30 }).vwc()).toBe(0.55)
    expect(paddy({ startLevelMm: -900 }).vwc()).toBeCloseTo(0.36, 9)
  })

  it('stresses the rice below -200 mm, not at the -150 mm of safe wetting and drying', () => {
    expect(paddy({ startLevelMm: -150 }).uptakeShare()).toBe(1)
    expect(paddy({ startLevelMm: -400 }).uptakeShare()).toBeLessThan(0.9)
  })

  it('drains when a person removes the board', () => {
    const field = paddy({ startLevelMm: 60 })
    field.setOutlet(-1)
    for (let h = 0; h < 48; h++) field.step(HOUR_MS, { waterMm: 0, evapotranspirationMm: 0 })
    expect(field.levelMm()).toBeLessThan(5)
  })
})

describe('insects', () => {
  const weather = weatherAt(weatherFromNormals('rice-plain', '2026-01-01', '4'), plain, '4')
  const at = (day: string) => midnight(day)

  it('fly in generations: codling moth has a first flight by mid June and more later', () => {
    const trap = insects('codling-moth', weather, '2026-01-01', 'tree-1')
    expect(trap.caughtUntil(at('2026-04-10'))).toBe(0)
    const first = trap.caughtUntil(at('2026-06-30'))
    expect(first).toBeGreaterThan(10)
    expect(trap.caughtUntil(at('2026-09-15'))).toBeGreaterThan(first + 20)
  })

  it('are counted once: a running total that only grows, the same for the same seed', () => {
    const [a, b] = [1, 2].map(() => insects('codling-moth', weather, '2026-01-01', 'tree-1'))
    const late = b!.caughtUntil(at('2026-08-01'))
    let before = 0
    for (let ms = at('2026-05-01'); ms <= at('2026-08-01'); ms += 5 * HOUR_MS) {
      const now = a!.caughtUntil(ms)
      expect(now).toBeGreaterThanOrEqual(before)
      before = now
    }
    expect(a!.caughtUntil(at('2026-08-01'))).toBe(late)
    expect(insects('codling-moth', weather, '2026-01-01', 'tree-2').caughtUntil(at('2026-08-01'))).not.toBe(
      late,
    )
  })

  it('come at dusk', () => {
    const trap = insects('codling-moth', weather, '2026-01-01', 'tree-1')
    for (let day = 0; day < 60; day++) {
      const from = midnight('2026-06-01', day)
      expect(trap.caughtUntil(from + 17 * HOUR_MS)).toBe(trap.caughtUntil(from))
    }
  })
})
