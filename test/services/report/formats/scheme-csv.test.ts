/** Records of sprays in the columns of the schemes: each cell from the record, and empty where nothing is known. */
import Papa from 'papaparse'
import { describe, expect, it } from 'vitest'
import { schemeCsv } from '../../../../services/report/formats/scheme-csv.ts'
import type { SprayRecord } from '../../../../services/tables.ts'
import { schemes, type Scheme } from '../../../../services/report/jobs/file-query.ts'

const record: SprayRecord = {
  product: {
    id: 'p',
    name: 'Orchard guard WG',
    country: 'JP',
    registrationNumber: '12345',
    ingredients: [{ name: 'example-amide', group: '28' }],
    reiHours: 24,
    rainFastHours: 2,
    phiDays: 21,
    use: { crop: 'りんご', target: 'モモシンクイガ' },
    isDemo: false,
  },
  crop: 'apple',
  variety: 'Fuji',
  cropEppo: 'MABSD',
  bbch: 75,
  target: 'codling-moth',
  field: { id: 'f', name: '北3', areaM2: 8_093.7128448, latDeg: 36.4, lonDeg: 140.2 },
  part: { name: 'the edge', holds: 'field', areaM2: 4_046.8564224 },
  dose: {
    amount: 0.2,
    unit: 'kg/10a',
    dilution: 2000,
    volumeL10a: 400,
    areaM2: 4_046.8564224,
    totalProduct: 0.809,
    totalSprayL: 1619,
  },
  // 23:30 in Tokyo, on the day before that of UTC's morning
  startMs: Date.parse('2026-07-20T14:30Z'),
  endMs: Date.parse('2026-07-20T15:15Z'),
  method: 'foliar',
  equipment: 'Sprayer 2',
  operator: 'Sato',
  operatorCertificate: 'PA-1',
  certifiedBy: null,
  customer: 'Abe',
  justification: '=catches',
  lot: 'L-7',
  weather: {
    device: 's',
    atMs: 0,
    tempC: 21.54,
    humidityPct: 74,
    windMps: 1.8,
    windDirDeg: null,
    deltaTC: 3,
    flag: 1,
  },
  phiDays: 21,
  earliestHarvestDay: '2026-08-11',
  daysToHarvest: 82,
  reiHours: 24,
  reentryMs: null,
  rules: 'pest-1',
}
/** All that may be unknown is. */
const unknown: SprayRecord = {
  ...record,
  product: { ...record.product, ingredients: [], phiDays: null, use: null },
  field: { ...record.field, latDeg: null, lonDeg: null },
  dose: { ...record.dose, dilution: null, volumeL10a: null, totalSprayL: null },
  variety: null,
  cropEppo: null,
  bbch: null,
  part: null,
  method: null,
  equipment: null,
  operatorCertificate: null,
  customer: null,
  justification: null,
  lot: null,
  weather: null,
  phiDays: null,
  earliestHarvestDay: null,
  daysToHarvest: null,
}
const output = (scheme: Scheme, spray: SprayRecord, lang: 'en' | 'ja' = 'en') => {
  const title = { coop: 'Midori', member: null, year: 2026, lang }
  const text = schemeCsv(scheme, [{ member: 'Sato farm', timeZone: 'Asia/Tokyo', record: spray }], title)
  return Papa.parse<Record<string, string>>(text.replace(/^.*\r\n/, ''), { header: true }).data[0]!
}

describe('the records of a spray', () => {
  it('for EU 2023/564 have product, authorisation, day and hour, dose, area, place, crop with its code and stage, user', () =>
    expect(output('eu', record)).toMatchObject({
      'Name of the plant protection product': 'Orchard guard WG',
      'Authorisation number': '12345',
      'Date of application': '2026-07-20',
      'Start time of application': '23:30',
      'Dose per unit': '0.2',
      'Unit of the dose': 'kg/10a',
      'Treated area (ha)': '0.4047',
      'Identification of the treated area': '北3, the edge',
      'Size of the field (ha)': '0.8094',
      'EPPO code of the crop': 'MABSD',
      'BBCH growth stage': '75',
      'Type of use': 'foliar',
      'Professional user': 'Sato',
      Holding: 'Sato farm',
    }))

  it('for 7 CFR 110.3 are in acres and American days, and name the certified applicator, who need not be the sprayer', () => {
    expect(output('us', record)).toMatchObject({
      'Total amount applied': '0.809',
      'Unit of the amount': 'kg',
      'Size of area treated (acres)': '1',
      'Month, day, and year': '07/20/2026',
      'Start time': '23:30',
      'End time': '00:15',
      'Certified applicator': 'Sato',
      'Certification number': 'PA-1',
      'Noncertified applicator': '',
      Customer: 'Abe',
    })
    expect(output('us', { ...record, operatorCertificate: null, certifiedBy: 'Ito' })).toMatchObject({
      'Certified applicator': 'Ito',
      'Certification number': '',
      'Noncertified applicator': 'Sato',
    })
  })

  it('for JGAP have the crop as registered, both of dilution and volume, days before the harvest, and no formula', () =>
    expect(output('jgap', record, 'ja')).toMatchObject({
      '作物（栽培）': 'リンゴ',
      '作物（農薬登録）': 'りんご',
      '対象病害虫（農薬登録）': 'モモシンクイガ',
      有効成分: 'example-amide',
      希釈倍数: '2000',
      '散布液量 (L/10a)': '400',
      使用量: '0.2',
      '使用時期（収穫前日数）': '82',
      '使用面積 (a)': '40.47',
      使用機械: 'Sprayer 2',
      作業者: 'Sato',
      使用理由: "'=catches",
      収穫可能日: '2026-08-11',
      '気温 (°C)': '21.5',
    }))

  it.each([
    ['ja', 'リンゴ', 'コドリンガ'],
    ['en', 'apple', 'Codling moth'],
  ] as const)('name a crop and a pest that Tilth knows, in %s', (lang, crop, target) => {
    const product = { ...record.product, use: { crop: 'apple', target: 'codling-moth' } }
    expect(output('jgap', { ...record, product }, lang)).toMatchObject({
      '作物（農薬登録）': crop,
      '対象病害虫（農薬登録）': target,
    })
  })

  it.each(schemes)('for %s have an empty cell for unknown values, and never a 0', (scheme) => {
    const [complete, lacking] = [output(scheme, record), output(scheme, unknown)]
    expect(Object.keys(lacking)).toEqual(Object.keys(complete))
    for (const [head, cell] of Object.entries(lacking))
      expect([head, cell]).not.toEqual([head, expect.stringMatching(/^(0|null|undefined|NaN)$/)])
    const empty = Object.values(lacking).filter((cell) => cell === '').length
    expect(empty).toBeGreaterThan({ eu: 3, us: 1, jgap: 10 }[scheme])
  })
})
