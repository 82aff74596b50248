/**
 * Field shapes as GeoJSON (RFC 7946): WGS 84, longitude before latitude, rings closed, holes after the outer
 * ring; their area on the ellipsoid, and a point inside. Pure.
 */
export type Position = readonly [lonDeg: number, latDeg: number]
export type Ring = readonly Position[]
export type Shape =
  | { type: 'Polygon'; coordinates: readonly Ring[] }
  | { type: 'MultiPolygon'; coordinates: readonly (readonly Ring[])[] }

/** The polygons of a shape, each an outer ring and its holes. */
export const polygonsOf = (shape: Shape): readonly (readonly Ring[])[] =>
  shape.type === 'Polygon' ? [shape.coordinates] : shape.coordinates

/** Outer rings and holes, polygon by polygon. */
export const ringsOf = (shape: Shape): Ring[] => polygonsOf(shape).flat()

const A_M = 6_378_137 // WGS 84, semi-major axis
const E2 = 0.00669437999014 // its eccentricity squared
const E = Math.sqrt(E2)
const RAD = Math.PI / 180

/**
 * Area on the ellipsoid of WGS 84, m². An edge is straight in longitude and latitude (RFC 7946, 3.1.1), so
 * the parts of a divided field add up exactly.
 */
export function areaM2(shape: Shape): number {
  return polygonsOf(shape).reduce(
    (sum, [outer = [], ...holes]) =>
      sum + holes.reduce((rest, hole) => rest - ringAreaM2(hole), ringAreaM2(outer)),
    0,
  )
}

/** Green's theorem: the signed area between each edge and the equator. */
function ringAreaM2(ring: Ring): number {
  let sum = 0
  for (let i = 1; i < ring.length; i++) {
    const [lon1, lat1] = ring[i - 1]!
    const [lon2, lat2] = ring[i]!
    // Simpson's rule along the edge: its error is far below a square millimetre on any field
    const mean = (q(lat1) + 4 * q((lat1 + lat2) / 2) + q(lat2)) / 6
    sum += (lon2 - lon1) * RAD * mean
  }
  return (Math.abs(sum) * A_M ** 2) / 2
}

/** Twice the area from the equator to a latitude, by a radian and a². Snyder 1987, USGS Prof. Paper 1395, Eq. 3-12. */
function q(latDeg: number): number {
  const sin = Math.sin(latDeg * RAD)
  return (1 - E2) * (sin / (1 - E2 * sin ** 2) - Math.log((1 - E * sin) / (1 + E * sin)) / (2 * E))
}

export interface Box {
  west: number
  south: number
  east: number
  north: number
}

/** In degrees, from the outer rings. A shape across the 180th meridian is not supported. */
export function boundingBox(shape: Shape): Box {
  const box = { west: Infinity, south: Infinity, east: -Infinity, north: -Infinity }
  for (const [lon, lat] of polygonsOf(shape).flatMap(([outer = []]) => outer)) {
    box.west = Math.min(box.west, lon)
    box.east = Math.max(box.east, lon)
    box.south = Math.min(box.south, lat)
    box.north = Math.max(box.north, lat)
  }
  return box
}

/** The edges belong to the box. */
export const isInBox = ([lon, lat]: Position, { west, south, east, north }: Box): boolean =>
  lon >= west && lon <= east && lat >= south && lat <= north

/**
 * Whether a point lies in the shape and outside its holes: a ray to the east crosses an odd number of edges.
 */
export function contains(shape: Shape, [lon, lat]: Position): boolean {
  let isInside = false
  for (const crossing of crossingsAt(shape, lat)) if (crossing > lon) isInside = !isInside
  return isInside
}

/**
 * A point certainly inside, for a label: the middle of the widest piece of the parallel through the middle.
 */
export function insidePoint(shape: Shape): Position {
  const { south, north } = boundingBox(shape)
  let best: Position = ringsOf(shape)[0]![0]!
  let widest = 0
  // a parallel may pass between the parts of a shape: then try others
  for (const share of [0.5, 0.37, 0.61, 0.23, 0.79]) {
    const lat = south + (north - south) * share
    const lons = crossingsAt(shape, lat).sort((a, b) => a - b)
    for (let i = 1; i < lons.length; i += 2) {
      const [from, to] = [lons[i - 1]!, lons[i]!]
      if (to - from <= widest) continue
      widest = to - from
      best = [(from + to) / 2, lat]
    }
    if (widest > 0) return best
  }
  return best
}

/** The crossings of the edges with a parallel; a corner on it counts only with the edge above it. */
function crossingsAt(shape: Shape, lat: number): number[] {
  const lons: number[] = []
  for (const ring of ringsOf(shape))
    for (let i = 1; i < ring.length; i++) {
      const [lon1, lat1] = ring[i - 1]!
      const [lon2, lat2] = ring[i]!
      if (lat1 > lat !== lat2 > lat) lons.push(lon1 + ((lat - lat1) / (lat2 - lat1)) * (lon2 - lon1))
    }
  return lons
}
