/** The operator's own pests: a file in DATA_DIR, no code. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { pestOf, pests, setCustomPests } from '../../../services/agronomy/pests/catalogue.ts'
import { readCustomPests } from '../../../services/config/custom-pests.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tilth-pests-'))
})
afterEach(async () => {
  setCustomPests([])
  await rm(folder, { recursive: true, force: true })
})
const write = (text: string) => writeFile(join(folder, 'pests.json'), text)

const moth = {
  id: 'plum_moth',
  name: 'Grapholita funebrana',
  crop: 'plum',
  unit: 'C',
  lower: 10,
  upper: 30,
  method: 'single_sine',
  cutoff: 'horizontal',
  biofix: 'first sustained catch',
  events: { egg_hatch: 70 },
  source: 'the advisory service of the valley',
  verification: 'unconfirmed',
}

describe('pests of the operator', () => {
  it('are known in addition to those of the table, by the same rows', async () => {
    await write(JSON.stringify({ pests: [moth] }))
    setCustomPests(readCustomPests(folder))
    expect(pestOf('plum-moth')).toMatchObject({ heat: { lowerC: 10 }, confirmed: false })
    expect(pestOf('codling-moth')).toBe(pests['codling-moth'])
  })
  it('a row of the same name replaces the one in the table', async () => {
    await write(JSON.stringify({ pests: [{ ...moth, id: 'codling_moth', lower: 9 }] }))
    setCustomPests(readCustomPests(folder))
    expect(pestOf('codling-moth')!.heat.lowerC).toBe(9)
  })
  it('are none without a file', () => expect(readCustomPests(folder)).toEqual([]))
  it.each([
    ['{', /pests\.json: not JSON/],
    ['[]', /pests\.json: file: must be object, got \[\]/],
    [
      JSON.stringify({ pests: [moth, { ...moth, upper: 5 }] }),
      /pests\.json: pests\.1: upper: expected a number above lower/,
    ],
    [JSON.stringify({ pests: [{ ...moth, id: 'Plum moth' }] }), /pests\.0: id: expected small letters/],
  ])('that cannot be read stop the start and name the place: %s', async (text, expected) => {
    await write(text)
    expect(() => readCustomPests(folder)).toThrow(expected)
  })
})
