/**
 * Soils by texture: the middle of the ranges of FAO-56 Table 19, and saturation from texture (Rawls, Brakensiek &
 * Saxton 1982, Trans. ASAE 25:1316, total porosity). m³/m³. A field's own measured values are always better.
 */
import { table19 } from '../fao56/table19-soil-water.ts'

export interface Soil {
  fieldCapacity: number // thetaFC
  wiltingPoint: number // thetaWP
  saturation: number // thetaS
  rewMm: number // readily evaporable water of the topmost 0.1 m
}

const saturations = {
  sand: 0.437,
  'loamy-sand': 0.437,
  'sandy-loam': 0.453,
  loam: 0.463,
  'silt-loam': 0.501,
  silt: 0.501, // not in Rawls: as silt loam
  'silty-clay-loam': 0.471,
  'silty-clay': 0.479,
  clay: 0.475,
}

// not in Table 19: water held at 33 and 1500 kPa by Rawls et al.; REW = 8 + 0.08 clay % (Allen et al. 2005), unconfirmed
const rawlsSoils = {
  'sandy-clay-loam': { fieldCapacity: 0.255, wiltingPoint: 0.148, saturation: 0.398, rewMm: 10 },
  'clay-loam': { fieldCapacity: 0.318, wiltingPoint: 0.197, saturation: 0.464, rewMm: 11 },
  'sandy-clay': { fieldCapacity: 0.339, wiltingPoint: 0.239, saturation: 0.43, rewMm: 11 },
} satisfies Record<string, Soil>

export type Texture = keyof typeof saturations | keyof typeof rawlsSoils

const middle = ([lo, hi]: readonly [number, number]): number => Math.round(((lo + hi) / 2) * 1000) / 1000

export const soils = {
  ...rawlsSoils,
  ...Object.fromEntries(
    table19.map(([texture, fc, wp, rew]) => [
      texture,
      {
        fieldCapacity: middle(fc),
        wiltingPoint: middle(wp),
        saturation: saturations[texture as keyof typeof saturations],
        rewMm: middle(rew),
      },
    ]),
  ),
} as Record<Texture, Soil>

/**
 * The name in the tables for a texture's name ('Sandy loam', 'sandy_loam'): 'sandy-loam'; undefined when there is
 * none.
 */
export function textureOf(texture: string): Texture | undefined {
  const name = texture.trim().toLowerCase().replaceAll(/[ _]+/g, '-')
  return Object.hasOwn(soils, name) ? (name as Texture) : undefined
}

/** The soil of a texture's name; undefined when Table 19 has none. */
export function soilOf(texture: string): Soil | undefined {
  const name = textureOf(texture)
  return name && soils[name]
}
