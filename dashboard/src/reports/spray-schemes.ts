/** The audit schemes in whose columns confirmed sprays can be downloaded, by the names that they have in every language. */
export const spraySchemes = [
  { name: 'JGAP', scheme: 'jgap' },
  { name: 'EU 2023/564', scheme: 'eu' },
  { name: '7 CFR 110', scheme: 'us' },
] as const

/** Below `/api/reports/`; the caller adds the year, the language and a member. */
export const spraysPath = (scheme: (typeof spraySchemes)[number]['scheme']): string =>
  `season.sprays?scheme=${scheme}`
