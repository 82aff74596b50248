/**
 * Every catalogue key that plan writes into rows, with the names of its parameters. The dashboard's texts are
 * tested against this table. Parameters: `...Mm` mm of water, `...Ms` an instant, `minutes` of valve time,
 * others as described.
 */

import { paddyTermKeys, paddyVerdictKeys } from './paddy/message-keys.ts'

/** The one line that states the action: the key of an advice and of its decision. */
export const verdictKeys = {
  // upland, a run is planned
  irrigate: ['mm', 'minutes', 'atMs', 'dueMs'], // it opens by itself; dueMs: the latest safe start, null: far off
  'irrigate-approve': ['mm', 'minutes', 'atMs', 'dueMs'], // waits for a person's approval
  'irrigate-manual': ['mm', 'minutes', 'atMs', 'dueMs'], // zone in mode advise, or without a valve
  starting: ['minutes', 'atMs'], // its valve opens within two minutes, upland and paddy
  watering: ['mm', 'minutes', 'endsMs'], // the command is on its way, or the valve is open; upland and paddy
  // upland, no run
  enough: ['leftMm', 'rawMm', 'days'], // days until the refill line, one decimal; null: more than a week
  'enough-soon': ['leftMm', 'rawMm', 'days'], // the refill line is reached within two days
  'rain-coming': ['loMm', 'hiMm', 'byMs'], // the line is near, but rain is likely enough
  'below-minimum': ['mm', 'minMm'], // less than the shortest run
  withheld: ['reason'], // dry, and on purpose: a key of `withheldKeys`
  // water is needed, and none will flow: upland and paddy; dueMs as of a run
  'needs-off': ['mm', 'dueMs'], // the zone's mode is off
  'needs-zone': ['mm', 'dueMs'], // the field has no zone
  'needs-paused': ['mm', 'dueMs', 'untilMs'],
  'needs-capacity': ['mm', 'dueMs', 'reason'], // reason: a key of `limitKeys`
  'needs-valve': ['mm', 'dueMs', 'reason', 'sinceMs'], // reason: a key of `blockKeys`
  'season-over': ['day'], // the crop is ripe: no more water. day: its planned harvest, null: by its age
  'needs-arrival': [], // the water of two runs in a row did not reach the probes: the next run waits
  // upland, without data of soil and weather: the farmer's own fixed schedule
  fallback: ['mm', 'minutes', 'atMs', 'days', 'sinceMs'], // sinceMs: last measurement, null: never
  'fallback-approve': ['mm', 'minutes', 'atMs', 'days', 'sinceMs'],
  'fallback-manual': ['mm', 'minutes', 'atMs', 'days', 'sinceMs'],
  'fallback-not-due': ['days', 'nextMs', 'sinceMs'], // not a day of the schedule
  // paddy
  ...paddyVerdictKeys,
  'no-season': [], // no crop grows here now
  'killed-by-frost': ['day', 'tempC'], // the night of that day ended the crop
  // unknown is never OK
  'cannot-judge': ['reason', 'atMs'], // reason: a key of `unknownKeys`; atMs: of the last known value, or null
} as const

/** The terms of a decision, in the order in which they add up. */
export const termKeys = {
  'available-now': ['fullMm'], // mm above the refill line, below 0 is dry; fullMm: from the line to full
  // active runs, or irrigation that is not in the balance yet; of grossMm this percentage reaches the roots. Null: unknown
  'water-coming': ['grossMm', 'efficiencyPercent'],
  'crop-use': ['untilMs'],
  'rain-expected': ['byMs'], // mm: the counted rain; lo..hi: the range
  'available-then': ['atMs'],
  'below-roots': [], // part of the depth, mm: for soil that the roots will reach
  'rain-reserve': [], // rain reserve, mm: rain may fill it, or a larger depth does not pay
  leaching: ['percent', 'thresholdDsM'], // mm in addition to the refill that leach salt
  // upland, terms that add nothing: mm is null
  'refill-line': ['lineMm', 'basis'], // basis: a key of `basisKeys`; lineMm: depletion at which irrigation is due
  'latest-start': ['atMs', 'riskPercent'], // latest start; for riskPercent of the weather courses it is too late
  'water-uncertain': ['loMm', 'hiMm'], // without a probe both sides of the limit are possible; left above the line
  'leaching-postponed': ['reason', 'thresholdDsM'], // reason: a key of `leachingKeys`
  // gross mm that flow; netMm reach the roots. limit: a key of `limitKeys`, or null. It fills from fromMm to toMm of ofMm,
  // on the scale of 'available-now'; of a fixed schedule null
  depth: [
    'minutes',
    'rateMmH',
    'netMm',
    'efficiencyPercent',
    'adjustPercent',
    'limit',
    'fromMm',
    'toMm',
    'ofMm',
  ],
  moved: ['fromMs', 'reason'], // mm is null. A run that does not begin at fromMs; reason: a key of `limitKeys`
  // paddy: mm of water counted from the soil surface; levelMm is the reading of the gauge, deeper where soil
  // pores empty
  'level-now': ['levelMm', 'loMm', 'hiMm'],
  'paddy-loss': ['untilMs'], // crop use and percolation
  'level-then': ['levelMm', 'atMs'],
  ...paddyTermKeys,
  // as depth; levels of the gauge, with the top of the band
  fill: [
    'hiMm',
    'minutes',
    'rateMmH',
    'netMm',
    'efficiencyPercent',
    'adjustPercent',
    'limit',
    'fromMm',
    'toMm',
  ],
} as const

/** Counterfactuals: the change that would alter the decision. */
export const counterfactualKeys = {
  'rain-over': ['mm', 'byMs'], // rain of at least mm by then: no run
  'rain-fails': ['mm', 'byMs'], // rain below mm by then: a run
  'available-below': ['mm'], // less than mm left above the refill line
  'level-below': ['mm'],
  'level-above': ['mm'],
  'fresh-reading': ['reason'],
  'stage-change': [],
  'economics-change': [], // of prices, or of the strategy
} as const

/** The basis of an upland field's refill line. */
export const basisKeys = {
  'own-limit': [], // the zone's madFraction
  raw: [], // the crop's readily available water: the state does not support more
  tables: [], // limits of the tables; prices of water and harvest are not entered
  'marginal-value': [],
  learned: [], // limits learned from the farm's own years
  regulated: [],
  supplemental: [],
  'probes-dry': [], // all probes read the wilting point in a sensitive phase
  uneconomic: [], // more irrigation does not pay
  'season-over': [], // the crop is ripe, or its harvest is due
} as const

/** Why a dry field gets no water. */
export const withheldKeys = {
  'other-stage': [], // the water is reserved for another stage
  'budget-spent': [],
  uneconomic: [],
} as const

/** Reasons why needed leaching does not take place. */
export const leachingKeys = { rain: [], 'no-water-ec': [] } as const

/** Reasons why a depth is reduced, or a run does not fit. */
export const limitKeys = {
  'max-depth': [],
  'max-minutes': [],
  'controller-cap': [], // the longest opening that the controller allows
  window: [], // the allowed hours are too short
  'pump-hours': [], // the pump runs at other hours
  'pump-full': [],
  'pump-too-small': [], // the zone alone exceeds the capacity of the pump
  'pump-budget': [], // the pump's water for the day
  'zone-budget': [], // the zone's water for the day
  bund: [], // limited by the height of the bund
  'season-quota': [], // the source's water for the season
  wind: [], // too much wind is forecast for a sprinkler
  frost: [], // the water would freeze
  turn: [], // the water right belongs to others at that time
  labour: [], // a person has to be present
  cycle: [], // the dose as short openings with the pauses between them
  fertigation: [], // the dosing unit feeds other zones
} as const

/** Why the valve of a zone cannot be opened. */
export const blockKeys = {
  'valve-fault': [], // the controller has latched a fault
  'flow-alarm': [], // the flow was out of range
  'valve-locked-out': [], // three failures in a row
  'valve-bound-lock': [], // one of another make did not keep its time
  'controller-silent': [], // offline, with missed runs
} as const

/** Why no decision is possible for a field. */
export const unknownKeys = {
  'no-state': [], // no estimate yet
  'no-balance': [], // no depletion or no storage
  'no-use': [], // no estimate of the crop's use
  'inputs-lost': [],
  'probe-silent': ['atMs'], // its probes are silent since then, and the estimate may be on either side of the limit
  'clock-unsure': [], // the state has a time in the future
  'no-level': [],
  'level-old': [],
} as const

/** The end reason of a run, as plan writes it. */
export const endReasonKeys = {
  replaced: [], // by a newer plan
  'not-needed': [],
  'rain-reached': [], // its rain condition was met
  'not-approved': [], // its time passed
  'zone-changed': [], // switched off, paused, or removed
  'valve-blocked': [], // its valve cannot be opened
} as const

/** An input of a decision that plan adds to those of the field's state. */
export const inputKeys = {
  forecast: [],
  wind: [],
  'crop-price': [],
  'water-cost': [],
  'water-share': [],
} as const

/** The stated rain condition of a run. */
export const skipKeys = {
  'rain-by': ['mm', 'byMs'],
  // its outcome, as the API returns it
  'rain-fell': ['mm', 'measuredMm', 'byMs'], // skipped; byMs: the time of evaluation
  'rain-short': ['mm', 'measuredMm', 'byMs'], // less than mm: it ran
} as const

export type VerdictKey = keyof typeof verdictKeys
export type TermKey = keyof typeof termKeys
export type CounterfactualKey = keyof typeof counterfactualKeys
export type LimitKey = keyof typeof limitKeys
export type BlockKey = keyof typeof blockKeys
export type UnknownKey = keyof typeof unknownKeys
export type BasisKey = keyof typeof basisKeys
export type WithheldKey = keyof typeof withheldKeys
export type EndReasonKey = keyof typeof endReasonKeys

/** Parameters of a key: exactly its names, with values as in rows. */
export type ParamsOf<Table extends Record<string, readonly string[]>, Key extends keyof Table> = Record<
  Table[Key][number],
  string | number | null
>
