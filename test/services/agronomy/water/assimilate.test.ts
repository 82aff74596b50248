import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  assimilate,
  carriedForward,
  fromProbe,
  type Assimilated,
} from '../../../../services/agronomy/water/assimilate.ts'
import {
  meanOfProbes,
  probeDepletion,
  type ProbeEstimate,
} from '../../../../services/agronomy/water/probe.ts'
import { depletionSdMm, unknownSdMm } from '../../../../services/agronomy/water/soil-water.ts'
import { soils } from '../../../../services/agronomy/water/soils.ts'

const { loam } = soils
const ROOTS = 0.6
const TAW = 78

describe('probe', () => {
  const at = (vwc: number) => [10, 30, 50].map((depthCm) => ({ depthCm, vwc }))
  it('a profile at field capacity has no depletion; one at wilting point has TAW', () => {
    expect(probeDepletion(at(0.25), loam, ROOTS)!.mm).toBeCloseTo(0, 9)
    expect(probeDepletion(at(0.12), loam, ROOTS)!.mm).toBeCloseTo(78, 9)
    expect(probeDepletion(at(0.5), loam, ROOTS)!.mm).toBe(0)
  })
  it('moisture is linear between two depths and constant beyond them', () => {
    const profile = [
      { depthCm: 40, vwc: 0.23 },
      { depthCm: 20, vwc: 0.15 },
    ]
    // 0-20 cm: 0.10 below FC; 20-40 cm: 0.06 on average; 40-60 cm: 0.02 -> 20 + 12 + 4 mm
    expect(probeDepletion(profile, loam, ROOTS)!.mm).toBeCloseTo(36, 9)
    // roots that end at 30 cm: 20 + 0.08 * 100
    expect(probeDepletion(profile, loam, 0.3)!.mm).toBeCloseTo(28, 9)
  })
  it('is null without a reading', () => {
    expect(probeDepletion([], loam, ROOTS)).toBeNull()
    expect(meanOfProbes([], loam, ROOTS)).toBeNull()
  })
  it('two probes are more certain than one, and one of the whole root zone than one of its top', () => {
    const one = probeDepletion([{ depthCm: 20, vwc: 0.2 }], loam, ROOTS)!
    expect(meanOfProbes([one, one], loam, ROOTS)!.sdMm).toBeLessThan(one.sdMm)
    expect(probeDepletion([{ depthCm: 50, vwc: 0.2 }], loam, ROOTS)!.noiseMm).toBeLessThan(one.noiseMm)
  })
  it('a sensor that reads too wet by 0.05 is correct once its own field capacity is calibrated', () => {
    const wet = [10, 30, 50].map((depthCm) => ({
      depthCm,
      vwc: 0.2 + 0.05,
      fieldCapacity: { v: 0.3, sd: 0.01 },
    }))
    const before = probeDepletion(at(0.25), loam, ROOTS)!
    const after = probeDepletion(wet, loam, ROOTS)!
    expect(after.mm).toBeCloseTo(30, 9)
    expect(after.biasSd).toBeLessThan(before.biasSd)
  })
})

const probe = (rawMm: number): ProbeEstimate => ({
  rawMm,
  mm: Math.min(TAW, Math.max(0, rawMm)),
  noiseMm: 8,
  biasSd: 0.03,
  sdMm: Math.hypot(8, 600 * 0.03),
})
const see = (model: { mm: number; sdMm: number }, rawMm: number, before: Assimilated | null = null) =>
  assimilate(model, probe(rawMm), before, ROOTS, TAW)

describe('balance and probe together', () => {
  it('an uncertain balance moves far towards the probe, a certain one hardly, and neither past it', () => {
    const unsure = see({ mm: 20, sdMm: 22 }, 50)
    const sure = see({ mm: 20, sdMm: 2 }, 50)
    expect(unsure.gain).toBeGreaterThan(0.5)
    expect(sure.gain).toBeLessThan(0.02)
    expect(unsure.mm).toBeLessThan(50)
    expect(unsure.sdMm).toBeLessThan(22)
  })

  it('a hundred readings of the same probe do not reduce the uncertainty below its lasting error', () => {
    let now = see({ mm: 20, sdMm: 22 }, 50)
    const afterOne = now.sdMm
    for (let i = 0; i < 100; i++) now = see(now, 50, now)
    // Dr was known to 22 mm, the bias to 18 mm: together no better than 1/sqrt(1/22² + 1/18²)
    expect(now.sdMm).toBeGreaterThan(13.8)
    expect(now.sdMm).toBeLessThan(afterOne)
    expect(now.mm).toBeLessThan(45)
  })

  it('after the soil has drained the bias is learned', () => {
    let now = see({ mm: 20, sdMm: 22 }, 38)
    for (let day = 0; day < 30; day++) {
      // full every tenth day, known to 3 mm; in between Dr grows by 2 mm a day; the probe reads 18 mm too dry
      const isFull = day % 10 === 0
      const mm = isFull ? 0 : now.mm + 2
      now = see({ mm, sdMm: isFull ? 3 : Math.hypot(now.sdMm, 1) }, 2 * (day % 10) + 18, now)
    }
    expect(now.bias).toBeCloseTo(-0.03, 2)
    expect(now.mm).toBeGreaterThan(12)
    expect(now.mm).toBeLessThan(24)
    expect(now.biasSd).toBeLessThan(0.012)
  })

  it('a probe beyond four standard deviations is rejected on its first day, and accepted if it persists', () => {
    const first = assimilate(
      { mm: 10, sdMm: 3 },
      { ...probe(70), biasSd: 0.01, noiseMm: 5 },
      null,
      ROOTS,
      TAW,
    )
    expect(first).toMatchObject({ isContradicted: true, mm: 10, gain: 0 })
    expect(first.sdMm).toBeGreaterThan(3)
    const second = assimilate(first, { ...probe(70), biasSd: 0.01, noiseMm: 5 }, first, ROOTS, TAW)
    expect(second.isContradicted).toBe(false)
    expect(second.mm).toBeGreaterThan(10)
  })

  it('a season that starts with the probe has its lasting error, and a second reading adds hardly anything', () => {
    const first = fromProbe(probe(40), ROOTS)
    const second = see(first, 40, first)
    expect(second.mm).toBeCloseTo(40, 6)
    expect(second.sdMm).toBeGreaterThan(0.9 * 18)
    expect(carriedForward(first, first.sdMm / 10).shared).toBeLessThan(first.shared / 50)
  })

  it('every value is finite and no uncertainty is negative, for any inputs', () => {
    const real = (min: number, max: number) => fc.double({ min, max, noNaN: true })
    fc.assert(
      fc.property(
        fc.array(fc.tuple(real(-100, 200), real(0, 5)), { minLength: 1, maxLength: 60 }),
        real(0, TAW),
        real(0, 22),
        (days, mm, sdMm) => {
          let now: Assimilated | null = null
          let model = { mm, sdMm }
          for (const [rawMm, growsMm] of days) {
            now = see(model, rawMm, now)
            for (const value of Object.values(now)) expect(Number.isFinite(Number(value))).toBe(true)
            expect(Math.min(now.sdMm, now.biasSd)).toBeGreaterThanOrEqual(0)
            expect(Math.abs(now.shared)).toBeLessThanOrEqual(now.sdMm * now.biasSd + 1e-9)
            expect(now.mm).toBeGreaterThanOrEqual(-1e-9)
            expect(now.mm).toBeLessThanOrEqual(TAW + 1e-9)
            model = { mm: now.mm, sdMm: Math.min(unknownSdMm(TAW), Math.hypot(now.sdMm, growsMm)) }
          }
        },
      ),
    )
  })
})

describe('the 80 % band', () => {
  it('contains the true depletion on 80 of 100 days where every error has its stated size', () => {
    const { inside, normalised } = seasons({ tawMm: 150, kcShare: 0, et0SdMm: 1.5 })
    expect(inside).toBeGreaterThan(0.77)
    expect(inside).toBeLessThan(0.84)
    expect(normalised).toBeGreaterThan(0.85)
    expect(normalised).toBeLessThan(1.15)
  })

  it('is wide rather than narrow where a Kc has a constant error all season and the root zone is often full', () => {
    const { inside } = seasons({ tawMm: TAW, kcShare: 0.15, et0SdMm: 0.8 })
    expect(inside).toBeGreaterThan(0.8)
    expect(inside).toBeLessThan(0.92)
  })
})

/**
 * 300 seasons of a biased, noisy probe; how often the truth lay in the band, and the mean squared error relative to
 * the stated uncertainty.
 */
function seasons({ tawMm, kcShare, et0SdMm }: { tawMm: number; kcShare: number; et0SdMm: number }) {
  const random = seeded(7)
  const inTaw = (mm: number): number => Math.min(tawMm, Math.max(0, mm))
  const etcMm = 4
  let [inside, days, squares] = [0, 0, 0]
  for (let season = 0; season < 300; season++) {
    const kcError = kcShare * gaussian(random)
    const bias = 0.03 * gaussian(random)
    let trueMm = inTaw(tawMm / 2 + START_SD * gaussian(random))
    let model = { mm: tawMm / 2, sdMm: START_SD }
    let now: Assimilated | null = null
    for (let day = 0; day < 60; day++) {
      const irrigationMm = model.mm > tawMm / 2 + 3 ? 35 : 0
      trueMm = inTaw(trueMm + etcMm * (1 + kcError) + et0SdMm * gaussian(random) - irrigationMm)
      const balanceMm = model.mm + etcMm - irrigationMm
      const sdMm = depletionSdMm(
        { sdMm: model.sdMm, kcSdMm: kcShare * etcMm, et0SdMm, rainSdMm: 0, irrigationSdMm: 0 },
        { deepPercolationMm: Math.max(0, -balanceMm) },
        tawMm,
      )
      const seen = probe(trueMm - 600 * bias + 8 * gaussian(random))
      now = assimilate({ mm: inTaw(balanceMm), sdMm }, seen, now, ROOTS, tawMm)
      model = { mm: now.mm, sdMm: now.sdMm }
      days++
      squares += ((now.mm - trueMm) / now.sdMm) ** 2
      if (Math.abs(now.mm - trueMm) <= 1.2816 * now.sdMm) inside++
    }
  }
  return { inside: inside / days, normalised: squares / days }
}
const START_SD = 16

/** Mulberry32: the same numbers on every machine. */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}
const gaussian = (random: () => number): number =>
  Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
