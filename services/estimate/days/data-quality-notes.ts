/**
 * What a day's row says of itself: keys with their parameters, for the catalogue of the dashboard and the season's
 * data-quality sheet. A day with a note of `recomputeKeys` is worked out again while late data may still come.
 */
export const noteKeys = {
  'et0-reduced': ['replaced'], // sensors that were estimated: humidity, wind, solar
  'et0-temperature': [], // Hargreaves
  'et0-climatology': ['days'],
  'et0-unknown': [],
  'solar-reads-high': ['device', 'percent'], // above a clear sky by so much, on its clearest days
  'temperature-missing': [],
  'partly-covered': [], // hours are missing, too few to matter
  'weather-neighbour': ['device', 'km'],
  'rain-neighbour': ['device', 'km'],
  'rain-unknown': [],
  'irrigation-rate': [], // from running time, no meter
  'irrigation-reported': [], // by hand, as a person wrote it down
  'irrigation-unknown': ['runs'],
  'probe-silent': [],
  'depletion-assumed': ['mm'], // nothing was known: half of RAW, with the widest doubt
  'depletion-from-probe': [],
  'probe-nudge': ['fromMm', 'gainPercent'],
  'probe-contradicts': ['probeMm', 'balanceMm'], // too far off for chance: not followed
  'soil-limits-changed': ['fromPercent', 'toPercent'], // field capacity, by what the probes have learned or a person has put right
  'level-modelled': [],
  'level-unknown': [],
  'crop-unknown': ['crop'],
  'heat-estimated': ['cd'], // a day without temperatures counts as the mean of the fortnight before
  'heat-incomplete': [], // a day of the season is missing in the heat sum: stages by the calendar
  'single-kc': ['crop'], // FAO-56 Table 17 has no Kcb of it
  'rain-runoff': ['mm'], // by the curve number
  'water-table': ['mm'], // that rose from it
} as const

export type NoteKey = keyof typeof noteKeys
export interface Note {
  key: NoteKey
  params: Record<string, string | number>
}

export const note = (key: NoteKey, params: Note['params'] = {}): Note => ({ key, params })

/** Late data could make these days better. */
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
