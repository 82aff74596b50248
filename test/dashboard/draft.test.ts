/** A half-typed form is read back as it was typed, whatever the form has become since. */
import { expect, it } from 'vitest'
import { draftText, parseDraft } from '../../dashboard/src/app/draft-model.ts'

const empty = { day: '2026-10-01', grossKg: null as number | null, ticket: '' }

it('what was typed comes back, and nothing is stored of what was not', () => {
  const text = draftText({ ...empty, grossKg: 812.5 }, empty)
  expect(text).toBe('{"grossKg":812.5}')
  // tomorrow's form has another day, and still the typed mass
  expect(parseDraft(text, { ...empty, day: '2026-10-02' })).toEqual({
    day: '2026-10-02',
    grossKg: 812.5,
    ticket: '',
  })
  expect(draftText(empty, empty)).toBe(null)
})

it('a text that cannot be read, a field that is gone and a value of another type are left out', () => {
  for (const text of [null, '', '{', '7', 'null', '[]']) expect(parseDraft(text, empty)).toEqual(empty)
  expect(parseDraft('{"gone":1,"ticket":7,"grossKg":[1],"day":"2026-10-05"}', empty)).toEqual({
    ...empty,
    day: '2026-10-05',
  })
})
