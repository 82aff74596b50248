/** The charts of a report print any number: a record that no bound has caught must not cost a co-operative its report. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { ticksOf } from '../../../../services/report/pdf/draw-charts.ts'
import { writePdf } from '../../../../services/report/pdf/write-pdf.ts'

const anyNumber = fc.oneof(
  fc.double(),
  fc.constantFrom(...[0, -0, 1e308, -1e308, 5e-324, 2 ** 53, NaN, Infinity, -Infinity, 1e17, 1e17 + 16]),
)

it('bars, lines and strips of any numbers', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyNumber, { minLength: 3, maxLength: 8 }), async (values) => {
      const [q1, median, q3] = values as [number, number, number]
      const heading = { title: 'Water', note: '' }
      const pdf = await writePdf({
        title: 'Season',
        author: 'Tilth',
        madeAtMs: 0,
        lang: 'en',
        foot: '',
        blocks: [
          {
            kind: 'bars',
            ...heading,
            bars: values.map((value) => ({ value, solid: median, label: 'a' })),
            legend: { solid: 'a', rest: 'b' },
            mean: { value: q1, label: 'mean' },
          },
          { kind: 'line', ...heading, days: values.map(() => ''), values, bands: [] },
          { kind: 'strips', ...heading, strips: [{ label: 'a', dots: values, q1, median, q3 }] },
        ],
      })
      expect(Buffer.from(pdf).toString('latin1', 0, 5)).toBe('%PDF-')
    }),
    { numRuns: 40 },
  )
})

it('the marks of an axis end for any two numbers', () => {
  const any = fc.double({ noNaN: true })
  fc.assert(
    fc.property(any, any, (a, b) => {
      expect(ticksOf(Math.min(a, b), Math.max(a, b)).length).toBeLessThanOrEqual(11)
    }),
    { numRuns: 1_000 },
  )
  expect(ticksOf(1e17, 1e17 + 16).length).toBeLessThanOrEqual(11)
})
