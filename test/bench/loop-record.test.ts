/** Real days in the closed loop: read as they are, cut into seasons, and refused by row when a value is missing. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { climates } from '../../bench/loop/climates.ts'
import { recordedClimates, recordNames } from '../../bench/loop/record.ts'
import { seasonOf, yearsOf } from '../../bench/loop/season.ts'
import { weatherFrom, type WeatherDay } from '../../bench/loop/weather.ts'

const folder = mkdtempSync(join(tmpdir(), 'tilth-loop-record-'))
afterAll(() => rmSync(folder, { recursive: true }))

const days = weatherFrom(climates[0]!.normals, '1990-01-01', 365 * 8 + 2, 'record')
const csv = (rows: readonly WeatherDay[]) =>
  ['date,tmin_C,tmax_C,rain_mm,et0_mm']
    .concat(rows.map((entry) => [entry.day, entry.tMinC, entry.tMaxC, entry.rainMm, entry.et0Mm].join(',')))
    .join('\n')

function write(text: string): void {
  const inside = join(folder, 'weather-aquacrop-daily')
  mkdirSync(inside, { recursive: true })
  for (const file of ['champion_nebraska_1990_2010.csv', 'tunis_1979_2002.csv'])
    writeFileSync(join(inside, file), text)
}

describe('a record in the place of made weather', () => {
  it('gives its own days to the season and the days before sowing to the history', () => {
    write(csv(days))
    const recorded = recordedClimates(folder)
    expect(recorded.map(({ name }) => name)).toEqual(recordNames)
    const season = seasonOf(recorded[0]!, 1993, 'x')
    expect(season.days[0]).toEqual(days.find(({ day }) => day === '1993-05-01'))
    expect(season.days).toHaveLength(260)
    const byDay = new Map(days.map((day) => [day.day, day]))
    for (const day of season.history) expect(day).toEqual(byDay.get(day.day))
    expect(season.history.at(-1)!.day < season.sowingDay).toBe(true)
    expect(season.history[0]!.day.slice(0, 4)).toBe('1990')
  })

  it('judges the later half of its years and tunes on the earlier', () => {
    write(csv(days))
    const { evaluated, others } = yearsOf(recordedClimates(folder)[0]!, 10)
    // the season of 1997 would end after the record
    expect(others).toEqual([1990, 1991, 1992])
    expect(evaluated).toEqual([1993, 1994, 1995, 1996])
  })

  it('names the row in which a value is missing', () => {
    write(csv(days).replace(/^(1990-01-03,[^,]+),[^,]+/m, '$1,'))
    expect(() => recordedClimates(folder)).toThrow(/row 3: date, tmin_C, .* got 1990-01-03/)
  })
})
