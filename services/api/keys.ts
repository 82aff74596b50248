/**
 * Catalogue keys that the API itself puts into its answers, with what goes into each text. The keys of verdicts and
 * reasons are plan's. The dashboard's catalogues have a text for each, in every language; a test compares them.
 */
export const apiKeys = {
  // the log of a field
  'log-irrigated': ['mm', 'minutes', 'source'], // mm gross; source: metered, rate or unknown
  'log-irrigation-failed': ['why'],
  'log-rain': ['mm', 'countedMm'],
  'log-skipped': ['why'], // a key of plan's endedKeys or of dispatch, or null
  'log-skipped-rain': ['mm', 'fellMm', 'byMs'], // its condition came true
  'log-alert': ['cause'],
} as const satisfies Record<string, readonly string[]>
export type ApiKey = keyof typeof apiKeys

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
