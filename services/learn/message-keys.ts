/**
 * Message keys of the models: the dashboard's catalogues have a text for each, in every language; a test compares
 * them.
 */
import { ruleTermKeys } from '../irrigation-model/rule-terms.ts'

/** Why a model is used, or not, and the parameters of the message. */
export const reasonKeys = {
  better: ['used', 'of', 'gainPct'],
  'no-better': ['used', 'of'],
  drifted: ['n'],
  'does-not-move': [],
  'too-few-days': ['rows', 'need'],
  'too-few-runs': ['rows', 'need'],
  'too-few-seasons': ['rows', 'need'],
  'too-few-years': ['years', 'need'],
  // irrigation rule
  cheaper: ['gainPct'],
  'no-cheaper': [],
  'too-few-whole-seasons': ['rows', 'need'],
} as const
export type ReasonKey = keyof typeof reasonKeys

const daysAhead = [1, 2, 3, 4, 5, 6, 7] as const

/** Quantities of the errors on held-out time. */
export const skillKeys = [
  ...daysAhead.map((days) => `days-${days}` as const),
  'leave-one-year-out',
  'next-run',
  'unseen-years',
] as const

/** Coefficients. */
export const termKeys = [
  'intercept',
  // soil moisture: bucket.ts
  ...['soak-depth', 'dry-rate', 'drain-rate', 'drain-power', 'lower-limit', 'upper-limit', 'mean-demand'],
  // ET0
  ...['sun', 'year-cos', 'year-sin'],
  ...daysAhead.flatMap((days) => [`last-${days}`, `usual-${days}`]),
  // yield
  ...['year', 'water', 'water-squared', 'deficit', 'deficit-squared', 'heat', 'heat-squared'],
  ...['flight-half', 'flight-spread'],
  ...['flow', 'flow-drift', 'application-rate', 'application-rate-drift'],
  ...ruleTermKeys,
]
