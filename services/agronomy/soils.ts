/**
 * Soils by texture: the middle of the ranges of FAO-56 Table 19, and saturation from texture (Rawls, Brakensiek &
 * Saxton 1982, Trans. ASAE 25:1316, total porosity). m³/m³. A field's own measured values are always better.
 */
export interface Soil {
  fieldCapacity: number // thetaFC
  wiltingPoint: number // thetaWP
  saturation: number // thetaS
}

const soil = (
  fieldCapacity: readonly [number, number],
  wiltingPoint: readonly [number, number],
  saturation: number,
): Soil => ({
  fieldCapacity: middle(fieldCapacity),
  wiltingPoint: middle(wiltingPoint),
  saturation,
})

const middle = ([lo, hi]: readonly [number, number]): number => Math.round(((lo + hi) / 2) * 1000) / 1000

export const soils = {
  sand: soil([0.07, 0.17], [0.02, 0.07], 0.437),
  'loamy-sand': soil([0.11, 0.19], [0.03, 0.1], 0.437),
  'sandy-loam': soil([0.18, 0.28], [0.06, 0.16], 0.453),
  loam: soil([0.2, 0.3], [0.07, 0.17], 0.463),
  'silt-loam': soil([0.22, 0.36], [0.09, 0.21], 0.501),
  silt: soil([0.28, 0.36], [0.12, 0.22], 0.501), // not in Rawls: as silt loam
  'silty-clay-loam': soil([0.3, 0.37], [0.17, 0.24], 0.471),
  'silty-clay': soil([0.3, 0.42], [0.17, 0.29], 0.479),
  clay: soil([0.32, 0.4], [0.2, 0.24], 0.475),
  // not in Table 19: water held at 33 and 1500 kPa by Rawls et al.
  'sandy-clay-loam': soil([0.255, 0.255], [0.148, 0.148], 0.398),
  'clay-loam': soil([0.318, 0.318], [0.197, 0.197], 0.464),
  'sandy-clay': soil([0.339, 0.339], [0.239, 0.239], 0.43),
} satisfies Record<string, Soil>

export type Texture = keyof typeof soils

/** The soil of a texture's name ('sandy-loam', 'Sandy loam', 'sandy_loam'); undefined when Table 19 has none. */
export function soilOf(texture: string): Soil | undefined {
  const name = texture.trim().toLowerCase().replaceAll(/[ _]+/g, '-')
  return (soils as Record<string, Soil>)[name]
}
