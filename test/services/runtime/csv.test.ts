/** CSV for spreadsheets: no cell is run as a formula, whichever separator the spreadsheet takes. */
import Papa from 'papaparse'
import { describe, expect, it } from 'vitest'
import { csvLines } from '../../../services/runtime/csv.ts'

const cellsOf = (text: string, delimiter: string) => Papa.parse<string[]>(text, { delimiter }).data.flat()

describe('a CSV', () => {
  const hostile = [
    '=1+1',
    'a;=1+1',
    'a; =1+1',
    'a\t@SUM(A1)',
    'a|+1',
    'a\n-1+1',
    'a;b;＝1',
    '"; =HYPERLINK("http://evil.example")',
    ';=1;=2',
  ]

  it.each([',', ';', '\t', '|'])(
    'holds no formula for a spreadsheet whose separator is %j (B14)',
    (separator) => {
      const text = csvLines(hostile.map((cell) => ['x', cell, 'y']))
      for (const cell of cellsOf(text, separator)) expect(cell).not.toMatch(/^\s*[=+\-@＝＋－＠]/)
      for (const line of text.split(/\r\n|\n/)) for (const cell of line.split(separator)) expect(cell).not.toMatch(/^\s*[=+\-@＝]/) // prettier-ignore
    },
  )

  it('leaves numbers, days and names as they are', () => {
    expect(csvLines([[-5, '2026-05-18', 'Aoki; North', 'a-b', '1;2']])).toBe(
      '-5,2026-05-18,Aoki; North,a-b,1;2\r\n',
    )
  })
})
