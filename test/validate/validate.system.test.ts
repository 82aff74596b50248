/** The validation itself: a figure cannot pass unseen, data that is not there is named. Days of AZMET Maricopa (CC0). */
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bundle } from '../support/thread-bundles.ts'
import { lines } from './lines.ts'
import { readOptions } from './options.ts'
import { tableText } from './print.ts'
import { readDays, wholeDays, yearsOf } from './read-days.ts'
import { readVectors } from './read-vectors.ts'
import { COVERAGE_OF_80, allOf, atLeast, atMost, between, errorsOf, forComparison } from './score.ts'

const root = join(import.meta.dirname, '../..')
const bundleDir = join(root, 'test-output/validate')
const run = (...args: string[]) =>
  promisify(execFile)(process.execPath, args, { cwd: root }).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    (error: { code: number; stdout: string; stderr: string }) => error,
  )
const validate = (...args: string[]) => run(join(bundleDir, 'test/validate/main.js'), ...args)
const validateFromSources = (...args: string[]) => run('--import', 'tsx', 'test/validate/main.ts', ...args)

// a start through tsx takes 3 s of a processor
beforeAll(() => bundle(['test/validate/main'], bundleDir))

describe('command-line options', () => {
  it('every line has a unique name and its required data', () => {
    expect(new Set(lines.map(({ name }) => name)).size).toBe(lines.length)
    for (const { name, parts } of lines) {
      expect(parts.length, name).toBeGreaterThan(0)
      for (const { needs } of parts) expect(needs.length, name).toBeGreaterThan(0)
    }
  })
  it('scores every line when none is named, else those named, in the order of the table', () => {
    const all = readOptions(['--data', 'd'], lines)
    expect(all.ok && all.value !== 'help' && all.value.lines).toEqual(lines)
    const two = readOptions(['degree-days', 'et0', '--data', 'd', 'et0'], lines)
    expect(two.ok && two.value !== 'help' && two.value.lines.map(({ name }) => name)).toEqual([
      'et0',
      'degree-days',
    ])
  })
  it('names missing or unknown arguments', () => {
    const reason = (...args: string[]) => {
      const read = readOptions(args, lines)
      return read.ok ? '' : read.error
    }
    expect(reason()).toMatch(/^--data: expected the folder/)
    expect(reason('--data', 'd', '--fast')).toContain('--fast')
    expect(reason('--data', 'd', 'yields')).toMatch(/^no line is called yields; there are et0,/)
  })
})

describe('a figure', () => {
  it('is compared with its target before it is rounded, and a missed target is visible', () => {
    expect(atMost('x', 0.5, 0.5, 'mm', 2).isMet).toBe(true)
    expect(atMost('x', 0.5004, 0.5, 'mm', 2).isMet).toBe(false)
    expect(atLeast('x', -0.0004, 0, '', 2).isMet).toBe(false)
    const printed = tableText(
      [
        {
          line: 'l',
          library: [],
          scores: [atMost('x', 0.5004, 0.5, 'mm', 2), atLeast('y', 0.504, 0.5, 'mm', 2)],
        },
      ],
      false,
    )
    expect(printed).toMatch(/x +0\.5004 mm +<= 0\.5000 mm +NO/)
    expect(printed).toMatch(/y +0\.50 mm +>= 0\.50 mm +yes/)
  })
  it('with bounds on both sides fails when an interval is too narrow or too wide', () => {
    const inside = (percent: number) => between('x', percent, COVERAGE_OF_80, '%', 0)
    expect([69.9, 70, 80, 90, 90.1].map((percent) => inside(percent).isMet)).toEqual([
      false,
      true,
      true,
      true,
      false,
    ])
    expect(inside(NaN).isMet).toBe(false)
    expect(tableText([{ line: 'l', library: [], scores: [inside(97)] }], false)).toMatch(
      /97 % +70 % to 90 % +NO/,
    )
  })
  it('of code that the product does not use is marked, and the module is named', () => {
    const text = tableText(
      [
        { line: 'l', library: ['services/a.ts'], scores: [atMost('x', 1, 2, '', 0)] },
        { line: 'l', library: [], scores: [atMost('y', 1, 2, '', 0)] },
      ],
      false,
    )
    expect(text).toMatch(/x \(library\) +1 /)
    expect(text).not.toMatch(/y \(library\)/)
    expect(text).toContain('library: code that the product does not use yet\n  services/a.ts\n')
  })
  it('that is missing does not meet its target', () => {
    expect(atMost('x', errorsOf([]).max, 1, 'mm', 2).isMet).toBe(false)
    expect(atMost('x', errorsOf([]).rmse, 1, 'mm', 2).isMet).toBe(false)
    expect(atMost('x', errorsOf([0.1, NaN]).max, 1, 'mm', 2).isMet).toBe(false)
  })
  it('of errors 3 and -4: RMSE 3.54, largest 4, bias -0.5', () => {
    const { rmse, max, bias } = errorsOf([3, -4])
    expect(rmse).toBeCloseTo(Math.sqrt(12.5), 12)
    expect([max, bias]).toEqual([4, -0.5])
  })
  const trial = { model: 'm', expected: 1, tolerance: 0.01 }
  it('of vectors counts the reproduced ones, names the others, and leaves out those that are not built', () => {
    const score = allOf('v', [
      { ...trial, name: 'a', got: 1.01 },
      { ...trial, name: 'b', got: 1.02 },
      { ...trial, name: 'c', got: NaN },
      { ...trial, name: 'd', got: null },
    ])
    expect(score).toMatchObject({ value: 1, of: 3, isMet: false, notBuilt: ['m: d'] })
    expect(score.missed).toEqual(['b (m): got 1.02, expected 1', 'c (m): got NaN, expected 1'])
  })
  it('of vectors of which none applies does not meet its target', () => {
    expect(allOf('v', [{ ...trial, name: 'd', got: null }]).isMet).toBe(false)
  })
  it('is printed with its missed vectors below it; omitted ones only with --verbose', () => {
    const scores = [
      allOf('v', [
        { ...trial, name: 'b', got: 2 },
        { ...trial, name: 'd', got: null },
      ]),
      forComparison('t', -0.0001, 'mm', 2),
    ]
    const short = tableText([{ line: 'l', library: [], scores }], false)
    expect(short).toContain('b (m): got 2, expected 1')
    expect(short).toMatch(/t +0\.00 mm/)
    expect(short).not.toContain('m: d')
    expect(tableText([{ line: 'l', library: [], scores }], true)).toContain('m: d')
  })
})

describe('reading', () => {
  it('an empty cell is unknown, never 0, and its day is skipped where all values are needed', () => {
    const read = readDays('date,a,b\n2003-01-01,1,\n2004-01-02,2,3\n', 'f.csv', ['a', 'b'])
    expect(read).toEqual({
      ok: true,
      value: [
        { day: '2003-01-01', a: 1, b: null },
        { day: '2004-01-02', a: 2, b: 3 },
      ],
    })
    if (read.ok) expect(wholeDays(read.value).map(({ day }) => day)).toEqual(['2004-01-02'])
    if (read.ok) expect(yearsOf(read.value)).toBe('2003-2004')
  })
  it('an error names file, line and column', () => {
    const reason = (text: string) => {
      const read = readDays(text, 'f.csv', ['a'])
      return read.ok ? '' : read.error
    }
    expect(reason('')).toBe('f.csv: line 1: no column date, a; it has nothing')
    expect(reason('date,b\n')).toBe('f.csv: line 1: no column a; it has date, b')
    expect(reason('date,a\n2003-02-30,1')).toContain('f.csv: line 2: date: expected a day')
    expect(reason('date,a\n2003-02-01,x')).toBe('f.csv: line 2: a: expected a number or nothing, got "x"')
  })
  it('rejects invalid vectors, by file and vector', () => {
    const reason = (text: string) => {
      const read = readVectors(text, 'v.json')
      return read.ok ? '' : read.error
    }
    expect(reason('{')).toMatch(/^v\.json: not JSON/)
    expect(reason('{}')).toBe('v.json: expected a list under "vectors"')
    expect(reason('{"vectors":[{"id":"a"}]}')).toBe('v.json: a: expected an object under "inputs"')
  })
})

describe('npm run validate', () => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tilth-validate-'))
    await mkdir(join(folder, 'data/weather-maricopa-daily'), { recursive: true })
    await mkdir(join(folder, 'vectors'))
    await writeFile(join(folder, 'vectors/days.json'), JSON.stringify({ vectors: [vector] }))
    await writeFile(join(folder, 'vectors/hours.json'), JSON.stringify({ vectors: [hour] }))
    await writeFile(
      join(folder, 'data/weather-maricopa-daily/SOURCE.md'),
      'AZMET Maricopa, lat 33.069 N, lon -111.972, elev 361 m',
    )
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  const vector = {
    id: '26 June 2005',
    inputs: {
      J: 177,
      Tmax_C: 40.7,
      Tmin_C: 21,
      Tdew_C: 0.8,
      Rs_MJ_m2: 31.05,
      uz_m_s: 2.1,
      zw_m: 3,
      elev_m: 361,
      lat_deg: 33.069,
    },
    expected: { ETo_AZMET_mm: 8.68, ETos_REFET_ASCE_fullRso_mm: 8.75 },
    tolerance: { ETo_AZMET_mm: 0.015, ETos_REFET_ASCE_fullRso_mm: 0.03 },
  }
  // Fallon, Nevada, by REF-ET (R. G. Allen)
  const hour = {
    id: '15 January 2015, noon',
    inputs: {
      date: '2015-01-15',
      mid_hour_clock: 11.5,
      J: 15,
      T_C: 6.883,
      Tdew_C: -3.478,
      uz_m_s: 0.7778,
      Rs_MJ_m2_h: 1.8987,
      zw_m: 3,
      elev_m: 1208.5,
      lat_deg: 39.4575,
      lon_deg_west: 118.77388,
      lz_deg_west: 120,
    },
    expected: { ETos_mm_h: 0.23 },
    tolerance: { ETos_mm_h: 0.0101 },
  }
  const days = (et0Mm: number) =>
    writeFile(
      join(folder, 'data/weather-maricopa-daily/days.csv'),
      'date,srad_MJ_m2,tmax_C,tmin_C,tdew_C,wind3m_m_s,rain_mm,eto_azmet_mm\n' +
        `2005-06-26,31.05,40.7,21.0,0.8,2.1,0,${et0Mm}\n`,
    )

  it('ends with 0 when ET0 equals that of AZMET', async () => {
    await days(8.68)
    const { code, stdout } = await validate('--data', folder, 'et0', '--json')
    expect(code).toBe(0)
    const read = JSON.parse(stdout) as { pass: boolean; lines: { line: string; pass: boolean | null }[] }
    expect(read.pass).toBe(true)
    expect(new Set(read.lines.map(({ line }) => line))).toEqual(new Set(['et0']))
  })
  it('ends with 1 when it is 0.1 mm off, and the table shows NO', async () => {
    await days(8.78)
    const { code, stdout } = await validate('--data', folder, 'et0')
    expect(code).toBe(1)
    expect(stdout).toMatch(/maricopa: largest error against AZMET +0\.(09|10)\d mm\/d +<= 0\.010 mm\/d +NO/)
  })
  it('ends with 2 and one line when the folder does not exist', async () => {
    const away = await validate('--data', join(folder, 'away'))
    expect([away.code, away.stdout]).toEqual([2, ''])
    expect(away.stderr).toBe(`--data: there is no folder ${join(folder, 'away')}\n`)
  })
  it('a line without its data fails, by name; the others are scored', async () => {
    await days(8.68)
    const { code, stdout } = await validate('--data', folder, 'et0', 'degree-days')
    expect(code).toBe(1)
    expect(stdout).toMatch(/et0 +maricopa: RMSE against AZMET/)
    expect(stdout).toMatch(/degree-days +data is missing +none +NO/)
    expect(stdout).toContain('  vectors/degree_days.json\n  a CSV below data/ with the columns date, tmin_F')
  })
  it('a line that lacks one of its tables scores the others, and names the missing one', async () => {
    await writeFile(
      join(folder, 'vectors/degree_days.json'),
      JSON.stringify({
        vectors: [
          {
            id: 'a day above the threshold',
            method: 'average_method1',
            cutoff: 'none',
            units: 'C-DD',
            inputs: { tmin_C: 12, tmax_C: 20, lower_C: 10 },
            expected: 6,
            tolerance: 0.001,
          },
        ],
      }),
    )
    const { code, stdout } = await validate('--data', folder, 'degree-days')
    await rm(join(folder, 'vectors/degree_days.json'))
    expect(code).toBe(1)
    expect(stdout).toMatch(/published and cross-checked vectors +1 of 1 +all +yes/)
    expect(stdout).toMatch(/degree-days +data is missing +none +NO/)
    expect(stdout).toContain('  a CSV below data/ with the columns date, tmin_F')
    expect(stdout).not.toContain('  vectors/degree_days.json')
  })
  it('an unreadable file is named with line and column', async () => {
    await days(NaN)
    const { code, stdout } = await validate('--data', folder, 'et0')
    expect(code).toBe(1)
    expect(stdout).toContain('days.csv: line 2: eto_azmet_mm: expected a number or nothing, got "NaN"')
  })
  it('prints the usage with every line: to stdout with --help, otherwise to stderr with exit code 2', async () => {
    const [help, bare] = await Promise.all([validateFromSources('--help'), validate()])
    expect([help.code, bare.code]).toEqual([0, 2])
    for (const { name } of lines) expect(help.stdout).toContain(`\n  ${name} `)
    expect(bare.stderr).toContain('--data: expected the folder')
    expect(bare.stderr).toContain('usage: npm run validate')
  })
})
