/** A plot kept as a farm of the product keeps it, on a season without noise. */
import { describe, expect, it } from 'vitest'
import { cropOf } from '../../../services/agronomy/crops/catalogue.ts'
import type { MeasuredPlot } from '../lines/measured-profiles.ts'
import { farmSeason } from './farm-plot.ts'

const limits = { fieldCapacity: 0.25, wiltingPoint: 0.12 }
const crop = cropOf('cotton')!
const DEPTHS_CM = [10, 30, 50, 70, 90, 110]

/** Visited four times, always at this water content. */
const plotAt = (vwc: number): MeasuredPlot => ({
  folder: 'soil-anywhere',
  plot: 'a',
  plantedDay: '2018-04-18',
  hasLimits: true,
  site: { latDeg: 33, elevationM: 361 },
  crop,
  soil: { ...limits, surface: { ...limits, layerM: 0.1, rewMm: 8 } },
  limitsTo: () => limits,
  stationDayOf: () => ({
    tempMinC: 15,
    tempMaxC: 33,
    vapourKPa: 1,
    humidityMinPct: 20,
    windMps: 2,
    radiationMJm2: 28,
    rainMm: 0,
    isWhole: true,
  }),
  dayOf: (age) => ({
    et0Mm: 8,
    rainMm: 0,
    irrigationMm: age % 7 === 0 ? 30 : 0,
    wettedFraction: 1,
    climate: { windMps: 2, humidityMinPct: 20 },
  }),
  visits: [10, 12, 30, 40].map((age) => ({
    age,
    waterMm: (toM: number) => 1000 * vwc * toM,
    layers: DEPTHS_CM.map((depthCm) => ({ depthCm, vwc })),
  })),
})

describe("the farm's own depletion of a plot", () => {
  it('is judged on the visits after those that its probe read, each without its own profile', () => {
    const plot = plotAt(0.2)
    const season = farmSeason(plot, { probed: plot.visits.slice(0, 2), toLearn: 2 })!
    expect(season.map(({ visit }) => visit.age)).toEqual([30, 40])
    for (const { row, measuredMm } of season) {
      expect(row.probeDepletionMm).toBeNull()
      // members whose field capacity is lower hold less than the entered 130 mm
      expect(row.tawMm! / row.rootDepthM!).toBeLessThanOrEqual(130)
      expect(row.tawMm! / row.rootDepthM!).toBeGreaterThan(100)
      expect(measuredMm).toBeCloseTo(1000 * (row.fieldCapacity! - 0.2) * row.rootDepthM!, 9)
    }
  })
  it('is moved by a visit that its probe read, to the side of the measurement', () => {
    const later = (vwc: number, isProbed: boolean) => {
      const plot = plotAt(vwc)
      const probed = isProbed ? plot.visits.slice(0, 1) : []
      return farmSeason(plot, { probed, toLearn: 1 })![0]!.row.depletionMm!
    }
    expect(later(0.27, true)).toBeLessThan(later(0.27, false))
    expect(later(0.13, true)).toBeGreaterThan(later(0.13, false))
  })
  it('needs the place of the station for ET0', () => {
    expect(farmSeason({ ...plotAt(0.2), site: null }, { probed: [], toLearn: 0 })).toBeNull()
  })
})
