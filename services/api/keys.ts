/**
 * Catalogue keys that the API itself puts into its answers, with what goes into each text. The keys of verdicts and
 * reasons are plan's. The dashboard's catalogues have a text for each, in every language; a test compares them.
 */
export const apiKeys = {
  // the verdict of a field that plan has not judged yet, or whose state has grown old
  'cannot-judge': [],
  // the log of a field
  'log-irrigated': ['mm', 'minutes', 'source'], // mm gross; source: metered, rate or unknown
  'log-irrigation-failed': ['why'],
  'log-rain': ['mm', 'countedMm'],
  'log-skipped': ['why'],
  'log-alert': ['cause'],
} as const satisfies Record<string, readonly string[]>
export type ApiKey = keyof typeof apiKeys
