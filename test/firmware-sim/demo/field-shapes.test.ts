/** Fields of the simulated co-operative: as large as they are said to be, and none on another's ground. */
import { expect, it } from 'vitest'
import { coOperative } from '../../../firmware-sim/demo/co-operative.ts'
import { fieldShapes } from '../../../firmware-sim/demo/field-shapes.ts'
import { areaM2, contains, insidePoint } from '../../../services/domain/geojson.ts'

const shapes = fieldShapes(coOperative)
const fields = coOperative.farms.flatMap((farm) => farm.fields)

it.each(fields.map(({ id, areaM2 }) => [id, areaM2] as const))('%s has its %i m²', (id, saidM2) => {
  expect(Math.abs(areaM2(shapes.get(id)!) / saidM2 - 1)).toBeLessThan(0.005)
})

it('no corner and no centre of one is inside another', () => {
  for (const { id } of fields)
    for (const other of fields) {
      if (other.id === id) continue
      const points = [...shapes.get(id)!.coordinates[0]!, insidePoint(shapes.get(id)!)]
      for (const point of points) expect(contains(shapes.get(other.id)!, point)).toBe(false)
    }
})
