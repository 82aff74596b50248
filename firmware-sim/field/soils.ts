/**
 * Physical properties of soils: Campbell's (1974) retention and conductivity with the parameters that Clapp and
 * Hornberger (1978, Table 2) measured for each texture. The farm's registered values (field capacity and so on) are
 * not used here: they are a person's estimate, these are the truth of the simulation.
 */
export interface Soil {
  saturation: number // m3/m3
  airEntryM: number // suction head at which the largest pore empties, m, positive
  b: number // slope of the retention curve
  kSatMps: number
}

const soil = (saturation: number, airEntryCm: number, b: number, kSatCmS: number): Soil => ({
  saturation,
  airEntryM: airEntryCm / 100,
  b,
  kSatMps: kSatCmS / 100,
})

export const soils = {
  sand: soil(0.395, 12.1, 4.05, 0.0176),
  'loamy-sand': soil(0.41, 9, 4.38, 0.0156),
  'sandy-loam': soil(0.435, 21.8, 4.9, 0.00347),
  'silt-loam': soil(0.485, 78.6, 5.3, 0.00072),
  loam: soil(0.451, 47.8, 5.39, 0.0007),
  'sandy-clay-loam': soil(0.42, 29.9, 7.12, 0.00063),
  'silty-clay-loam': soil(0.477, 35.6, 7.75, 0.00017),
  'clay-loam': soil(0.476, 63, 8.52, 0.00025),
  'sandy-clay': soil(0.426, 15.3, 10.4, 0.00022),
  'silty-clay': soil(0.492, 49, 10.4, 0.0001),
  clay: soil(0.482, 40.5, 11.4, 0.00013),
} satisfies Record<string, Soil>

export type SoilName = keyof typeof soils

// suction of field capacity (33 kPa) and wilting point (1500 kPa), as in laboratories
const FIELD_CAPACITY_M = 3.37
const WILTING_POINT_M = 153

/** Water content at a suction head, m3/m3. */
export const vwcAtSuction = (s: Soil, suctionM: number): number =>
  s.saturation * Math.min(1, (suctionM / s.airEntryM) ** (-1 / s.b))

/** The limits that a laboratory would report for this soil, and a farm registers. m3/m3. */
export const limitsOf = (s: Soil) => ({
  fieldCapacity: vwcAtSuction(s, FIELD_CAPACITY_M),
  wiltingPoint: vwcAtSuction(s, WILTING_POINT_M),
  saturation: s.saturation,
})

/** A soil with these limits (m3/m3) and saturated conductivity (mm/h), Campbell's curve through the two points. */
export function soilFromLimits(
  limits: { fieldCapacity: number; wiltingPoint: number; saturation: number },
  kSatMmH: number,
): Soil {
  const { fieldCapacity, wiltingPoint, saturation } = limits
  if (!(0 < wiltingPoint && wiltingPoint < fieldCapacity && fieldCapacity < saturation && saturation < 1))
    throw new RangeError(
      `soil limits must rise: 0 < wilting point ${wiltingPoint} < field capacity ${fieldCapacity} < saturation ${saturation} < 1`,
    )
  const b = Math.log(WILTING_POINT_M / FIELD_CAPACITY_M) / Math.log(fieldCapacity / wiltingPoint)
  return {
    saturation,
    b,
    airEntryM: FIELD_CAPACITY_M * (fieldCapacity / saturation) ** b,
    kSatMps: kSatMmH / 3.6e6,
  }
}
