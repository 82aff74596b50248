/**
 * The shapes of the fields of a simulated co-operative: one row per farm along a lane, each field with its registered
 * area.
 */
import type { FarmPlan, Place } from './co-operative.ts'

export interface FieldShape {
  type: 'Polygon'
  coordinates: [lonDeg: number, latDeg: number][][]
}

const DEPTH_M = 46
const LANE_M = 14
const DITCH_M = 3
const M_PER_DEG = 111_200

/** Shapes by field. The row of a farm is slanted like a valley; the areas stay the same. */
export function fieldShapes({ latDeg, lonDeg, farms }: Place): Map<string, FieldShape> {
  const toDegrees = (eastM: number, northM: number): [number, number] => [
    lonDeg + eastM / (M_PER_DEG * Math.cos((latDeg * Math.PI) / 180)),
    latDeg + northM / M_PER_DEG,
  ]
  return new Map(farms.flatMap((farm, row) => rowOf(farm, row, toDegrees)))
}

function rowOf(
  farm: FarmPlan,
  row: number,
  toDegrees: (eastM: number, northM: number) => [number, number],
): [string, FieldShape][] {
  const slant = 0.22 - 0.12 * row // east for each metre north
  const rise = 0.06 // north for each metre east
  const southM = -row * (DEPTH_M + LANE_M)
  let westM = 9 * row
  return farm.fields.map(({ id, areaM2 }) => {
    const widthM = areaM2 / (DEPTH_M * (1 - slant * rise))
    const corner = (eastM: number, northM: number) =>
      toDegrees(westM + eastM + slant * northM, southM + northM + rise * (westM + eastM))
    const ring = [corner(0, 0), corner(widthM, 0), corner(widthM, DEPTH_M), corner(0, DEPTH_M)]
    westM += widthM + DITCH_M
    return [id, { type: 'Polygon', coordinates: [[...ring, ring[0]!]] }]
  })
}
