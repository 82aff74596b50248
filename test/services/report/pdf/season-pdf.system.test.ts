/** The season on paper: what is printed is there to be seen and to be searched, for every member. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { OpenState } from '../../../../services/adapters/state.ts'
import type { FileQuery } from '../../../../services/report/jobs/file-query.ts'
import { readReport } from '../../../../services/report/season/read-report.ts'
import { describeWithPoppler, hasInk, readPdf, type Picture, type ReadPdf } from '../../../support/pdf.ts'
import { oneOrganisation } from '../../../../firmware-sim/demo/members/members.ts'
import { writeRows } from '../../../../firmware-sim/demo/members/write-members.ts'
import { seasonPdf } from '../../../../services/report/pdf/season-document.ts'
import { openTestState } from '../../../support/state.ts'

const ORG = 'midori'
const NOW_MS = Date.parse('2026-11-01T00:30:00Z')
const RARE = '髙橋 﨑太郎'
let opened: OpenState

beforeAll(async () => {
  opened = await openTestState()
  const rows = oneOrganisation({ coop: ORG, members: 60, fields: 180, year: 2026, yearsBack: 2 })
  rows.farm[3]!.name = RARE
  rows.farm[4]!.name = '😀 𠮷野 <b>'
  await writeRows(opened.state, rows)
})
afterAll(async () => {
  await opened.close()
})

const make = (change: Partial<FileQuery> = {}, nowMs = NOW_MS) =>
  seasonPdf(
    { state: opened.state, version: '0.1.0', nowMs },
    {
      org: ORG,
      coop: 'Midori',
      year: 2026,
      crop: null,
      lang: 'en',
      unit: 't/ha',
      farmId: null,
      ...change,
    },
  )
const ja = { lang: 'ja', unit: 'kg/10a', coop: 'みどり農協' } as const

const isBlue = ([r, g, b]: [number, number, number]) => b > r + 40 && b > g
const isGreen = ([r, g, b]: [number, number, number]) => g > r + 20 && g > b + 20
/** How many of the dots of a page, one a point, are so. */
function dots(page: Picture, is: (dot: [number, number, number]) => boolean): number {
  let count = 0
  for (let y = 0; y < page.height; y++) for (let x = 0; x < page.width; x++) if (is(page.at(x, y))) count++
  return count
}
const output = (value: number, digits: number) =>
  value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits })
const wordOf = ({ words }: ReadPdf, text: string) => words.find((word) => word.text === text)

describeWithPoppler('the PDF of a season', () => {
  it('has the same bytes for the same rows and instant, and others an hour later', async () => {
    const [entry, two, later] = [await make(), await make(), await make({}, NOW_MS + 3_600_000)]
    expect(Buffer.compare(Buffer.from(entry), Buffer.from(two))).toBe(0)
    expect(Buffer.compare(Buffer.from(entry), Buffer.from(later))).not.toBe(0)
  })

  it('contains every member with its numbers, as searchable text and visible glyphs', async () => {
    const pdf = await readPdf(await make(ja))
    const { report } = await readReport(opened.state, { org: ORG, year: 2026, crop: 'rice' }, NOW_MS)
    expect(report.members).toHaveLength(60)
    const isTold = (line: string[], value: number | null, digits: number) =>
      expect(line).toContain(value === null ? '欠測' : output(value, digits))
    const by = (value: number | null, per: number) => (value === null ? null : value / per)
    for (const { memberCode, kgHa, waterM3Ha, areaM2 } of report.members) {
      const code = wordOf(pdf, memberCode!)!
      expect([memberCode, hasInk(pdf.pages[code.page]!, code)]).toEqual([memberCode, true])
      const line = pdf.words
        .filter(({ page, yMin }) => page === code.page && Math.abs(yMin - code.yMin) < 2)
        .map(({ text }) => text)
      isTold(line, areaM2 / 100, 1)
      isTold(line, by(kgHa, 10), 0)
      isTold(line, by(kgHa, 600), 1) // bales of 60 kg by 10 a
      isTold(line, by(waterM3Ha, 10), 0)
    }
  })

  it('prints names with rare characters, and a replacement for missing glyphs', async () => {
    const pdf = await readPdf(await make(ja), 144)
    for (const text of RARE.split(' ')) {
      const word = wordOf(pdf, text)!
      expect(hasInk(pdf.pages[word.page]!, word)).toBe(true)
    }
    expect(pdf.text).toContain('〓 𠮷野 <b>')
  })

  it('draws the yields and the water', async () => {
    const [first] = (await readPdf(await make())).pages
    expect(dots(first!, isGreen)).toBeGreaterThan(150)
    // metered is half of it, and each bar is more than a point wide
    expect(dots(first!, isBlue)).toBeGreaterThan(10_000)
  })

  it('breaks no number, begins no line with a comma, and signs no empty page', async () => {
    for (const change of [{}, ja, { ...ja, farmId: `${ORG}-m3` }]) {
      const { words, text, pages } = await readPdf(await make(change))
      expect(text.split('\n').filter((line) => /^\s*[、。，．]/.test(line))).toEqual([])
      expect(words.filter((word) => /^[、。，．）]/.test(word.text))).toEqual([])
      // a number that ends in a separator goes on below
      expect(words.filter((word) => /^\d{1,3}(,\d{3})+\.$/.test(word.text))).toEqual([])
      const last = words.filter(({ page, yMin }) => page === pages.length - 1 && yMin < 790)
      expect(
        last.some(
          (word) =>
            word.text.includes('SHA-256') ||
            /^\d{4}-\d{2}-\d{2}$/.test(word.text) ||
            word.text.includes('集計') ||
            word.text === 'Rules',
        ),
      ).toBe(true)
    }
  })

  it('ends the table of members with all of them, and labels every bar', async () => {
    const pdf = await readPdf(await make(ja))
    const { report } = await readReport(opened.state, { org: ORG, year: 2026, crop: 'rice' }, NOW_MS)
    const all = wordOf(pdf, '全体')!
    const line = pdf.words
      .filter(({ page, yMin }) => page === all.page && Math.abs(yMin - all.yMin) < 2)
      .map(({ text }) => text)
    expect(line).toEqual(expect.arrayContaining(['60名', '180', output(report.areaM2 / 100, 1)]))
    expect(line).toContain(output(report.mean.kgHa! / 10, 0))
    expect(line).toContain(output(report.mean.waterM3Ha! / 10, 0))
    const chartPage = wordOf(pdf, '組合員別の用水量')!.page
    const inChart = pdf.words.filter(({ page }) => page === chartPage || page === chartPage + 1)
    for (const family of ['Suzuki', 'Honma', 'Hasegawa'])
      expect(inChart.some(({ text }) => text.startsWith(family.slice(0, 4)))).toBe(true)
  })

  it('states what is missing by what it counts, and how each mean is weighted', async () => {
    const { text } = await readPdf(await make(ja))
    const whole = text.replace(/\s/g, '')
    expect(whole).toContain('降水量のデータがない日')
    expect(whole).not.toContain('降水量のある日')
    expect(whole).toContain('収量は収穫面積、用水量は圃場面積で加重した平均')
    const { report } = await readReport(opened.state, { org: ORG, year: 2026, crop: 'rice' }, NOW_MS)
    const { compared, comparedKgHa, usualKgHa } = report.mean
    expect(whole).toContain(
      `同じ${compared}枚で${output(comparedKgHa! / 10, 0)}／${output(usualKgHa! / 10, 0)}`,
    )
  })

  it('repeats the table head on every page, and numbers the pages', async () => {
    const { words, pages } = await readPdf(await make())
    expect(pages.length).toBeGreaterThan(2)
    const withCodes = new Set(words.filter(({ text }) => /^0412-/.test(text)).map(({ page }) => page))
    const withHeads = new Set(words.filter(({ text }) => text === 'Metered').map(({ page }) => page))
    expect(withCodes.size).toBeGreaterThan(1)
    for (const page of withCodes) expect(withHeads).toContain(page)
    const foot = (page: number) =>
      words.filter((word) => word.page === page && word.yMin > 790).map(({ text }) => text)
    for (const page of pages.keys())
      expect(foot(page).join(' ')).toMatch(new RegExp(`${page + 1} / ${pages.length}$`))
  })

  it('in Japanese has the year of the era, the units of a grower and a place for the seal', async () => {
    const { text } = await readPdf(await make(ja))
    for (const said of [
      '令和8年産（2026年） 水稲',
      'みどり農協',
      '令和8年11月1日',
      'kg/10a',
      '俵/10a',
      '確認印',
    ])
      expect(text).toContain(said)
  })

  it('prints its provenance: time, software, basis, sieve, rules and source', async () => {
    const { text } = await readPdf(await make())
    expect(text).toMatch(/Created at\s+2026-11-01 09:30 \(Asia\/Tokyo\), Tilth 0\.1\.0/)
    expect(text).toMatch(/Yield basis\s+brown rice, 15 % moisture/)
    expect(text).toMatch(/Sieves \(mm\)\s+1\.85/)
    expect(text).toMatch(/Source rows \(SHA-256\)\s+[0-9a-f]{64}/)
    expect(text).toMatch(/Rules\s+report 2, diseases \S+, sprays 1/)
  })

  it('of one member is one page with their fields, and names no one else', async () => {
    const pdf = await readPdf(await make({ ...ja, farmId: `${ORG}-m3` }))
    expect(pdf.pages).toHaveLength(1)
    expect(pdf.text).toContain(RARE)
    expect(pdf.text).toContain('組合員1名、圃場4枚')
    const { report } = await readReport(opened.state, { org: ORG, year: 2026, crop: 'rice' }, NOW_MS)
    for (const { farmId, name, memberCode, fields } of report.members) {
      const isAsked = farmId === `${ORG}-m3`
      expect([name, pdf.text.includes(name), pdf.text.includes(memberCode!)]).toEqual([
        name,
        isAsked,
        isAsked,
      ])
      for (const { field } of fields)
        expect([field, new RegExp(`${field}\\b`).test(pdf.text)]).toEqual([field, isAsked])
    }
  })

  it('breaks no word of a heading', async () => {
    const { words } = await readPdf(await make({ farmId: `${ORG}-m3` }))
    const texts = words.map(({ text }) => text)
    for (const head of ['Variety', 'Planted', 'Harvested', 'years', 'Metered', 'Sprays', 'Missing'])
      expect(texts).toContain(head)
  })

  it('of a member that is not in the report is NOT_FOUND', async () => {
    await expect(make({ farmId: 'akane-m1' })).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })

  it('of a year without seasons is a page without data', async () => {
    const { text, pages } = await readPdf(await make({ year: 2019 }))
    expect(pages).toHaveLength(1)
    expect(text).toContain('0 members, 0 fields')
  })
})
