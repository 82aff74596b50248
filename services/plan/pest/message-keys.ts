/**
 * Every catalogue key of pest control, with the names of its parameters; the dashboard's texts are tested
 * against these tables. `...Ms` an instant, `...Day` a civil day, others as described.
 */

/** Reasons for or against an hour. */
export const hourKeys = {
  'wind-strong': ['windMps', 'limitMps'],
  'wind-calm': ['windMps', 'limitMps'],
  'wind-gusts': ['windMps', 'limitMps'],
  'wind-unknown': [],
  'temp-high': ['tempC', 'limitC'],
  'temp-low': ['tempC', 'limitC'],
  'temp-unknown': [],
  'delta-t-high': ['deltaTC', 'limitC'], // droplets dry before they land
  'delta-t-low': ['deltaTC', 'limitC'], // droplets hang in the air
  'delta-t-unknown': [],
  inversion: ['windMps'], // a proxy: low sun, little wind, a clear sky
  'inversion-cloudy': ['windMps'],
  'inversion-unknown': [],
  'rain-now': ['rainMm'],
  'rain-now-likely': ['percent'],
  'rain-now-unknown': [],
  'rain-after': ['atMs', 'hours'], // within the rain-fast hours of the product
  'rain-after-likely': ['atMs', 'percent'],
  'rain-after-unknown': ['hours'],
  'rain-fast-unknown': ['hours'], // the label has no figure; so many dry hours are required
  'leaf-wet': [],
  'leaf-unknown': [],
  bees: [],
  'bees-unknown': [], // the label, or the flowering
  'work-hours': [],
  'sprinkler-after': ['atMs'], // would wash it off
  'sprinkler-proposed': ['atMs'],
  'sprinkler-before': ['atMs'], // leaves are still wet
  'by-day': [], // derived from a daily forecast
} as const

/** What to look for in a crop without a trap or a model (agronomy/pests/scouting.ts). */
export const lookKeys = {
  'per-100-hills': ['count'],
  'per-hill': ['count'],
  'after-peak': ['days'], // of the flight; a text, such as 5–7
  'diseased-hills': ['percent'],
  'spotted-grains': ['count', 'of'],
} as const

/** The proposed action against a pest, and the reason. */
export const proposalKeys = {
  'catch-reached': ['caught', 'count', 'days', 'toDay'],
  'catch-and-event': ['caught', 'count', 'days', 'event', 'toDay'],
  'catch-early': ['event', 'fromDay'], // reached, but the target event of a spray comes later
  'catch-late': ['event'],
  'catch-below': ['caught', 'count', 'days', 'toDay'],
  'catch-unknown': ['count', 'days'],
  'catch-no-date': ['caught', 'count', 'days', 'toDay'],
  'event-near': ['event', 'fromDay', 'toDay'],
  'event-now': ['event'],
  'event-ahead': ['event', 'fromDay'],
  'event-past': ['event'],
  'event-unknown': ['event'],
  'no-threshold': [],
  'figures-missing': ['figures'], // of the economic threshold, by name
  'infection-high': ['day'],
  'infection-moderate': ['day'],
  'infection-low': ['day'],
  'infection-unknown': ['day'],
  'infection-old': ['day'],
  'days-missing': ['days'],
  'count-old': ['day'],
  'not-counted': [],
  treated: ['day'],
} as const

/** Rules that a treatment is checked against. */
export const checkKeys = {
  authorised: ['untilDay'],
  crop: ['crop'],
  target: ['crop'],
  phi: ['days', 'earliestDay', 'harvestDay'],
  rei: ['hours', 'untilMs', 'atMs'], // atMs: of the work within the interval
  'count-product': ['count', 'max'],
  'count-ingredient': ['ingredient', 'count', 'max'],
  interval: ['days', 'lastDay'],
  group: ['group', 'lastDay'],
  dose: ['amount', 'unit', 'lo', 'hi'],
  dilution: ['dilution', 'lo', 'hi'],
  buffer: ['metres'],
  weather: ['reason'], // a key of `hourKeys`, next to its own params
  irrigation: ['atMs'],
} as const

export type HourKey = keyof typeof hourKeys
export type ProposalKey = keyof typeof proposalKeys
export type CheckKey = keyof typeof checkKeys
export type Params = Record<string, string | number | null>
