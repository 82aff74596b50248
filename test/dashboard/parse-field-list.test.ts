/** Fields that are named in one line. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseFieldList } from '../../dashboard/src/records/parse-field-list.ts'

const field = (name: string) => ({ id: name, name })
const farm = ['Hill 2', 'Hill 5', 'Paddy 6', 'Paddy 7', '10号田', '11号田', '12号田', 'センター', 'A-3'].map(
  field,
)
const names = (text: string, fields = farm) => {
  const found = parseFieldList(text, fields)
  return found.ok ? found.value.map(({ name }) => name) : found.error
}

describe('fields named in one line', () => {
  it.each([
    ['2, 5, 6, 10-12', ['Hill 2', 'Hill 5', 'Paddy 6', '10号田', '11号田', '12号田']],
    ['２、５・６，１０〜１２', ['Hill 2', 'Hill 5', 'Paddy 6', '10号田', '11号田', '12号田']],
    ['１０ー１２', ['10号田', '11号田', '12号田']],
    ['10 ～ 12; 2', ['10号田', '11号田', '12号田', 'Hill 2']],
    ['2 5 6', ['Hill 2', 'Hill 5', 'Paddy 6']],
    ['hill 2, センター, a-3', ['Hill 2', 'センター', 'A-3']],
    ['ｾﾝﾀｰ、Ａ－３', ['センター', 'A-3']],
    ['5, 5, 2-2', ['Hill 5', 'Hill 2']],
    ['02', ['Hill 2']],
    ['', []],
    [' 、 ,', []],
  ])('%s', (text, expected) => expect(names(text)).toEqual(expected))

  it.each([
    ['2, 99', { text: '99', names: [] }],
    ['5-7, 8', { text: '8', names: [] }],
    ['the big one', { text: 'the big one', names: [] }],
    ['7-5', { text: '7-5', names: [] }],
    ['1-9999', { text: '1-9999', names: [] }],
  ])('%s: there is no such field', (text, expected) => expect(names(text)).toEqual(expected))

  it('a gap in a range is reported, and nothing is left out silently', () =>
    expect(names('5-10')).toEqual({ text: '8', names: [] }))

  it('a number in the names of two fields is not clear, and both are named', () => {
    const two = [field('Hill 2'), field('Paddy 2')]
    expect(names('2', two)).toEqual({ text: '2', names: ['Hill 2', 'Paddy 2'] })
    expect(names('paddy 2', two)).toEqual(['Paddy 2'])
  })

  it('a selection can be written with ranges, in full-width or half-width digits, and read back', () =>
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.integer({ min: 1, max: 150 }), { maxLength: 40 }),
        fc.constantFrom([', ', '-'], ['、', '〜'], ['・', 'ー'], [' ', '-'], ['，', '～']),
        fc.boolean(),
        (chosen, [comma, dash], isWide) => {
          const all = Array.from({ length: 150 }, (_, i) => field(`Field ${i + 1}`))
          const text = written(chosen, comma!, dash!)
          const typed = isWide
            ? text.replace(/\d/g, (digit) => String.fromCharCode(digit.charCodeAt(0) + 0xfee0))
            : text
          expect(names(typed, all)).toEqual(chosen.map((n) => `Field ${n}`))
        },
      ),
    ))
})

/** Neighbours that follow each other as a range. */
function written(numbers: readonly number[], comma: string, dash: string): string {
  const runs: number[][] = []
  for (const n of numbers) {
    const last = runs.at(-1)
    if (last && last.at(-1) === n - 1) last.push(n)
    else runs.push([n])
  }
  return runs.map((run) => (run.length > 1 ? `${run[0]}${dash}${run.at(-1)}` : `${run[0]}`)).join(comma)
}
