/**
 * Why an output is on or not, with the names of its parameters; the dashboard's texts are tested against this
 * table.
 */
export const outputKeys = {
  off: [],
  paused: ['untilMs'],
  'outside-hours': [],
  quiet: [],
  'no-rule': [],
  'day-limit': ['minutes'],
  sprayed: ['untilMs'],
  windy: ['wind', 'most'],
  'wind-unknown': [],
  'hours-on': [],
  'flight-on': ['pest', 'fromCd', 'toCd', 'sumCd', 'day'],
  'flight-ahead': ['pest', 'fromCd', 'toCd', 'sumCd', 'day'],
  'flight-over': ['pest', 'fromCd', 'toCd', 'sumCd', 'day'],
  'flight-unknown': ['pest', 'fromCd', 'toCd', 'sumCd', 'day'],
  'frost-on': ['temp', 'below'],
  'frost-no': ['temp', 'below'],
  'frost-unknown': ['below'],
  'birds-on': [],
  'birds-night': [],
} as const
export type OutputKey = keyof typeof outputKeys
