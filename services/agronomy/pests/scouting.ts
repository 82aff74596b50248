/**
 * What a grower looks for in a crop without a trap or a model, by season, with the published figure that decides. Rows,
 * never code. `confirmed: false`: a figure needs a second source; `check` names it.
 */

export interface ScoutingRow {
  target: string // of the catalogue of pests, or of diseases without a model
  crop: string
  timeZone: string // of the region of its source
  /** days of the year, '06-20'; both included */
  fromDay: string
  toDay: string
  /** only in these stages; absent: in each */
  stages?: readonly string[]
  key: string // of `lookKeys`
  params: Readonly<Record<string, number | string>>
  source: string
  confirmed: boolean
  check: string | null
}

const japaneseRice = { crop: 'rice', timeZone: 'Asia/Tokyo', confirmed: false } as const

export const scoutingRows: readonly ScoutingRow[] = [
  {
    ...japaneseRice,
    target: 'brown-planthopper',
    fromDay: '06-20',
    toDay: '08-10',
    key: 'per-100-hills',
    params: { count: 20 },
    source: 'Yamaguchi Plant Protection Office, technical note 4 of 2016: adults and nymphs',
    check: 'prefectures differ',
  },
  {
    ...japaneseRice,
    target: 'brown-planthopper',
    fromDay: '08-11',
    toDay: '10-10',
    key: 'per-hill',
    params: { count: 5 },
    source: 'Yamaguchi Plant Protection Office, technical note 4 of 2016: adults and nymphs',
    check: 'prefectures differ',
  },
  {
    ...japaneseRice,
    target: 'rice-stem-borer',
    fromDay: '06-10',
    toDay: '07-20',
    key: 'after-peak',
    params: { days: '15' },
    source: 'Shizuoka Plant Protection Office: first flight, middle to end of June',
    check: 'no count goes with it; the months are those of Shizuoka',
  },
  {
    ...japaneseRice,
    target: 'rice-stem-borer',
    fromDay: '08-05',
    toDay: '08-31',
    key: 'after-peak',
    params: { days: '5–7' },
    source: 'Shizuoka Plant Protection Office: second flight, middle of August',
    check: 'no count goes with it; the months are those of Shizuoka',
  },
  {
    ...japaneseRice,
    target: 'rice-leaffolder',
    fromDay: '07-20',
    toDay: '09-15',
    key: 'after-peak',
    params: { days: '7' },
    source: 'Saga, pest forecast 5 of 2020: protect the upper three leaves',
    check: 'no count goes with it; the months differ by prefecture',
  },
  {
    ...japaneseRice,
    target: 'rice-stink-bug',
    fromDay: '07-01',
    toDay: '10-10',
    stages: ['heading', 'ripening'],
    key: 'spotted-grains',
    params: { count: 2, of: 1000 },
    source: 'Nanbu, Aomori: the share of spotted grains from which rice is of grade 2',
    check: 'no count in the field goes with it',
  },
  {
    ...japaneseRice,
    target: 'rice-sheath-blight',
    fromDay: '06-25',
    toDay: '08-31',
    key: 'diseased-hills',
    params: { percent: 30 },
    source: 'Niigata Prefecture: at maturity, with lesions up to the flag leaf, a loss of 5 %',
    check: 'varieties differ',
  },
]

/** The rows that apply to a field on a day; an unknown stage hides none. */
export const lookFor = (
  field: { crop: string; timeZone: string; stage: string | null },
  today: string, // '2026-08-10'
): ScoutingRow[] =>
  scoutingRows.filter(
    ({ crop, timeZone, fromDay, toDay, stages }) =>
      crop === field.crop &&
      timeZone === field.timeZone &&
      fromDay <= today.slice(5) &&
      today.slice(5) <= toDay &&
      (!stages || field.stage === null || stages.includes(field.stage)),
  )
