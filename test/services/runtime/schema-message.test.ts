/** What is wrong with a value, by the first error of its schema. */
import { Type } from 'typebox'
import { Compile } from 'typebox/compile'
import { expect, it } from 'vitest'
import { schemaMessage } from '../../../services/runtime/schema-message.ts'

const place = Type.Object({ depthCm: Type.Number() }, { additionalProperties: false })
const check = Compile(Type.Object({ places: Type.Array(place) }, { additionalProperties: false }))

it('names the place of the wrong value and what was expected there', () => {
  expect(schemaMessage(check.Errors({ places: [{ depthCm: '20' }] })[0], 'x')).toEqual({
    path: ['places', '0', 'depthCm'],
    message: 'must be number',
  })
  expect(schemaMessage(check.Errors(null)[0], 'x')).toMatchObject({ path: [] })
})

it('says of a field that the schema does not have that it is not expected', () => {
  expect(schemaMessage(check.Errors({ places: [{ depthCm: 20, depthM: 2 }] })[0], 'x')).toEqual({
    path: ['places', '0', 'depthM'],
    message: 'is not expected',
  })
})

it('falls back where the schema names no error', () => {
  expect(schemaMessage(undefined, 'does not fit')).toEqual({ path: [], message: 'does not fit' })
})
