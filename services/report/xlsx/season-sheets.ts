/** Sheets of a season: members, fields, water and data quality, as columns with headings. */
import type { YieldForecast } from '../season/yield-forecasts.ts'
import { percent, round, scaleOf, type Unit } from '../text/units.ts'
import type { ReportField } from '../season/season-source.ts'
import { missingText, outlierText, plantedHeading } from '../text/labels.ts'
import {
  type Cell,
  type Column,
  bilingual,
  day,
  ofPart,
  summed,
  text,
  amount,
  identityColumns,
} from './table.ts'
import type { Lang } from '../text/lang.ts'
import type { SeasonRecord } from '../season/record.ts'
import type { FieldLine, MemberLine } from '../season/lines.ts'
import { statedYield } from '../text/basis-text.ts'

/** One row per member. */
export function memberColumns(lang: Lang, unit: Unit, crop: string): Column<MemberLine>[] {
  const scale = scaleOf(unit)
  return [
    text('Member code', '組合員コード', ({ memberCode }) => memberCode ?? ''),
    text('Member', '組合員', ({ name }) => name),
    amount('Fields', '圃場数', ({ fields }) => fields.length),
    amount(`Area (${scale.area})`, `面積 (${scale.area})`, ({ areaM2 }) => scale.areaOf(areaM2)),
    ...yieldColumns<MemberLine>(unit, crop),
    ...ofPart<MemberLine>('yield', [
      amount('Fields compared', '比較した圃場数', ({ withheld, compared }) =>
        withheld.includes('yield') ? null : compared,
      ),
      amount(
        `Yield of these fields (${scale.yield})`,
        `その圃場の収量 (${scale.yield})`,
        ({ withheld, compared, comparedKgHa }) =>
          compared === 0 && !withheld.includes('yield') ? '' : scale.yieldOf(comparedKgHa),
      ),
      amount('Fields with a yield', '収量のある圃場数', ({ withheld, withYield }) =>
        withheld.includes('yield') ? null : withYield,
      ),
      amount('Fields with weighed loads', '計量のある圃場数', ({ withheld, withLoads }) =>
        withheld.includes('yield') ? null : withLoads,
      ),
    ]),
    ...waterAndSprayColumns<MemberLine>(unit),
    text('Missing', '欠測', ({ missing }) =>
      missing
        .map(({ key, fields }) => `${missingText[key][lang]}: ${fields.map(({ name }) => name).join(', ')}`)
        .join('; '),
    ),
    text('Outliers', '通常との差', ({ outliers }) =>
      outliers.map((outlier) => outlierText[outlier][lang]).join('; '),
    ),
  ]
}

/** One row per field. */
export function fieldColumns(lang: Lang, unit: Unit, crop: string): Column<ReportField>[] {
  const scale = scaleOf(unit)
  const planted = plantedHeading(crop)
  const ofLine = (column: Column<FieldLine>): Column<ReportField> => ({
    ...column,
    cell: ({ line }) => column.cell(line),
  })
  const forecastColumn = (en: string, ja: string, key: keyof YieldForecast) =>
    amount<ReportField>(en, ja, ({ line }) =>
      line.forecast === null ? blankUnless(line, null) : scale.yieldOf(line.forecast[key]),
    )
  return [
    ...identityColumns,
    text('Variety', '品種', ({ record }) => record.variety ?? ''),
    day(planted.en, planted.ja, ({ record }) => record.plantedDay),
    ...ofPart<ReportField>('yield', [
      day('Harvested', '収穫日', ({ record }) => blankUnless(record, record.harvestedDay)),
    ]),
    summed(`Area (${scale.area})`, `面積 (${scale.area})`, ({ line }) => scale.areaOf(line.areaM2)),
    ...ofPart<ReportField>('yield', [
      summed(`Harvested area (${scale.area})`, `収穫面積 (${scale.area})`, ({ line }) =>
        line.withheld.includes('yield') ? null : scale.areaOf(line.harvestedM2),
      ),
      summed('Yield (kg)', '収量 (kg)', ({ record }) => round(record.yield.kg, 1)),
    ]),
    ...yieldColumns<FieldLine>(unit, crop).map(ofLine),
    ...ofPart<ReportField>('yield', [
      forecastColumn(`Forecast (${scale.yield})`, `予測収量 (${scale.yield})`, 'kgHa'),
      forecastColumn('Forecast, 90 % from', '予測の90%区間 下限', 'lowKgHa'),
      forecastColumn('Forecast, 90 % to', '予測の90%区間 上限', 'highKgHa'),
    ]),
    ...ofPart<ReportField>('yield', [
      text('Yield source', '収量の元', ({ record }) =>
        blankUnless(record, sourceText[record.yield.from ?? 'none'][lang]),
      ),
      text('As entered', '入力された値', ({ record }) => blankUnless(record, enteredText(record, lang))),
      summed('Loads', '計量回数', ({ line }) => line.loads),
      summed('Low grade (kg)', 'くず (kg)', ({ line }) => (line.loads === 0 ? '' : round(line.lowKg, 1))),
    ]),
    ...waterAndSprayColumns<FieldLine>(unit).map(ofLine),
    text('Missing', '欠測', ({ line }) => line.missing.map((key) => missingText[key][lang]).join('; ')),
  ]
}

/** An empty cell where there is nothing to enter; null, which is marked, where the member withholds its yield. */
const blankUnless = ({ withheld }: Pick<SeasonRecord, 'withheld'>, value: Cell): Cell =>
  withheld.includes('yield') ? null : (value ?? '')

function enteredText({ yield: harvest }: SeasonRecord, lang: Lang): string {
  if (harvest.from !== 'entered') return ''
  const { kg, basis } = statedYield(harvest, lang)
  return kg === null ? '' : `${kg} kg, ${basis}`
}

/**
 * Water input and use of a field, and its yield per volume of water: the mass of the field over the water of the same
 * field.
 */
export function waterColumns(): Column<ReportField>[] {
  return [
    ...identityColumns,
    ...ofPart<ReportField>('water', [
      summed('Irrigation (m3)', 'かん水量 (m3)', ({ record }) => round(record.waterM3, 1)),
      amount('Irrigation (mm)', 'かん水量 (mm)', ({ record }) => round(irrigationMm(record), 1)),
      amount('Metered share (%)', '実測の割合 (%)', ({ record }) =>
        record.waterM3 === 0 ? '' : percent(record.meteredShare),
      ),
      summed('Runs', 'かん水回数', ({ record }) => record.runs),
      summed('Runs without a known volume', '水量不明のかん水回数', ({ record }) => record.runsWithoutVolume),
      amount('Rain (mm)', '降水量 (mm)', ({ record }) => round(record.rainMm, 1)),
      amount('Crop ET (mm)', '作物蒸発散量 (mm)', ({ record }) => round(record.etMm, 1)),
      amount('Stress days', '水ストレス日数', ({ record }) => record.stressDays),
    ]),
    ...ofPart<ReportField>(
      ['yield', 'water'],
      [
        amount('Yield mass / crop ET (kg/m3)', '収量÷蒸発散量 (kg/m3)', ({ record }) =>
          kgPerM3(record, record.etMm),
        ),
        amount('Yield mass / irrigation (kg/m3)', '収量÷かん水量 (kg/m3)', ({ record }) =>
          kgPerM3(record, irrigationMm(record)),
        ),
        amount(
          'Yield mass / (irrigation + rain) (kg/m3)',
          '収量÷（かん水量＋降水量） (kg/m3)',
          ({ record }) => {
            const mm = irrigationMm(record)
            return kgPerM3(record, mm === null || record.rainMm === null ? null : mm + record.rainMm)
          },
        ),
      ],
    ),
  ]
}

/** Completeness of the data behind a field's figures. */
export function qualityColumns(): Column<ReportField>[] {
  const lacking = (key: keyof SeasonRecord['yield']['lacking']) => (row: ReportField) =>
    row.record.withheld.includes('yield') ? null : (row.record.yield.lacking[key] ?? 0)
  return [
    ...identityColumns,
    ...ofPart<ReportField>('water', [
      amount('Days on record', '記録日数', ({ record }) => record.days),
      summed('Days without rain data', '降水量の欠測日数', ({ record }) => record.rainMissingDays),
      summed('Days without ET', '蒸発散量の欠測日数', ({ record }) => record.etMissingDays),
    ]),
    ...ofPart<ReportField>('sprays', [
      amount(
        'Days without a disease assessment',
        '病害を判定できない日数',
        ({ record }) => record.diseaseUnknownDays,
      ),
    ]),
    ...ofPart<ReportField>('water', [
      summed('Runs without a known volume', '水量不明のかん水回数', ({ record }) => record.runsWithoutVolume),
      summed('Runs without a confirmed record', '未確定のかん水記録', ({ record }) => record.runsUnconfirmed),
    ]),
    ...ofPart<ReportField>('yield', [
      summed('Loads without moisture', '水分不明の計量', lacking('moisture')),
      summed('Loads without foreign matter', '異物不明の計量', lacking('foreign')),
      summed('Loads of another form', '形態の違う計量', lacking('form')),
      summed('Entered yield without a basis', '基準の読めない収量', lacking('basis')),
    ]),
    ...ofPart<ReportField>('sprays', [
      summed(
        'Sprays without a confirmed record',
        '未確定の防除記録',
        ({ record }) => record.spraysUnrecorded,
      ),
    ]),
  ]
}

const sourceText: Record<'loads' | 'entered' | 'none', Record<Lang, string>> = {
  loads: bilingual('weighed loads', '計量'),
  entered: bilingual('entered', '入力'),
  none: bilingual('', ''),
}

type LineTotals = Pick<MemberLine, 'kgHa' | 'usualKgHa' | 'change' | 'waterM3Ha' | 'meteredShare'> &
  Pick<MemberLine, 'diseaseDays' | 'sprays'>

const HYO_KG = 60

function yieldColumns<Row extends LineTotals>(unit: Unit, crop: string): Column<Row>[] {
  const { yield: name, yieldOf } = scaleOf(unit)
  return ofPart('yield', [
    amount(`Yield (${name})`, `収量 (${name})`, ({ kgHa }) => yieldOf(kgHa)),
    ...(unit === 'kg/10a' && crop === 'rice'
      ? [amount<Row>('(hyo of 60 kg/10a)', '（俵/10a）', ({ kgHa }) => round(kgHa, 1, 10 * HYO_KG))]
      : []),
    amount(`Mean of 5 years (${name})`, `過去5年平均 (${name})`, ({ usualKgHa }) => yieldOf(usualKgHa)),
    amount('Change (%)', '平年比 (%)', ({ change }) => percent(change)),
  ])
}

function waterAndSprayColumns<Row extends LineTotals>(unit: Unit): Column<Row>[] {
  const { water, waterOf } = scaleOf(unit)
  return [
    ...ofPart<Row>('water', [
      amount(`Water (${water})`, `水量 (${water})`, ({ waterM3Ha }) => waterOf(waterM3Ha)),
      amount('Metered share (%)', '実測の割合 (%)', ({ waterM3Ha, meteredShare }) =>
        waterM3Ha === 0 ? '' : percent(meteredShare),
      ),
    ]),
    ...ofPart<Row>('sprays', [
      amount('Disease days, high', '感染好適日数', ({ diseaseDays }) => diseaseDays),
      amount('Sprays', '防除回数', ({ sprays }) => sprays),
    ]),
  ]
}

const irrigationMm = ({ waterM3, areaM2 }: SeasonRecord): number | null =>
  waterM3 === null ? null : (1000 * waterM3) / areaM2

/**
 * The mass of the field's yield over the water on the whole field, by which part of it was harvested too. 1 mm on 1 m2 is
 * 1 litre. No water, no ratio.
 */
const kgPerM3 = ({ yield: { kg }, areaM2, withheld }: SeasonRecord, mm: number | null): Cell =>
  mm === 0 && !withheld.includes('yield')
    ? ''
    : kg === null || mm === null
      ? null
      : round((1000 * kg) / (mm * areaM2), 2)
