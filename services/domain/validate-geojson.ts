/** Validates a drawn or exported shape, and normalises it. Pure. */
import {
  areaM2,
  contains,
  insidePoint,
  polygonsOf,
  ringsOf,
  type Position,
  type Ring,
  type Shape,
} from './geojson.ts'

/** Why a shape cannot be a field. */
export const shapeFaults = [
  'not-a-shape', // no Polygon or MultiPolygon of numbers
  'outside', // no longitude and latitude: metres of a projection, or the two exchanged
  'not-closed',
  'few-corners',
  'too-long',
  'crosses-itself',
  'tiny',
  'huge',
] as const
export type ShapeFault = (typeof shapeFaults)[number]

const MAX_POSITIONS = 2_000
const MAX_RINGS = 40
const MIN_M2 = 10
const MAX_M2 = 20_000_000 // 2,000 ha: a larger shape is a farm, or in another unit
const STEPS_PER_DEGREE = 1e7 // 0.0000001°, about a centimetre

/** The normalised shape, or its first fault. */
export function readShape(geometry: unknown): { shape: Shape } | { fault: ShapeFault } {
  const match = parseShape(geometry)
  if (match === null) return { fault: 'not-a-shape' }
  const fault = coordinateFault(match)
  if (fault !== null) return { fault }
  const shape = normaliseShape(match)
  const later = geometryFault(shape)
  return later === null ? { shape } : { fault: later }
}

/** A stored shape, normalised; null when it is invalid, from before shapes were validated. */
export function usableShape(geometry: unknown): Shape | null {
  const read = readShape(geometry)
  return 'shape' in read ? read.shape : null
}

function parseShape(geometry: unknown): Shape | null {
  if (typeof geometry !== 'object' || geometry === null) return null
  const { type, coordinates } = geometry as { type?: unknown; coordinates?: unknown }
  if (type === 'Polygon' && isRings(coordinates)) return { type, coordinates }
  if (type === 'MultiPolygon' && isList(coordinates) && coordinates.length > 0 && coordinates.every(isRings))
    return { type, coordinates: coordinates as unknown as Ring[][] }
  return null
}

const isList = (value: unknown): value is unknown[] => Array.isArray(value)
const isPosition = (value: unknown): value is Position =>
  isList(value) && value.length >= 2 && Number.isFinite(value[0]) && Number.isFinite(value[1])
const isRings = (value: unknown): value is Ring[] =>
  isList(value) && value.length > 0 && value.every((ring) => isList(ring) && ring.every(isPosition))

function coordinateFault(shape: Shape): ShapeFault | null {
  const rings = ringsOf(shape)
  if (rings.length > MAX_RINGS || rings.reduce((sum, { length }) => sum + length, 0) > MAX_POSITIONS)
    return 'too-long'
  for (const ring of rings)
    if (ring.some(([lon, lat]) => Math.abs(lon) > 180 || Math.abs(lat) > 90)) return 'outside'
  for (const ring of rings) {
    if (ring.length < 3) return 'few-corners'
    const [first, last] = [ring[0]!, ring.at(-1)!]
    if (first[0] !== last[0] || first[1] !== last[1]) return 'not-closed'
  }
  return null
}

function geometryFault(shape: Shape): ShapeFault | null {
  if (ringsOf(shape).some(({ length }) => length < 4)) return 'few-corners'
  if (crossesItself(shape)) return 'crosses-itself'
  const m2 = areaM2(shape)
  return m2 < MIN_M2 ? 'tiny' : m2 > MAX_M2 ? 'huge' : null
}

/**
 * Without heights, to the centimetre, without repeated positions: the same field always has the same text.
 */
function normaliseShape(shape: Shape): Shape {
  const round = (degrees: number) => Math.round(degrees * STEPS_PER_DEGREE) / STEPS_PER_DEGREE || 0 // never -0
  const tidy = (ring: Ring): Ring =>
    ring
      .map(([lon, lat]): Position => [round(lon), round(lat)])
      .filter(([lon, lat], i, all) => i === 0 || lon !== all[i - 1]![0] || lat !== all[i - 1]![1])
  return shape.type === 'Polygon'
    ? { type: 'Polygon', coordinates: shape.coordinates.map(tidy) }
    : { type: 'MultiPolygon', coordinates: shape.coordinates.map((rings) => rings.map(tidy)) }
}

interface Edge {
  from: Position
  to: Position
  ring: Ring
  index: number
  west: number
  east: number
  south: number
  north: number
}

/**
 * Whether edges cross or touch where they may not, a hole lies outside its ring, or a part lies within
 * another.
 */
function crossesItself(shape: Shape): boolean {
  const parts = polygonsOf(shape).map((coordinates): Shape => ({ type: 'Polygon', coordinates }))
  for (const part of parts) {
    const [outer, ...holes] = ringsOf(part)
    const total: Shape = { type: 'Polygon', coordinates: [outer!] }
    if (holes.some((hole) => !hole.some((corner) => contains(total, corner)))) return true
    if (parts.some((other) => other !== part && contains(part, insidePoint(other)))) return true
  }

  const edges = ringsOf(shape)
    .flatMap((ring) => ring.slice(1).map((to, index) => edgeOf(ring, index, to)))
    .sort((a, b) => a.west - b.west)
  for (const [i, edge] of edges.entries())
    for (let j = i + 1; j < edges.length && edges[j]!.west <= edge.east; j++) {
      const other = edges[j]!
      // most pairs lie apart: comparing their boxes is several times faster
      if (other.south <= edge.north && other.north >= edge.south && meets(edge, other)) return true
    }
  return false
}

function edgeOf(ring: Ring, index: number, to: Position): Edge {
  const from = ring[index]!
  const [west, east] = from[0] < to[0] ? [from[0], to[0]] : [to[0], from[0]]
  const [south, north] = from[1] < to[1] ? [from[1], to[1]] : [to[1], from[1]]
  return { from, to, ring, index, west, east, south, north }
}

function meets(a: Edge, b: Edge): boolean {
  const last = a.ring.length - 2
  if (a.ring === b.ring) {
    const [first, second] = a.index < b.index ? [a, b] : [b, a]
    if (second.index === first.index + 1) return turnsBack(first, second)
    if (first.index === 0 && second.index === last) return turnsBack(second, first)
  }
  // an edge on one side of the other one meets it nowhere: most pairs end here
  const ofB = side(a, b.from) * side(a, b.to)
  if (ofB > 0) return false
  const ofA = side(b, a.from) * side(b, a.to)
  if (ofA > 0) return false
  if (ofA < 0 && ofB < 0) return true
  return a.ring === b.ring && (touches(a, b) || touches(b, a)) // different rings may touch in a corner
}

/** Which side of the edge a corner lies on. */
const side = ({ from, to }: Edge, corner: Position): number =>
  Math.sign((to[0] - from[0]) * (corner[1] - from[1]) - (to[1] - from[1]) * (corner[0] - from[0]))

/** A corner of `b` on the edge `a`. */
const touches = (a: Edge, b: Edge): boolean =>
  [b.from, b.to].some((corner) => side(a, corner) === 0 && isBetween(a, corner))

const isBetween = ({ from, to }: Edge, [lon, lat]: Position): boolean =>
  lon >= Math.min(from[0], to[0]) &&
  lon <= Math.max(from[0], to[0]) &&
  lat >= Math.min(from[1], to[1]) &&
  lat <= Math.max(from[1], to[1])

/** The second edge runs back over the first: a spike. */
const turnsBack = (first: Edge, second: Edge): boolean =>
  side(first, second.to) === 0 &&
  (second.to[0] - second.from[0]) * (first.to[0] - first.from[0]) +
    (second.to[1] - second.from[1]) * (first.to[1] - first.from[1]) <
    0
