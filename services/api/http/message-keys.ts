/**
 * Catalogue keys that the API itself uses in responses, with the parameters of each text. Plan defines the
 * keys of verdicts and reasons. The dashboard's catalogues have a text for each in every language; a test
 * compares them.
 */
export const apiKeys = {
  // the log of a field
  'log-irrigated': ['mm', 'minutes', 'source'], // mm gross; source: metered, rate or unknown
  'log-watered': ['mm', 'source'], // by hand; source: reported, rate or unknown
  'log-tested': ['litres'], // a valve, by a person
  'log-irrigation-failed': ['reason'],
  'log-rain': ['mm', 'countedMm'],
  'log-skipped': ['reason'], // a key of plan's endReasonKeys or of dispatch, or null
  'log-skipped-rain': ['mm', 'measuredMm', 'byMs'], // its condition was met
  'log-alert': ['cause'],
  'log-counted-plants': ['subject', 'count'], // by a person
  'log-counted-trap': ['subject', 'count'],
  'log-work': ['kind'],
  'log-work-with': ['kind', 'material'],
  'log-load': ['kg'], // weighed
  'log-sprayed': ['product'],
  'log-note': ['text'], // as a person wrote it
} as const satisfies Record<string, readonly string[]>
export type ApiKey = keyof typeof apiKeys

/**
 * Water applied by the valve against water by Tilth and by the previous fixed schedule. `m3` is a difference
 * above 0.
 */
export const compareKeys = {
  'fixed-schedule-more': ['m3', 'depthMm', 'everyDays'], // this week the fixed schedule would have used more
  'fixed-schedule-wetter': ['actual', 'fixedSchedule'], // no saving: it leaves fewer days with water stress
  'fixed-schedule-not-given': ['actualM3', 'tilthM3', 'fixedM3', 'depthMm', 'everyDays'], // no saving: advised, not given
  'fixed-schedule-less': ['m3', 'depthMm', 'everyDays'],
  'fixed-schedule-same': ['depthMm', 'everyDays'],
  'tilth-less': ['actualM3', 'tilthM3', 'm3', 'fromDay'], // against the farmer's own schedule: Tilth would have used less
  'tilth-more': ['actualM3', 'tilthM3', 'm3', 'fromDay'],
  'tilth-same': ['actualM3', 'tilthM3', 'fromDay'],
  'saved-money': ['money', 'price'], // both texts with their currency
  'drier-days': ['actual', 'tilth'], // days with water stress
  'not-metered': [],
  'days-missing': ['missing', 'of'],
} as const

/** The skill of a source's forecasts one day ahead. */
export const forecastKeys = {
  'skill-few': ['known'], // too few days: the forecast is used unchanged
  'skill-heavy': ['heavy', 'hits', 'falseAlarms'], // of days with 5 mm or more
  'skill-no-heavy': ['known', 'falseAlarms'],
  'skill-wet': ['mm'], // bias per day, too wet
  'skill-dry': ['mm'],
  'skill-even': [],
  'skill-heat': ['degrees'], // mean error of the daily maximum temperature
  'skill-correction-less': ['percent'], // of the forecast low end of rain
  'skill-correction-more': ['percent'],
} as const

/** The limits of a model, as shown on its card. */
export const modelLimitKeys = {
  'this-probe': [],
  'this-station': [],
  'this-trap': [],
  'this-field': [],
  'this-valve': [],
  'this-zone': [],
  'in-window': ['fromDay', 'throughDay'],
} as const satisfies Record<string, readonly string[]>
export type ModelLimitKey = keyof typeof modelLimitKeys
