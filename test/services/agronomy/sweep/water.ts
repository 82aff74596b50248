/** Domains of the sweep: soils, root zones, crops and their water. */
import fc from 'fast-check'
import { crops } from '../../../../services/agronomy/crops/catalogue.ts'
import {
  n,
  int,
  or,
  list,
  t,
  of,
  wholly,
  share,
  mm,
  percent,
  texture,
  limits,
  rootM,
  heatModel,
  vwc,
  type Domains,
} from './values.ts'

const taw = n(5, 300)
const drTaw = t(taw, share).map(([tawMm, part]) => ({ tawMm, depletionMm: tawMm * part }))
const p = n(0.1, 0.8)
const crop = wholly(of(...Object.values(crops)))
const ageD = n(0, 400)
const climate = fc.record({ windMps: n(0, 12), humidityMinPct: percent })
const kc = n(0.1, 1.25)
const vwcHours = list(or(vwc), 0, 200)
const limitEstimate = fc.record({
  v: n(0.1, 0.5),
  sd: n(0.005, 0.05),
  from: of('field', 'learned'),
  events: int(0, 9),
})
const learnedLimits = fc.record({
  fieldCapacity: or(n(0.1, 0.5)),
  fieldCapacitySd: or(n(0.005, 0.05)),
  peaks: int(0, 9),
  wiltingPoint: or(n(0.02, 0.3)),
  wiltingPointSd: or(n(0.005, 0.05)),
  dryDowns: int(0, 9),
})
const layer = t(n(0, 0.5), n(0.05, 0.5), limits).map(([fromM, thick, some]) => ({
  fromM,
  toM: fromM + thick,
  ...some,
}))
const layers = t(
  list(t(n(0.05, 0.5), limits, share), 0, 5),
  fc.record({ rootDepthM: rootM, p, inMm: mm, evaporationMm: n(0, 8), transpirationMm: n(0, 12) }),
).map(([some, x]) => {
  let depth = 0
  const built = some.map(([thick, own]) => ({ fromM: depth, toM: (depth += thick), ...own }))
  const depletionMm = built.map((one, i) => {
    const holds = 1000 * (one.fieldCapacity - one.wiltingPoint) * (one.toM - one.fromM)
    return holds * some[i]![2]
  })
  return { layers: built, depletionMm, ...x }
})
const balance = t(drTaw, fc.record({ p, etcMm: n(0, 15), rainMm: mm, irrigationMm: mm })).map(([a, b]) => ({
  ...a,
  ...b,
}))
const irrigation = fc.record({ mm, wettedFraction: n(0.05, 1), isUnderCanopy: fc.boolean() })
const dual = t(
  drTaw,
  fc.record({
    surfaceDepletionMm: n(0, 25),
    wettedFraction: n(0.05, 1),
    kcb: n(0.15, 1.2),
    heightM: n(0, 8),
    climate,
    pTable: p,
    tewMm: n(26, 40),
    rewMm: n(3, 12),
    layerShare: share,
    curveNumber: or(n(20, 98)),
    et0Mm: n(0, 15),
    dayShare: share,
    rainMm: mm,
    irrigation,
    capillaryMm: n(0, 10),
  }),
).map(([{ tawMm, depletionMm }, { surfaceDepletionMm, wettedFraction, ...x }]) => ({
  before: { depletionMm, surfaceDepletionMm, wettedFraction },
  kcMin: 0.15,
  tawMm,
  ...x,
}))
const uncertainty = fc.record({
  sdMm: n(0, 50),
  kcSdMm: n(0, 3),
  et0SdMm: n(0, 3),
  rainSdMm: n(0, 6),
  irrigationSdMm: n(0, 6),
})
const drained = fc.record({ deepPercolationMm: n(0, 50) })
export const ofWater: Domains = {
  'water/capillary.ts': {
    capillaryRiseMm: t(texture, or(n(0.1, 6)), rootM, mm, taw),
  },
  'crops/catalogue.ts': { cropOf: t(of('maize', 'Paddy', 'onion', 'moon dust', '')) },
  'water/dry-downs.ts': { dryDowns: t(vwcHours), fitDryDown: t(list(vwc, 4, 40)) },
  'water/dual-day.ts': { dualDay: t(dual) },
  'water/dual-kc.ts': {
    kcMaxOf: t(kc, n(0, 8), climate),
    coverOf: t(kc, fc.constant(0.15), n(1.25, 1.5), n(0, 8)),
    exposedWetOf: t(share, n(0.01, 1), fc.boolean()),
    tewMm: t(limits, n(0.05, 0.2)),
    krOf: t(n(0, 40), n(10, 40), n(2, 10)),
    keOf: t(share, n(1.05, 1.4), kc, n(0.01, 1)),
    wettedFractionOf: t(n(0.01, 1), mm, irrigation),
    combinedWettedFraction: t(mm, irrigation),
    layerTranspirationOf: t(
      fc.record({ depletionMm: n(0, 20), tewMm: n(20, 40) }),
      fc.record({ depletionMm: n(0, 100), tawMm: n(100, 200) }),
      share,
    ),
    consistentSurfaceMm: t(
      fc.record({ depletionMm: n(0, 20), toWiltingMm: n(5, 20), wettedFraction: n(0.05, 1) }),
      fc.record({ depletionMm: n(0, 100), tawMm: n(100, 200) }),
    ),
  },
  'crops/growth.ts': {
    stageOf: t(crop, ageD),
    seasonLengthD: t(crop),
    daysByHeat: t(crop, n(0, 4000)),
    kcOf: t(crop, ageD, climate),
    kcbOf: t(crop, ageD, climate),
    heightShare: t(crop, ageD),
    heightM: t(crop, ageD),
    kcClimatic: t(kc, n(0.1, 8), climate),
    rootDepthM: t(crop, ageD),
  },
  'crops/nutrients.ts': {
    nutrientsKgHa: t(
      or(n(0, 1e6)),
      n(1, 1e6),
      fc.record({ nPct: or(percent), p2o5Pct: or(percent), k2oPct: or(percent) }),
    ),
  },
  'water/runoff.ts': {
    runoffMm: t(n(0, 300), n(20, 100)),
    curveNumberToday: t(n(20, 98), n(0, 30), n(15, 40), n(3, 12)),
    curveNumberOf: t(texture, of('row', 'grain', 'orchard')),
  },
  'water/salinity.ts': {
    saltThresholdDsM: t(of('tomato', 'onions-dry', 'apple', 'moon dust')),
    saltEffect: t(of('maize', 'onions-dry', 'apple'), of(null, 0.5, 1.25), n(0, 20)),
    leachingShare: t(n(0, 10), n(0.5, 8)),
    leachingMm: t(mm, n(0, 0.33)),
    extractEcDsM: t(n(0, 5), n(0.02, 0.55), n(0.3, 0.6)),
  },
  'water/soil-layers.ts': {
    layersAround: t(
      list(n(0, 120), 0, 4),
      rootM,
      of(() => ({ fieldCapacity: 0.3, wiltingPoint: 0.1 })),
    ),
    layerDepletionMm: t(layer, vwc),
    layerTawMm: t(layer),
    layersDay: t(layers),
  },
  'water/soil-limits.ts': {
    enteredLimits: t(limits),
    learnLimits: t(vwcHours, n(0.1, 0.45)),
    combineLimits: t(
      fc.record({ fieldCapacity: limitEstimate, wiltingPoint: limitEstimate }),
      list(learnedLimits, 0, 3),
    ),
  },
  'water/soil-water.ts': {
    tawMm: t(limits, rootM),
    pAdjusted: t(p, n(0, 15)),
    rawMm: t(taw, p),
    ksOf: t(n(0, 300), taw, p),
    balanceDay: t(balance),
    depletionSdMm: t(uncertainty, drained, taw),
    balanceSdMm: t(uncertainty, drained, taw),
    unknownSdMm: t(taw),
  },
  'water/soils.ts': { textureOf: t(texture), soilOf: t(texture) },
  'crops/from-tables.ts': {
    cropFromTables: t(of('onion', 'moon dust'), wholly(heatModel), fc.constant('source')),
  },
  'water/wetting-peaks.ts': { wettingPeaks: t(vwcHours) },
  'crops/yield-response.ts': { kyOf: t(of('maize', 'x')), yieldShare: t(n(0.2, 1.5), n(0, 900), n(0, 900)) },
}
