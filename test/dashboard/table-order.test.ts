/** The order of a table: by one column in either direction, or as sent; unknown values last. */
import { expect, it } from 'vitest'
import { asSent, parseTableChoice, pressed, sortRows } from '../../dashboard/src/ui/table-order.ts'

const rows = [
  { name: 'Paddy 10', kg: 5.1 },
  { name: 'Paddy 2', kg: null },
  { name: 'Hill 1', kg: 4.8 },
]
const names = (sorted: typeof rows): string[] => sorted.map(({ name }) => name)
const byKg = ({ kg }: (typeof rows)[number]): number | null => kg
const byName = ({ name }: (typeof rows)[number]): string => name

it('numbers sort by size, names by their numbers, and an unknown value is last in both directions', () => {
  expect(names(sortRows(rows, byKg, { isDown: false }, 'en'))).toEqual(['Hill 1', 'Paddy 10', 'Paddy 2'])
  expect(names(sortRows(rows, byKg, { isDown: true }, 'en'))).toEqual(['Paddy 10', 'Hill 1', 'Paddy 2'])
  expect(names(sortRows(rows, byName, { isDown: false }, 'en'))).toEqual(['Hill 1', 'Paddy 2', 'Paddy 10'])
})

it('a heading sorts upwards, downwards, then leaves the rows as sent; another heading begins again', () => {
  const up = pressed(asSent, 'kg')
  const down = pressed(up, 'kg')
  expect([up, down, pressed(down, 'kg')]).toEqual([
    { ...asSent, by: 'kg' },
    { ...asSent, by: 'kg', isDown: true },
    asSent,
  ])
  expect(pressed(down, 'name')).toEqual({ ...asSent, by: 'name' })
})

it('a stored choice is read back, and one that cannot be read is none', () => {
  const choice = { by: 'kg', isDown: true, hidden: ['water'] }
  expect(parseTableChoice(JSON.stringify(choice))).toEqual(choice)
  for (const text of [null, '', '{', '7', 'null', '{"by":7,"isDown":"yes","hidden":[1]}'])
    expect(parseTableChoice(text)).toEqual(asSent)
})
