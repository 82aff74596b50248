/**
 * Catalogue keys that the API itself puts into its answers, with what goes into each text. The keys of verdicts and
 * reasons are plan's. The dashboard's catalogues have a text for each, in every language; a test compares them.
 */
export const apiKeys = {
  // the log of a field
  'log-irrigated': ['mm', 'minutes', 'source'], // mm gross; source: metered, rate or unknown
  'log-watered': ['mm', 'source'], // by hand; source: told, rate or unknown
  'log-tested': ['litres'], // a valve, by a person
  'log-irrigation-failed': ['why'],
  'log-rain': ['mm', 'countedMm'],
  'log-skipped': ['why'], // a key of plan's endReasonKeys or of dispatch, or null
  'log-skipped-rain': ['mm', 'measuredMm', 'byMs'], // its condition came true
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

/** What the valve gave beside what Tilth and the old timer would have given. `m3` is a difference, above 0. */
export const compareKeys = {
  'timer-more': ['m3', 'depthMm', 'everyDays'], // this week the timer would have used more
  'timer-less': ['m3', 'depthMm', 'everyDays'],
  'timer-same': ['depthMm', 'everyDays'],
  'tilth-less': ['givenM3', 'tilthM3', 'm3', 'fromDay'], // beside the farmer's own schedule: Tilth would have given less
  'tilth-more': ['givenM3', 'tilthM3', 'm3', 'fromDay'],
  'tilth-same': ['givenM3', 'tilthM3', 'fromDay'],
  worth: ['money', 'price'], // both texts with their currency
  'drier-days': ['given', 'tilth'], // days below the line of stress
  'not-metered': [],
  'days-missing': ['missing', 'of'],
} as const

/** How good a source's forecasts have been a day ahead. */
export const forecastKeys = {
  'skill-few': ['known'], // too few days: it is believed as it comes
  'skill-heavy': ['heavy', 'hits', 'falseAlarms'], // of days with 5 mm or more
  'skill-no-heavy': ['known', 'falseAlarms'],
  'skill-wet': ['mm'], // says that much a day too much
  'skill-dry': ['mm'],
  'skill-even': [],
  'skill-heat': ['degrees'], // mean miss of the day's highest temperature
  'skill-trust-less': ['percent'], // of the rain that it calls sure
  'skill-trust-more': ['percent'],
} as const

/** What a model must not be asked, as its card says it. */
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
