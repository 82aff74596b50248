/** Labels on the map: none covers another, and fields that need attention show most. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { insidePoint } from '../../services/domain/geojson.ts'
import { coOperative } from '../../firmware-sim/demo/co-operative.ts'
import { fieldShapes } from '../../firmware-sim/demo/field-shapes.ts'
import { inJapanese } from '../../firmware-sim/demo/japanese-names.ts'
import { boxesOf, placeLabels as placementsOf, textWidthPx } from '../../dashboard/src/map/place-labels.ts'

const view = { left: 0, top: 0, right: 366, bottom: 490 }
const placeLabels = (...[fields, space]: Parameters<typeof placementsOf>) =>
  new Map([...placementsOf(fields, space)].map(([index, { size }]) => [index, size]))
const around = { view, taken: [], remPx: 16 }
const field = (x: number, y: number, status: 'act' | 'ok' | 'unknown' = 'ok', name = 'North 3') => ({
  x,
  y,
  status,
  name,
  word: '2 mm',
})

describe('the labels of the map', () => {
  it('name every field where there is room, on the side that is free', () => {
    const sizes = placeLabels([field(60, 60), field(340, 300)], around)
    expect([...sizes]).toEqual([
      [0, 'right'],
      [1, 'left'],
    ])
  })

  it('of neighbouring paddies stand next to them, and one without room at the end of a line', () => {
    const sizes = placeLabels([field(150, 60), field(186, 60), field(222, 60, 'act')], around)
    expect([...sizes]).toEqual([
      [2, 'right'],
      [0, 'left'],
      [1, 'far'],
    ])
  })

  it('show the sign of every field before the name of any', () => {
    const sizes = placeLabels([field(100, 60, 'act'), field(140, 60), field(180, 60)], around)
    expect(sizes.size).toBe(3)
    expect(sizes.get(0)).toBe('below')
  })

  it('name the field that needs a person, also between calm ones', () => {
    const calm = [30, 66, 102, 138, 210, 246, 282, 318].map((x) => field(x, 60))
    const sizes = placeLabels([...calm, field(174, 60, 'act')], around)
    expect(sizes.get(calm.length)).toBe('below')
    expect(sizes.size).toBe(calm.length + 1)
  })

  it.each([
    ['English', (name: string) => name],
    ['Japanese', inJapanese],
  ])('name every field of the demonstration on a phone of 390 x 844, in %s', (_language, nameOf) => {
    const [widthPx, heightPx, edgePx] = [366, 708, 24]
    const shapes = fieldShapes(coOperative)
    const fields = coOperative.farms.flatMap((farm) => farm.fields)
    const corners = [...shapes.values()].flatMap(({ coordinates: [ring] }) => ring!)
    const [lons, lats] = [0, 1].map((axis) => corners.map((corner) => corner[axis as 0 | 1]))
    const [west, east] = [Math.min(...lons!), Math.max(...lons!)]
    const [south, north] = [Math.min(...lats!), Math.max(...lats!)]
    const shrink = Math.cos((north * Math.PI) / 180)
    const scale = Math.min(
      (widthPx - 2 * edgePx) / ((east - west) * shrink),
      (heightPx - 2 * edgePx) / (north - south),
    )
    const placed = fields.map(({ id, name }) => {
      const [lon, lat] = insidePoint(shapes.get(id)!)
      return {
        ...field(widthPx / 2 + (lon - (west + east) / 2) * shrink * scale, 0, 'ok', nameOf(name)),
        y: heightPx / 2 - (lat - (south + north) / 2) * scale,
      }
    })
    const buttons = { left: widthPx - 56, right: widthPx - 8, top: 8, bottom: 168 }
    const sizes = placeLabels(placed, {
      view: { left: 0, top: 0, right: widthPx, bottom: heightPx },
      taken: [buttons],
      remPx: 15,
    })
    const unnamed = [...sizes].filter(([, size]) => size === 'sign' || size === 'mark')
    expect(unnamed.map(([index]) => [placed[index]!.name, placed[index]!.x, placed[index]!.y])).toEqual([])
    expect(sizes.size).toBe(fields.length)
  })

  it('leave room for the buttons over the map', () => {
    const taken = [{ left: 310, top: 0, right: 366, bottom: 176 }]
    expect(placeLabels([field(215, 60)], { ...around, taken }).get(0)).toBe('left')
    expect(placeLabels([field(330, 60)], { ...around, taken }).size).toBe(0)
  })

  it('are not cut by the edge of the map', () => {
    expect(placeLabels([field(6, 240)], around).size).toBe(0)
    expect(placeLabels([field(16, 240)], around).get(0)).toBe('far')
    expect(placeLabels([field(30, 240)], around).get(0)).toBe('right')
  })

  it('of fields without a sign are on the field, where they cover nothing', () => {
    const plain = (x: number, y: number) => ({ ...field(x, y), status: null })
    const sizes = placeLabels([plain(100, 60), plain(120, 60), plain(200, 200), plain(10, 300)], around)
    expect([...sizes]).toEqual([
      [0, 'text'],
      [2, 'text'],
    ])
  })

  it('count a letter of Japanese as wide as it is high', () =>
    expect(textWidthPx({ name: '北の田', word: '' }, 16)).toBeGreaterThan(
      1.5 * textWidthPx({ name: 'Nor', word: '' }, 16),
    ))

  it('never cover one another, whatever lies where', () => {
    const some = fc.array(
      fc.record({ x: fc.integer({ min: 0, max: 366 }), y: fc.integer({ min: 0, max: 490 }) }),
      { maxLength: 40 },
    )
    fc.assert(
      fc.property(some, (places) => {
        const fields = places.map(({ x, y }) => field(x, y))
        const labels = [...placementsOf(fields, around)].map(([index, placement]) =>
          boxesOf(fields[index]!, placement, 16),
        )
        for (const [i, label] of labels.entries())
          for (const a of label)
            for (const b of labels.slice(i + 1).flat())
              expect(a.left >= b.right || b.left >= a.right || a.top >= b.bottom || b.top >= a.bottom).toBe(
                true,
              )
      }),
    )
  })
})
