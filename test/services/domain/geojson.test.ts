/** Areas of shapes that are known, and what no cut of a field may change. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  areaM2,
  contains,
  insidePoint,
  type Position,
  type Ring,
  type Shape,
} from '../../../services/domain/geojson.ts'
import { readShape } from '../../../services/domain/validate-geojson.ts'

const polygon = (...rings: Ring[]): Shape => ({ type: 'Polygon', coordinates: rings })
const box = (west: number, south: number, east: number, north: number): Ring => [
  [west, south],
  [east, south],
  [east, north],
  [west, north],
  [west, south],
]
const faultOf = (geometry: unknown) => {
  const read = readShape(geometry)
  return 'fault' in read ? read.fault : null
}

describe('the area of a shape', () => {
  it('of the whole earth is 510 065 621.724 km² (WGS 84, NIMA TR8350.2)', () =>
    expect(areaM2(polygon(box(-180, -90, 180, 90))) / 1e6).toBeCloseTo(510_065_621.724, 2))

  it('of one degree by one degree at the equator is 12 308.778 km² less the bulge of a geodesic (GeographicLib)', () => {
    // GeographicLib's Planimeter takes geodesics for edges: the one in the north bulges over its parallel by 2/3 w s
    const width = 111.303 // km of a degree on the parallel of 1°
    const bulge = (2 / 3) * width * 6_378.137 * ((Math.PI / 180) ** 2 / 8) * Math.sin(Math.PI / 180)
    expect(areaM2(polygon(box(0, 0, 1, 1))) / 1e6).toBeCloseTo(12_308.778 - bulge, 2)
  })

  it('of a paddy of 30 m by 100 m in Niigata is 30 a, by the radii of the ellipsoid there', () => {
    // radii of curvature at 37.4° N: M = a(1 - e²)/W³, N = a/W, W² = 1 - e² sin²φ
    const W = Math.sqrt(1 - 0.00669437999014 * Math.sin((37.4 * Math.PI) / 180) ** 2)
    const northDeg = ((100 / ((6_378_137 * (1 - 0.00669437999014)) / W ** 3)) * 180) / Math.PI
    const eastDeg = ((30 / ((6_378_137 / W) * Math.cos((37.4 * Math.PI) / 180))) * 180) / Math.PI
    const paddy = polygon(box(138.9, 37.4 - northDeg / 2, 138.9 + eastDeg, 37.4 + northDeg / 2))
    expect(areaM2(paddy)).toBeCloseTo(3000, 1)
  })

  it('does not count its holes, and counts every part', () => {
    const whole = box(139, 36, 139.01, 36.01)
    const pond = box(139.002, 36.002, 139.004, 36.004)
    expect(areaM2(polygon(whole, pond))).toBeCloseTo(areaM2(polygon(whole)) - areaM2(polygon(pond)), 3)
    const parts: Shape = { type: 'MultiPolygon', coordinates: [[whole], [box(140, 36, 140.01, 36.01)]] }
    expect(areaM2(parts)).toBeCloseTo(2 * areaM2(polygon(whole)), 3)
  })

  const place = fc.record({
    lon: fc.double({ min: -179, max: 178, noNaN: true }),
    lat: fc.double({ min: -80, max: 79, noNaN: true }),
  })
  const corners = fc.array(
    fc.record({
      turn: fc.double({ min: 0, max: 1, noNaN: true }),
      far: fc.double({ min: 0.2, max: 1, noNaN: true }),
    }),
    { minLength: 3, maxLength: 12 },
  )
  /** Corners around a middle, in order: a ring that never crosses itself. */
  const ringAround = (
    lon: number,
    lat: number,
    around: readonly { turn: number; far: number }[],
  ): Position[] => {
    const step = 1 / around.length
    const ring = around.map(({ turn, far }, i): Position => {
      const angle = 2 * Math.PI * (i + 0.8 * turn) * step
      return [lon + 0.004 * far * Math.cos(angle), lat + 0.004 * far * Math.sin(angle)]
    })
    return [...ring, ring[0]!]
  }

  it('of a field that is cut in two is the sum of its parts, wherever it lies and however it is cut', () => {
    fc.assert(
      fc.property(place, corners, fc.nat(), ({ lon, lat }, around, pick) => {
        const ring = ringAround(lon, lat, around)
        const n = ring.length - 1
        fc.pre(n >= 4)
        // a cut from corner 0 to another: signed areas add up whether the cut lies inside or not
        const to = 2 + (pick % (n - 3))
        const [a, b] = [
          [...ring.slice(0, to + 1), ring[0]!],
          [ring[0]!, ...ring.slice(to)],
        ] as [Position[], Position[]]
        const signed = (one: Position[]) => areaM2(polygon(one)) * Math.sign(turnOf(one))
        expect(signed(a) + signed(b)).toBeCloseTo(signed(ring), 3)
      }),
    )
  })

  it('is the same whichever corner comes first, and whichever way round it is drawn', () => {
    fc.assert(
      fc.property(place, corners, fc.nat(), ({ lon, lat }, around, by) => {
        const ring = ringAround(lon, lat, around).slice(0, -1)
        const at = by % ring.length
        const turned = [...ring.slice(at), ...ring.slice(0, at)]
        const closed = (one: Position[]) => polygon([...one, one[0]!])
        expect(areaM2(closed(turned))).toBeCloseTo(areaM2(closed(ring)), 3)
        expect(areaM2(closed(turned.toReversed()))).toBeCloseTo(areaM2(closed(ring)), 3)
      }),
    )
  })

  it('has a point inside for its label, also of a horseshoe and of parts that lie apart', () => {
    fc.assert(
      fc.property(place, corners, ({ lon, lat }, around) => {
        const shape = polygon(ringAround(lon, lat, around))
        expect(contains(shape, insidePoint(shape))).toBe(true)
      }),
    )
    const horseshoe = polygon([
      ...([[0, 0], [3, 0], [3, 3], [2, 3], [2, 1], [1, 1], [1, 3], [0, 3], [0, 0]] as Position[]),
    ]) // prettier-ignore
    expect(contains(horseshoe, insidePoint(horseshoe))).toBe(true)
    const apart: Shape = { type: 'MultiPolygon', coordinates: [[box(0, 0, 1, 1)], [box(0, 9, 1, 10)]] }
    expect(contains(apart, insidePoint(apart))).toBe(true)
  })
})

/** Twice the plane area, with the sign of the way round. */
const turnOf = (ring: readonly Position[]): number =>
  ring.slice(1).reduce((sum, [lon, lat], i) => {
    const [from, south] = ring[i]!
    const [lon0, lat0] = ring[0]!
    return sum + (from - lon0) * (lat - lat0) - (lon - lon0) * (south - lat0)
  }, 0)

describe('a shape that no field can have', () => {
  const at = (...corners: [number, number][]) => ({
    type: 'Polygon',
    coordinates: [corners.map(([x, y]) => [139 + x / 1000, 36 + y / 1000])],
  })

  it('crosses itself like a bow tie', () =>
    expect(faultOf(at([0, 0], [1, 1], [1, 0], [0, 1], [0, 0]))).toBe('crosses-itself'))
  it('meets itself in a corner', () =>
    expect(faultOf(at([0, 0], [2, 0], [1, 1], [2, 2], [0, 2], [1, 1], [0, 0]))).toBe('crosses-itself'))
  it('runs back over its own edge', () =>
    expect(faultOf(at([0, 0], [2, 0], [1, 0], [1, 1], [0, 0]))).toBe('crosses-itself'))
  it('has a hole that extends beyond it or lies outside it', () => {
    for (const hole of [box(139.0005, 36.0005, 139.002, 36.0008), box(139.01, 36, 139.011, 36.001)])
      expect(faultOf(polygon(box(139, 36, 139.001, 36.001), hole))).toBe('crosses-itself')
  })
  it('has one part within another', () =>
    expect(
      faultOf({
        type: 'MultiPolygon',
        coordinates: [[box(139, 36, 139.003, 36.003)], [box(139.001, 36.001, 139.002, 36.002)]],
      }),
    ).toBe('crosses-itself'))
  it('is not closed', () => expect(faultOf(at([0, 0], [1, 0], [1, 1], [0, 1]))).toBe('not-closed'))
  it('is a line', () => expect(faultOf(at([0, 0], [1, 0], [0, 0]))).toBe('few-corners'))
  it('lies outside -180..180: metres of a projection, or the two exchanged', () => {
    expect(faultOf(polygon(box(32_000, -7_000, 32_100, -6_900)))).toBe('outside')
    expect(faultOf(polygon(box(36, 139, 36.001, 139.001)))).toBe('outside')
  })
  it('is smaller than 10 m², or larger than 2,000 ha', () => {
    expect(faultOf(polygon(box(139, 36, 139.00001, 36.00001)))).toBe('tiny')
    expect(faultOf(polygon(box(139, 36, 139.1, 36.1)))).toBe('huge')
  })
  it('has more corners than a phone should draw', () => {
    const round = Array.from({ length: 2_100 }, (_, i): Position => {
      const angle = (2 * Math.PI * i) / 2_100
      return [139 + 0.002 * Math.cos(angle), 36 + 0.002 * Math.sin(angle)]
    })
    expect(faultOf(polygon([...round, round[0]!]))).toBe('too-long')
  })
  it.each([
    [null],
    [{ type: 'Point', coordinates: [139, 36] }],
    [{ type: 'Polygon', coordinates: [] }],
    [{ type: 'MultiPolygon', coordinates: [] }],
    [{ type: 'Polygon', coordinates: [[[139, 'x']]] }],
    [{ type: 'Polygon', coordinates: [[[139, null]]] }],
  ])('is none at all: %o', (geometry) => expect(faultOf(geometry)).toBe('not-a-shape'))
})

describe('a shape that a field can have', () => {
  it('may have a hole that touches its edge in a corner', () =>
    expect(
      faultOf(
        polygon(box(139, 36, 139.004, 36.004), [
          ...([[139, 36.002], [139.002, 36.001], [139.002, 36.003], [139, 36.002]] as Position[]),
        ]), // prettier-ignore
      ),
    ).toBeNull())

  it('is the same text however it was written: heights, finer digits, a position twice', () => {
    const plain = readShape(polygon(box(139, 36, 139.001, 36.001)))
    const odd = readShape({
      type: 'Polygon',
      coordinates: [
        [
          [139.00000000001, 36, 12.5],
          [139, 36, 12.5],
          [139.001, 36],
          [139.001, 36.001],
          [139, 36.0010000000002],
          [139.00000000001, 36],
        ],
      ],
    })
    expect(odd).toEqual(plain)
  })
})
