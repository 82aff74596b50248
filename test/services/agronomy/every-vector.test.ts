/**
 * No vector is skipped silently: every file of test/vectors is listed, each of its entries is run with its own
 * tolerance, and an entry that cannot be run is named. A new file, or an entry without a run, makes this fail.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { table11 } from '../../../services/agronomy/fao56/table11-stage-lengths.ts'
import { table12 } from '../../../services/agronomy/fao56/table12-crop-coefficients.ts'
import { table17 } from '../../../services/agronomy/fao56/table17-basal-coefficients.ts'
import { table19 } from '../../../services/agronomy/fao56/table19-soil-water.ts'
import { table20 } from '../../../services/agronomy/fao56/table20-wetted-fraction.ts'
import { table22 } from '../../../services/agronomy/fao56/table22-rooting-depth.ts'
import { table24 } from '../../../services/agronomy/fao56/table24-yield-response.ts'
import { parsePest } from '../../../services/agronomy/pests/parse-pest.ts'
import { dataFolder, type DataFolder } from '../../validate/data-folder.ts'
import { diseaseTrial } from '../../validate/disease-trials.ts'
import { readDualSeason, runDualSeason } from '../../validate/dual-season.ts'
import { conversionTrial } from '../../validate/lines/conversions.ts'
import { degreeDayTrial } from '../../validate/lines/degree-days.ts'
import { fao56 } from '../../validate/lines/fao56.ts'
import { pestEventTrial } from '../../validate/lines/pest-events.ts'
import { dailyTrials, hourlyTrials } from '../../validate/lines/reference-et-vectors.ts'
import type { Vector } from '../../validate/read-vectors.ts'
import { allOf, type Trial } from '../../validate/score.ts'

const root = join(import.meta.dirname, '../..')
const data = dataFolder(root)
const fileOf = (name: string) =>
  JSON.parse(readFileSync(join(root, 'vectors', `${name}.json`), 'utf8')) as Record<string, unknown>
const vectorsOf = (name: string) => fileOf(name).vectors as Vector[]

/** A file of vectors alone. */
const only = (name: string): DataFolder => ({
  ...data,
  jsons: () => [{ path: name, root: fileOf(name) }],
})

/** The run of each file of vectors: as many trials as it has expected values. */
const runs: Record<string, { trials: (vectors: Vector[]) => Trial[]; perVector?: number }> = {
  asce_daily_fallon: { trials: () => dailyTrials(only('asce_daily_fallon')), perVector: 2 },
  asce_daily_maricopa: { trials: () => dailyTrials(only('asce_daily_maricopa')), perVector: 4 },
  asce_hourly_fallon: { trials: () => hourlyTrials(only('asce_hourly_fallon')), perVector: 2 },
  degree_days: { trials: (vectors) => vectors.map(degreeDayTrial) },
  disease_models: { trials: (vectors) => vectors.map(diseaseTrial) },
  pest_events: { trials: (vectors) => vectors.map((one) => pestEventTrial(one, [], () => new Map())) },
  sensor_conversions: { trials: (vectors) => vectors.map(conversionTrial) },
}

/** The weather of Lost Hills may not be redistributed: `npm run validate` runs the dates that need it. */
const needsWeather = (vector: Vector) => vector.inputs.data === 'pest-lost-hills-degree-days'

describe.each(Object.keys(runs))('%s', (name) => {
  const vectors = vectorsOf(name)
  const trials = runs[name]!.trials(vectors)

  it('has as many entries as it declares, each once', () => {
    expect(vectors.length).toBe(fileOf(name).count)
    expect(new Set(vectors.map(({ id }) => id)).size).toBe(vectors.length)
  })
  it('is run entry by entry, and each expected value is reproduced within its tolerance', () => {
    const left = vectors.filter(needsWeather)
    expect(left.length).toBe(name === 'pest_events' ? 24 : 0)
    const run = trials.filter(({ got }) => got !== null)
    const names = new Set(run.map((trial) => trial.name))
    expect(vectors.filter((one) => !names.has(one.id)).map(({ id }) => id)).toEqual(left.map(({ id }) => id))
    expect(run.length).toBe((vectors.length - left.length) * (runs[name]!.perVector ?? 1))
    expect(allOf(name, run).missed).toEqual([])
    for (const trial of run) {
      const vector = vectors.find(({ id }) => id === trial.name)!
      expect(toleranceOf(vector, trial), trial.name).toContain(trial.tolerance)
    }
  })
})

/** Tolerance of the file: a number, one for each column, or none for values that must be equal. */
function toleranceOf({ tolerance }: Vector, { model }: Trial): unknown[] {
  if (typeof tolerance === 'object' && tolerance !== null)
    return [(tolerance as Record<string, number>)[model]]
  return typeof tolerance === 'number' ? [tolerance] : [0]
}

describe('fao56_examples', () => {
  it('is run entry by entry and reproduced', async () => {
    const vectors = vectorsOf('fao56_examples')
    const [score] = await fao56.parts[0]!.score(data)
    expect(score).toMatchObject({ value: vectors.length, of: vectors.length, missed: [], notBuilt: [] })
    expect(vectors.length).toBe(fileOf('fao56_examples').count)
  })
})

const seasons = { dual_kc_season_cotton2013_dry: 200, dual_kc_season_cotton2018_100: 196 }

describe.each(Object.entries(seasons))('%s', (name, days) => {
  it('is run state by state on each of its days', () => {
    const file = fileOf(name) as { days: { expected: Record<string, number> }[] }
    const season = readDualSeason(file)
    if (!season.ok) throw new Error(season.error)
    const got = runDualSeason(season.value)
    expect(file.days.length).toBe(days)
    for (const [i, { expected }] of file.days.entries())
      expect(Object.keys(expected).filter((state) => !Number.isFinite(got[i]![state]))).toEqual([])
  })
})

describe('tables of parameters', () => {
  // catalogue.test.ts, disease/vectors.test.ts, pests.test.ts and ingest/quality.test.ts compare them cell by cell
  it('every row of Tables 11, 12, 17, 22 is included; omitted ones lack a number', () => {
    const file = fileOf('params_fao56_crops') as Record<string, Record<string, unknown>[]>
    const mine = {
      table11_stage_lengths: { rows: table11, needs: ['Lini', 'Ldev', 'Lmid', 'Llate'] },
      table12_Kc: { rows: table12, needs: ['Kcmini', 'Kcmmid', 'Kcmend'] },
      table17_Kcb: { rows: table17, needs: ['Kcbini', 'Kcbmid', 'Kcbend'] },
      table22_Zr_p: { rows: table22, needs: ['Zrmax1', 'Zrmax2', 'pbase'] },
    }
    expect(Object.keys(file).toSorted()).toEqual(['meta', ...Object.keys(mine)])
    const left = Object.entries(mine).flatMap(([name, { rows, needs }]) => {
      const lacking = file[name]!.filter((row) => needs.some((key) => row[key] === null))
      expect(rows.length + lacking.length).toBe(file[name]!.length)
      return lacking.map(({ Crop }) => Crop)
    })
    expect(left).toEqual([
      'alfalfa total season', // as long as there is no frost
      'grass pasture',
      'fiber crops', // a heading
      'open water < 2 m depth or in subhumid climates or tropics', // not sown
      'open water > 5 m depth clear of turbidity temperate climate',
      'fiber crops',
    ])
  })
  it('every row of Tables 19, 20 and 24 is included', () => {
    const file = fileOf('params_fao56_soils_ky') as {
      soils: unknown[]
      fw_table20: Record<string, number | [number, number]>
      ky_table24: object
    }
    expect(Object.keys(file).toSorted()).toEqual(['fw_table20', 'ky_table24', 'meta', 'soils'])
    expect(table19.length).toBe(file.soils.length)
    expect(Object.keys(table24).length).toBe(Object.keys(file.ky_table24).length)
    const range = (fw: number | [number, number]) => (typeof fw === 'number' ? [fw, fw] : fw)
    expect(Object.values(table20)).toEqual(Object.values(file.fw_table20).map(range))
  })
  it('every row of pests is read', () => {
    const { pests } = fileOf('params_pests') as { pests: unknown[] }
    expect(pests.filter((row) => !parsePest(row).ok)).toEqual([])
    expect(pests.length).toBe(15)
  })
  it('every table of diseases and of quality control is known: a new one needs a test', () => {
    const { disease_tables, epirice, quality_control } = fileOf('params_disease_qc') as Record<string, object>
    expect(Object.keys(disease_tables!).filter((key) => !key.endsWith('_source'))).toEqual([
      // cell by cell
      'apple_scab_revised_mills_F_to_min_wet_hours',
      'tomcast',
      'blitecast',
      // by the vectors of disease_models
      'blitecast_matrix',
      'blastam_hours',
      'blastam_rule',
      'gubler_thomas',
      'broome',
      'smith',
      'hutton',
      'three_ten',
      'pdays',
      'magarey',
      'wheat_fhb',
      'tar_spot',
    ])
    expect(Object.keys(epirice!)).toContain('leaf_blast')
    expect(Object.keys(quality_control!).filter((key) => key !== 'source' && key !== 'verification')).toEqual(
      [
        'ismn_ranges',
        'ismn_flags',
        'weather_range',
        'weather_step_per_interval',
        'persistence',
        'consistency',
      ],
    )
  })
})

it('every file is one of these', () => {
  const files = readdirSync(join(root, 'vectors')).map((file) => file.replace(/\.json$/, ''))
  const known = [
    ...Object.keys(runs),
    'fao56_examples',
    ...Object.keys(seasons),
    'params_fao56_crops',
    'params_fao56_soils_ky',
    'params_pests',
    'params_disease_qc',
  ]
  expect(files.toSorted()).toEqual(known.toSorted())
})
