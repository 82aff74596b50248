/** Labels on the map: none covers another, and fields that need attention show most. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { boxesOf, placeLabels, textWidthPx } from '../../dashboard/src/map/place-labels.ts'

const view = { left: 0, top: 0, right: 366, bottom: 490 }
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

  it('of neighbouring paddies are signs, and the one that needs attention shows most', () => {
    const sizes = placeLabels([field(150, 60), field(186, 60), field(222, 60, 'act')], around)
    expect([...sizes]).toEqual([
      [2, 'right'],
      [0, 'left'],
      [1, 'sign'],
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

  it('leave room for the buttons over the map', () => {
    const taken = [{ left: 310, top: 0, right: 366, bottom: 176 }]
    expect(placeLabels([field(215, 60)], { ...around, taken }).get(0)).toBe('left')
    expect(placeLabels([field(330, 60)], { ...around, taken }).size).toBe(0)
  })

  it('are not cut by the edge of the map', () => {
    expect(placeLabels([field(6, 240)], around).size).toBe(0)
    expect(placeLabels([field(16, 240)], around).get(0)).toBe('sign')
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
        const labels = [...placeLabels(fields, around)].map(([index, size]) =>
          boxesOf(fields[index]!, size, 16),
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
