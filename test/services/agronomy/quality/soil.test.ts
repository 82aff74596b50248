/** A synthetic sensor in a synthetic soil: faults, and look-alikes. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { soilFindings } from '../../../../services/agronomy/quality/soil.ts'
import type { SoilRecord } from '../../../../services/agronomy/quality/soil-record.ts'

const HOURS = 30 * 24

/** The same numbers for the same seed, 0-1 (Park & Miller 1988). */
function randomFrom(seed: number): () => number {
  let state = (seed % 2147483646) + 1
  return () => (state = (state * 48271) % 2147483647) / 2147483647
}

/** A month of dry-down with noise of 0.3 % vol, and 12 mm of rain on the tenth day that lifts it by 8 %. */
function sound(seed: number): SoilRecord & { moisturePct: (number | null)[]; waterMm: (number | null)[] } {
  const random = randomFrom(seed)
  const rainAt = 10 * 24
  const moisturePct: (number | null)[] = []
  for (let h = 0; h < HOURS; h++) {
    const since = h - rainAt
    const dry = 12 + 8 * Math.exp(-h / 200)
    const wet = since < 0 ? 0 : 8 * Math.min(1, (since + 1) / 3) * Math.exp(-since / 150)
    const day = 0.3 * Math.sin((2 * Math.PI * h) / 24)
    moisturePct.push(Math.round(10 * (dry + wet + day + 0.6 * (random() - 0.5))) / 10)
  }
  const waterMm: (number | null)[] = Array.from({ length: HOURS }, (_, h) =>
    h >= rainAt && h < rainAt + 3 ? 4 : 0,
  )
  const soilTempC = Array.from({ length: HOURS }, (_, h) => 15 + 4 * Math.sin((2 * Math.PI * h) / 24))
  return { depthCm: 10, stepH: 1, moisturePct, waterMm, soilTempC }
}

const AT = 480
const found = (change: (record: ReturnType<typeof sound>) => void, seed = 1) => {
  const record = sound(seed)
  change(record)
  return soilFindings(record)
}
const put = (record: ReturnType<typeof sound>, hours: number, value: (pct: number) => number | null) => {
  for (let h = AT; h < AT + hours; h++) record.moisturePct[h] = value(record.moisturePct[h]!)
}

describe('a sound sensor', () => {
  it('is not flagged, in dry-down and in rain, whatever its noise', () => {
    for (let seed = 1; seed <= 200; seed++)
      expect(
        found(() => {}, seed),
        `seed ${seed}`,
      ).toEqual([])
  })
  it('may be silent for a while', () => expect(found((r) => put(r, 30, () => null))).toEqual([]))
  it('that is naturally constant, such as a deep one, is not flagged as stuck', () => {
    const steps = Array.from({ length: HOURS }, (_, h) => 20 - 0.1 * Math.floor(h / 30))
    expect(soilFindings({ ...sound(1), moisturePct: steps, waterMm: steps.map(() => 0) })).toEqual([])
  })
  it('of coarse resolution, that flickers between two steps and is then constant for days, is not flagged as stuck', () => {
    const random = randomFrom(3)
    const steps = Array.from({ length: HOURS }, (_, h) => 20 + (h % 60 < 15 && random() < 0.5 ? 0.5 : 0))
    expect(soilFindings({ ...sound(1), moisturePct: steps, waterMm: steps.map(() => 0) })).toEqual([])
  })
  it('with constant runs of 10 to 20 hours and one of 30 is not flagged as stuck', () => {
    const random = randomFrom(5)
    const moves = [...sound(1).moisturePct]
    for (let h = 12; h + 20 < HOURS; h += 36) moves.fill(moves[h]!, h, h + 10 + Math.floor(10 * random()))
    moves.fill(moves[AT]!, AT, AT + 30)
    expect(soilFindings({ ...sound(1), moisturePct: moves }).filter(({ test }) => test === 'stuck')).toEqual(
      [],
    )
  })
  it('that is silent for two days and returns with the same value is not known to be constant', () => {
    const silent = found((r) => {
      put(r, 52, () => null)
      for (const h of [AT - 2, AT - 1, AT + 52, AT + 53]) r.moisturePct[h] = 13.1
    })
    expect(silent).toEqual([])
  })
  it('may rise abruptly and fall gradually after unreported irrigation', () => {
    const rise = (h: number) => 9 * Math.exp(-(h - AT) / 100)
    const findings = found((r) => {
      for (let h = AT; h < HOURS; h++) r.moisturePct[h] = r.moisturePct[h]! + rise(h)
    })
    expect(findings).toEqual([])
  })
  it('of two days only is not checked', () => {
    const { moisturePct, ...rest } = sound(1)
    const short = moisturePct.slice(0, 48).map((pct, h) => (h === 30 ? 50 : pct))
    expect(soilFindings({ ...rest, moisturePct: short })).toEqual([])
  })
})

describe('a fault', () => {
  it('a single value twice or half of its neighbours is a spike', () => {
    expect(found((r) => put(r, 1, (pct) => 2 * pct))).toEqual([{ test: 'spike', from: AT, to: AT + 1 }])
    expect(found((r) => put(r, 1, (pct) => pct / 2))).toEqual([{ test: 'spike', from: AT, to: AT + 1 }])
    expect(found((r) => put(r, 3, (pct) => 2 * pct))).toEqual([{ test: 'spike', from: AT, to: AT + 3 }])
  })
  it('two days at one value are a stuck sensor, also at a normal level', () => {
    const [finding] = found((r) => put(r, 48, () => 13.1))
    expect(finding!.test).toBe('stuck')
    expect(finding!.from).toBeLessThanOrEqual(AT)
    expect(finding!.to).toBeGreaterThanOrEqual(AT + 48)
  })
  it('stuck five times in a month, between other faults, it is found each time: one does not mask another', () => {
    const begins = [60, 190, 330, 460, 590]
    const stuck = found((r) => {
      for (const at of begins) {
        r.moisturePct.fill(r.moisturePct[at]!, at, at + 60)
        r.moisturePct.fill(0, at + 80, at + 100)
      }
    }).filter(({ test }) => test === 'stuck')
    expect(stuck.map(({ from, to }) => begins.find((at) => from <= at && to >= at + 60))).toEqual(begins)
  })
  it('an hour short of a day at one value is not yet', () =>
    expect(found((r) => put(r, 20, () => 13.1)).filter(({ test }) => test === 'stuck')).toEqual([]))
  it('11 % vol more from one hour to the next for a day and a half, with an equal return, is a jump', () =>
    expect(found((r) => put(r, 36, (pct) => pct + 11))).toEqual([{ test: 'jump', from: AT, to: AT + 36 }]))
  it('a jump in the night after rain is distinguished from the rain by its return', () => {
    const findings = found((r) => {
      put(r, 36, (pct) => pct + 11)
      r.waterMm[AT - 5] = 3
    })
    expect(findings).toEqual([{ test: 'jump', from: AT, to: AT + 36 }])
  })
  it('zero for half a day is a drop', () =>
    expect(found((r) => put(r, 14, () => 0)).map(({ from, to }) => [from, to])).toContainEqual([AT, AT + 14]))
  it('zero for half a day while it rains is a drop, although it returns to a higher level', () =>
    expect(
      found((r) => {
        for (let h = 0; h < HOURS; h++) r.moisturePct[h] = r.moisturePct[h]! - 10.5 // some 4 % vol remain
        put(r, 16, () => 0)
        for (let h = AT + 16; h < HOURS; h++) r.moisturePct[h] = r.moisturePct[h]! + 8
        r.waterMm.fill(3, AT + 4, AT + 8)
      }),
    ).toEqual([{ test: 'drop', from: AT, to: AT + 16 }]))
  it('a fall to zero two days after rain is no return of the rise', () => {
    const findings = found((r) => {
      for (let h = AT; h < HOURS; h++) r.moisturePct[h] = r.moisturePct[h]! + 14
      for (let h = 0; h < HOURS; h++) r.moisturePct[h] = r.moisturePct[h]! - 9
      r.waterMm.fill(9, AT - 2, AT)
      r.moisturePct.fill(0, AT + 48, AT + 64)
    })
    expect(findings).toEqual([{ test: 'drop', from: AT + 48, to: AT + 64 }])
  })
  it('a jump to a constant level is a plateau', () => {
    const tests = found((r) => put(r, 30, () => 42)).map(({ test }) => test)
    expect(tests).toContain('plateau')
  })
  it('below 0 °C of the soil a reading is of ice', () => {
    const record = sound(1)
    const soilTempC = record.soilTempC.map((tempC, h) => (h >= 100 && h < 110 ? -0.5 : tempC))
    expect(soilFindings({ ...record, soilTempC })).toEqual([{ test: 'frozen', from: 100, to: 110 }])
  })
  it('20 mm without a response of the topsoil are a fault of the gauge or of the sensor', () => {
    const change = (depthCm: number) => {
      const record = { ...sound(1), depthCm }
      for (let h = 600; h < 604; h++) record.waterMm[h] = 5
      return soilFindings({
        ...record,
        moisturePct: record.moisturePct.map((pct, h) => (h < 596 ? pct : 11.5 - (h - 596) / 500)),
      })
    }
    expect(change(5)).toContainEqual({ test: 'no-response', from: 600, to: 648 })
    expect(change(40).map(({ test }) => test)).not.toContain('no-response')
  })
  it('with unknown water, a rise that leaves water behind is accepted; one that leaves none is not', () => {
    const unknown = (afterPct: number) =>
      found((r) => {
        r.waterMm.fill(null)
        put(r, 1, (pct) => pct + 6)
        for (let h = AT + 1; h < HOURS; h++)
          r.moisturePct[h] = r.moisturePct[h]! + afterPct * Math.exp((AT - h) / 100)
      })
    expect(unknown(3)).toEqual([])
    expect(unknown(0)).toEqual([{ test: 'spike', from: AT, to: AT + 1 }])
  })
})

describe('any record', () => {
  it('findings lie within the record, in order, and the record is unchanged', () => {
    const cell = fc.option(fc.oneof(fc.double({ noNaN: false }), fc.constantFrom(0, 12.5, 60)), { nil: null })
    fc.assert(
      fc.property(
        fc.array(cell, { maxLength: 200 }),
        fc.array(cell, { maxLength: 200 }),
        (moisturePct, rest) => {
          const before = JSON.stringify(moisturePct)
          const findings = soilFindings({ depthCm: 5, stepH: 1, moisturePct, waterMm: rest, soilTempC: rest })
          for (const { from, to } of findings) {
            expect(from).toBeGreaterThanOrEqual(0)
            expect(to).toBeGreaterThan(from)
            expect(to).toBeLessThanOrEqual(moisturePct.length)
          }
          expect(findings.map(({ from }) => from)).toEqual(
            findings.map(({ from }) => from).toSorted((a, b) => a - b),
          )
          expect(JSON.stringify(moisturePct)).toBe(before)
        },
      ),
    )
  })
})
