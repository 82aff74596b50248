/**
 * Data-quality notes of a day: keys with their parameters, for the dashboard's catalogue and the season's
 * data-quality sheet. A day with a note of `recomputeKeys` is recomputed while late data may still arrive.
 */
import { readDayNotes, type FieldDayRow } from '../../tables.ts'

export const noteKeys = {
  'et0-reduced': ['replaced'], // estimated sensors: humidity, wind, solar
  'et0-temperature': [], // Hargreaves
  'et0-climatology': ['days'],
  'et0-unknown': [],
  'solar-reads-high': ['device', 'percent'], // above a clear sky by this share, on its clearest days
  'temperature-missing': [],
  'partly-covered': [], // hours are missing, too few to matter
  'weather-neighbour': ['device', 'km'],
  'rain-neighbour': ['device', 'km'],
  'rain-unknown': [],
  'irrigation-rate': [], // from running time, without a meter
  'irrigation-reported': [], // manual irrigation, as reported by a person
  'irrigation-unknown': ['runs'],
  'water-missing': ['mm'], // without a meter: a dry probe that it must have wetted did not rise; not counted
  'killed-by-frost': ['tempC'], // the night ended the crop
  'salt-loss': ['ecDsM', 'thresholdDsM', 'lossPercent'], // yield that the salt of the soil costs
  'water-too-salty': ['waterEcDsM', 'thresholdDsM'], // no leaching makes it fit for the crop
  'leaching-due': ['mm'], // leaching that past irrigations lack
  'probe-silent': [],
  'depletion-assumed': ['mm'], // no information: half of RAW, with the largest uncertainty
  'depletion-from-probe': [],
  'probe-contradicts': ['device', 'depthCm'], // its readings contradict rain, irrigation and crop use: not assimilated
  'probe-stuck': ['device', 'depthCm'], // the identical number for days: not assimilated
  'reading-refused': ['device', 'depthCm', 'got'], // not a water content
  'soil-limits-changed': ['fromPercent', 'toPercent'], // field capacity, from the calibration by probes or a correction by a person
  'soil-depth-changed': ['fromMm', 'toMm'], // by a correction by a person: where the soil ends, or the deepest roots of the crop
  'level-modelled': [],
  'level-unknown': [],
  'crop-unknown': ['crop'],
  'heat-estimated': ['cd'], // a day without temperatures is taken as the mean of the previous two weeks
  'heat-incomplete': [], // a day of the season is missing in the degree-day sum: it is a lower bound
  'single-kc': ['crop'], // FAO-56 Table 17 has no Kcb for this crop
  'rain-runoff': ['mm'], // by the curve number
  'water-table': ['mm'], // capillary rise
} as const

export type NoteKey = keyof typeof noteKeys
export interface Note {
  key: NoteKey
  params: Record<string, string | number>
}

/** `params` should have the names that `noteKeys` lists for the key; they are not checked. */
export const note = (key: NoteKey, params: Note['params'] = {}): Note => ({ key, params })

/** Late data could improve these days. */
export const recomputeKeys: ReadonlySet<string> = new Set<NoteKey>([
  'et0-reduced',
  'et0-temperature',
  'et0-climatology',
  'et0-unknown',
  'temperature-missing',
  'partly-covered',
  'weather-neighbour',
  'rain-neighbour',
  'rain-unknown',
  'irrigation-unknown',
  'probe-silent',
  'level-modelled',
  'level-unknown',
])

/** Whether a row's degree-day sum includes every day since planting. */
export const isHeatWhole = (row: Partial<Pick<FieldDayRow, 'heatSumCd' | 'notes'>> | undefined): boolean =>
  row?.heatSumCd != null &&
  row.notes !== undefined &&
  !readDayNotes(row.notes).some(({ key }) => key === 'heat-incomplete')
