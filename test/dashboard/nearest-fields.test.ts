/** The order of the fields when a found device is assigned. */
import { expect, it } from 'vitest'
import { nearestFirst } from '../../dashboard/src/integrations/nearest-fields.ts'

const fields = ['without-shape', 'east', 'north', 'also-without'].map((id) => ({ id }))

it('is by distance to the device, where a degree of longitude is shorter than one of latitude', () => {
  const onMap = [
    { id: 'north', at: [140, 60.7] as [number, number] },
    // one degree at 60 degrees north is half as long
    { id: 'east', at: [141, 60] as [number, number] },
  ]
  const ids = nearestFirst(fields, onMap, { latDeg: 60, lonDeg: 140 }).map(({ id }) => id)
  expect(ids).toEqual(['east', 'north', 'without-shape', 'also-without'])
})
