/** The next event of an insect, from its degree-days and its catches. */
import { describe, expect, it } from 'vitest'
import { daysToRange } from '../../../../services/agronomy/crops/heat-sum.ts'
import { shiftedShareAt } from '../../../../services/agronomy/pests/catch-curve.ts'
import { genericCurve } from '../../../../services/agronomy/pests/catches.ts'
import { flightWindow, pestOutlook, type PestRecord } from '../../../../services/agronomy/pests/outlook.ts'
import { pests } from '../../../../services/agronomy/pests/catalogue.ts'

const moth = pests['codling-moth']
const worm = pests['corn-earworm']

/** Days of 10 °C·d each since the biofix, and 300 insects of a flight with its midpoint at `halfCd`. */
function record(days: number, halfCd: number | null, over: Partial<PestRecord> = {}): PestRecord {
  const curve = genericCurve(worm.generationCd)
  const share = (day: number) => shiftedShareAt(curve, halfCd!, 1, 10 * day)
  return {
    dailyCd: Array.from({ length: days }, () => 10),
    catches: Array.from({ length: days }, (_, day) => ({
      day,
      count: halfCd === null ? 0 : Math.round(300 * (share(day + 1) - share(day))),
    })),
    beforeCd: null,
    learned: [],
    ...over,
  }
}

describe('dates of sums', () => {
  it('past dates are read in the record, future ones extrapolated at its rate, a fifth faster or slower', () => {
    const dailyCd = Array.from({ length: 20 }, () => 10)
    expect(daysToRange([100, 200, 320], dailyCd)).toEqual({ fromDays: -10, midDays: 0, toDays: 15 })
  })
  it('cold weather gives no future date', () => {
    expect(daysToRange([10, 20, 30], [12, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])).toBeNull()
    expect(daysToRange([10, 20, 30], [])).toBeNull()
  })
})

describe('the flight of a sum', () => {
  it('the first flight starts at the first catch; counted from a peak it is centred on it', () => {
    expect(flightWindow(worm, 100)).toMatchObject({ number: 1, fromCd: 0 })
    expect(flightWindow(worm, 500)).toMatchObject({ number: 2, fromCd: worm.generationCd })
    expect(flightWindow(pests['rice-stem-borer'], 300)).toMatchObject({ number: 1, fromCd: -345, toCd: 345 })
    expect(flightWindow(pests['rice-stem-borer'], 400)).toMatchObject({ number: 2 })
  })
  it('is unknown without the length of a generation, or counted from 1 January', () => {
    expect(flightWindow(pests['black-cutworm'], 100)).toBeNull()
    expect(flightWindow(pests['european-corn-borer'], 100)).toBeNull()
  })
})

describe('the outlook', () => {
  it('without catches is the next event, by degree-days alone: 138.9 °C·d at 10 a day after 8 days', () => {
    expect(pestOutlook(moth, record(8, null))).toMatchObject({ key: 'egg-hatch', from: 'sum', midDays: 6 })
  })
  it('an event that is a range starts at its start and ends at its end', () => {
    const outlook = pestOutlook(pests['oriental-fruit-moth'], record(20, null))!
    // 277.8 to 333.3 °C·d, 200 are accumulated
    expect(outlook).toMatchObject({ key: 'treatment', fromDays: 6, midDays: 11, toDays: 17 })
  })
  it('dates the flight from its catches alone once they fall, not while they rise', () => {
    expect(pestOutlook(worm, record(25, 250))).toMatchObject({ key: 'adults', from: 'sum' })
    const outlook = pestOutlook(worm, record(36, 250))!
    expect(outlook).toMatchObject({ key: 'flight-half', from: 'catches' })
    expect(Math.abs(outlook.midDays + 10)).toBeLessThan(5)
    expect(outlook.fromDays).toBeLessThanOrEqual(outlook.midDays)
    expect(outlook.midDays).toBeLessThanOrEqual(outlook.toDays)
  })
  it('combines the learned midpoint with the catches', () => {
    const learned = [{ midCd: 250, sdCd: 30, scaleCd: 45 }]
    const outlook = pestOutlook(worm, record(15, 250, { learned }))!
    expect(outlook).toMatchObject({ key: 'flight-half', from: 'both' })
    expect(Math.abs(outlook.midDays - 10)).toBeLessThan(4)
  })
  it('the published curve of codling moth is used where degree-days are known from 1 January', () => {
    expect(pestOutlook(moth, record(10, 200, { beforeCd: 115 }))).toMatchObject({
      key: 'flight-half',
      from: 'both',
    })
    expect(pestOutlook(moth, record(10, 200))?.from).not.toBe('both')
  })
  it('a flight past its midpoint is followed by the next event', () => {
    expect(pestOutlook(worm, record(46, 250))).toMatchObject({ key: 'next-generation', from: 'sum' })
  })
  it('is null for a biofix that is a year old, and without degree-days', () => {
    expect(pestOutlook(moth, record(301, null))).toBeNull()
    expect(pestOutlook(moth, { ...record(5, null), dailyCd: [null, null, null] })).toBeNull()
  })
})
