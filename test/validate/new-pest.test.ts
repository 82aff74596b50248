/**
 * An insect that Tilth does not know: a row of parameters in the folder, or in the operator's pests.json. No code.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { addDays } from '../../broker/contract/time.ts'
import { degreeDaysCd } from '../../services/agronomy/crops/degree-days.ts'
import { pestOf, setCustomPests } from '../../services/agronomy/pests/catalogue.ts'
import { readCustomPests } from '../../services/config/custom-pests.ts'
import { dataFolder } from './data-folder.ts'
import { pestEvents } from './lines/pest-events.ts'

const row = {
  id: 'walnut_husk_fly',
  name: 'Rhagoletis completa',
  crop: 'walnut',
  unit: 'F',
  lower: 41,
  upper: 95,
  method: 'average',
  cutoff: 'horizontal',
  biofix: '1 March',
  events: { first_adults: 100, spray: [300, 400] },
  source: 'made up for this test',
  verification: 'unconfirmed',
}

/** 51 and 71 °F each day: 20 °F·d above 41 °F by the average. */
const csv = ['when,tmax_F,date,dd_F,tmin_F']
  .concat(Array.from({ length: 365 }, (_, i) => `x,71,${addDays('2019-01-01', i)},0,51`))
  .join('\n')

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tilth-new-pest-'))
  await mkdir(join(folder, 'data/pest-somewhere'), { recursive: true })
  await mkdir(join(folder, 'vectors'))
  await writeFile(join(folder, 'data/pest-somewhere/any name.csv'), csv)
  await writeFile(join(folder, 'vectors/params_pests.json'), JSON.stringify({ pests: [row] }))
})
afterEach(async () => {
  setCustomPests([])
  await rm(folder, { recursive: true, force: true })
})

const event = (id: string, inputs: object, expected: string) => ({
  id,
  model: 'first date of an event',
  inputs: { data: 'pest-somewhere', year: 2019, pest: 'walnut_husk_fly', ...inputs },
  expected,
  tolerance: 'same day',
})

async function scored(...vectors: object[]) {
  await writeFile(join(folder, 'vectors/pest_events.json'), JSON.stringify({ vectors }))
  const data = dataFolder(folder)
  expect(pestEvents.parts.flatMap(({ needs }) => data.missing(needs))).toEqual([])
  return (await Promise.all(pestEvents.parts.map((part) => part.score(data)))).flat()
}

describe('a new insect', () => {
  it('is dated from its own biofix by its row, in a file of any name with its columns in any order', async () => {
    const scores = await scored(
      event('first', { event: 'first_adults' }, '2019-03-05'), // five days of 20 °F·d
      event('spray', { event: 'spray' }, '2019-03-15'),
      event('later', { event: 'first_adults', biofix: '2019-04-10' }, '2019-04-14'),
      event('unreached', { event: 'first_adults', biofix: '2019-12-30' }, 'never'),
    )
    expect(scores.map(({ isMet }) => isMet)).toEqual([true, null, true])
  })
  it('with a missing event, row or data is named', async () => {
    const [days, missing, years] = await scored(
      event('right', { event: 'first_adults' }, '2019-03-05'),
      event('no-event', { event: 'larvae' }, '2019-03-05'),
      event('no-row', { pest: 'another_fly', event: 'spray' }, '2019-03-05'),
      event('no-folder', { data: 'pest-elsewhere', event: 'spray' }, '2019-03-05'),
      event('no-year', { year: 2018, event: 'spray' }, '2018-03-05'),
    )
    expect(days).toMatchObject({ value: 1, of: 3, isMet: false })
    expect(days!.missed.join()).toMatch(/no sum for larvae.*no row that can be read of.*another_fly/)
    expect(missing).toMatchObject({ figure: 'data is missing', isMet: false })
    expect(missing!.missed).toEqual(['data/pest-elsewhere with date, tmin_F, tmax_F or tmin_C, tmax_C'])
    expect(years!.missed).toContain('no-year: no 2018 in data/pest-somewhere')
  })
  it('is known to the product by the same row', async () => {
    await writeFile(join(folder, 'pests.json'), JSON.stringify({ pests: [row] }))
    setCustomPests(readCustomPests(folder))
    const pest = pestOf('walnut-husk-fly')!
    expect(pest).toMatchObject({ biofix: 'date-03-01', crops: ['walnut'], confirmed: false })
    expect(degreeDaysCd(pest.heat, { tempMinC: 95 / 9, tempMaxC: 195 / 9 })).toBeCloseTo(100 / 9, 9)
  })
})
