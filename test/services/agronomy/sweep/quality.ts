/** Domains of the sweep: probes, readings and quality control. */
import fc from 'fast-check'
import { pointsOf, type SoilRecord } from '../../../../services/agronomy/quality/soil-record.ts'
import {
  n,
  int,
  or,
  list,
  t,
  of,
  whole,
  wholly,
  tempC,
  share,
  place,
  limits,
  rootM,
  vwc,
  probe,
  type Domains,
} from './values.ts'

const readings = list(
  t(n(0, 120), vwc, fc.option(fc.record({ v: n(0.1, 0.5), sd: n(0.005, 0.05) }), { nil: undefined })).map(
    ([depthCm, v, fieldCapacity]) => ({ depthCm, vwc: v, fieldCapacity }),
  ),
  0,
  4,
)

const soilRecord: fc.Arbitrary<SoilRecord> = t(
  list(t(or(n(5, 55)), or(n(0, 20)), or(n(-5, 30))), 0, 120),
  or(n(2, 60)),
  of(1, 0.5, 2),
).map(([rows, depthCm, stepH]) => ({
  depthCm,
  stepH,
  moisturePct: rows.map(([pct]) => pct),
  waterMm: rows.map(([, water]) => water),
  soilTempC: rows.map(([, , soilC]) => soilC),
}))
const recordAndPoints = wholly(soilRecord).map((record) => {
  const points = pointsOf(record)
  whole.add(points)
  return [record, points]
})
const manyPoints = wholly(list(n(5, 55), 4, 60).map((some) => some.map((pct, at) => ({ at, h: at, pct }))))
const column = list(or(tempC), 48, 48)

export const ofQuality: Domains = {
  'finite.ts': {
    finite: t(n(0, 9), fc.record({ tempC })),
    assertNumbers: t(fc.record({ tempC })),
  },
  'math.ts': {
    clamp: t(n(-50, 50), n(-10, 0), n(0, 10)),
    sum: t(list(n(-50, 50), 0, 24)),
    mean: t(list(n(-50, 50), 1, 24)),
    medianOf: t(list(n(-50, 50), 1, 20)),
    robustSd: t(list(n(-50, 50), 1, 20)),
  },
  'water/probe.ts': {
    probeDepletion: t(readings, limits, rootM),
    meanOfProbes: t(list(probe, 0, 4), limits, rootM),
  },
  'quality/soil-record.ts': {
    pointsOf: t(soilRecord),
    usualSize: t(
      manyPoints,
      int(1, 3),
      of((some: readonly { pct: number }[], k: number) => some[k]!.pct),
    ),
    fallAt: t(manyPoints, int(1, 3)),
    wiggleAt: t(manyPoints, int(1, 3)),
    isWatered: t(soilRecord, fc.record({ at: int(0, 100), h: n(0, 100), pct: n(5, 50) })),
    quantile: t(list(n(0, 50), 0, 20), share),
  },
  'quality/stuck.ts': { stuck: recordAndPoints },
  'quality/soil.ts': { soilFindings: t(soilRecord) },
  'quality/steps.ts': {
    spikes: recordAndPoints,
    excursions: recordAndPoints,
    minStepPct: t(manyPoints, int(1, 3)),
  },
  'quality/weather.ts': {
    weatherFindings: t(
      t(column, column).map(([temps, dew]) => ({
        hours: temps.map((_, i) => ({ J: 180, midUtcHour: i + 0.5 })),
        tempC: temps,
        dewC: dew,
        radiationWm2: temps.map((one) => (one === null ? null : Math.max(0, 10 * one))),
      })),
      place,
    ),
    neighbourFindings: t(column, list(column, 0, 3)),
  },
  'water/sensor-conversion.ts': {
    toppVwc: t(n(1, 80)),
    hydraProbeVwc: t(n(1, 80)),
    decagon10hsVwc: t(n(300, 1100)),
    decagonEc5Vwc: t(n(500, 1200)),
    twoPointVwc: t(
      n(300, 900),
      fc.record({ rawDry: n(700, 900), rawWet: n(300, 500), vwcDry: n(0, 0.1), vwcWet: n(0.3, 0.5) }),
    ),
    atReferenceTemp: t(vwc, tempC, of({ perC: 0.001, refC: 25 })),
  },
}
