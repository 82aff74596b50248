/**
 * Every catalogue key that plan writes into rows, with the names of its parameters. The dashboard's texts are tested
 * against this table. Parameters: `...Mm` mm of water, `...Ms` an instant, `minutes` of valve time, others as said.
 */

import { paddyTermKeys, paddyVerdictKeys } from './paddy/message-keys.ts'

/** One line that says what is to be done: `advice.key`, `why.key`. */
export const verdictKeys = {
  // upland, a run stands in the plan
  irrigate: ['mm', 'minutes', 'atMs', 'dueMs'], // it opens by itself; dueMs: the latest safe start, null: far off
  'irrigate-approve': ['mm', 'minutes', 'atMs', 'dueMs'], // waits for a person's yes
  'irrigate-by-hand': ['mm', 'minutes', 'atMs', 'dueMs'], // zone that only advises, or has no valve
  watering: ['mm', 'minutes', 'endsMs'], // a run is under way, upland and paddy
  // upland, no run
  enough: ['leftMm', 'rawMm', 'days'], // days until the refill line, one decimal; null: more than a week
  'enough-soon': ['leftMm', 'rawMm', 'days'], // the refill line is reached within two days
  'rain-coming': ['loMm', 'hiMm', 'byMs'], // the line is near, but rain is likely enough
  'too-little': ['mm', 'minMm'], // less than the shortest run
  withheld: ['reason', 'leftMm'], // dry, and on purpose: a key of `withheldKeys`; leftMm: that the roots can still reach
  // water is wanted, and nothing will flow: upland and paddy
  'needs-off': ['mm'], // the zone's mode is off
  'needs-zone': ['mm'], // the field has no zone
  'needs-paused': ['mm', 'untilMs'],
  'needs-room': ['mm', 'reason'], // reason: a key of `limitKeys`
  'needs-valve': ['mm', 'reason', 'sinceMs'], // reason: a key of `blockKeys`
  // upland, nothing is heard of soil or weather: the farmer's own programme
  programme: ['mm', 'minutes', 'atMs', 'days', 'sinceMs'], // sinceMs: last heard, null: never
  'programme-approve': ['mm', 'minutes', 'atMs', 'days', 'sinceMs'],
  'programme-by-hand': ['mm', 'minutes', 'atMs', 'days', 'sinceMs'],
  'programme-rest': ['days', 'nextMs', 'sinceMs'], // not its day
  // paddy
  ...paddyVerdictKeys,
  'no-season': [], // nothing grows here now
  // unknown is never OK
  'cannot-judge': ['reason', 'atMs'], // reason: a key of `unknownKeys`; atMs: of the last that is known, or null
} as const

/** The terms of a Why, in the order in which they add up. */
export const termKeys = {
  'left-now': ['fullMm'], // mm above the refill line, below 0 is dry; fullMm: from the line to full
  'water-coming': [], // runs under way or not yet in the balance
  'crop-use': ['untilMs'],
  'rain-expected': ['byMs'], // mm: what was counted on; lo..hi: what may come
  'left-then': ['atMs'],
  room: [], // mm that are left empty: rain may fill them, or more would not pay
  leaching: ['percent', 'bearsDsM'], // mm beside what the roots lack, to carry salt away
  // upland, what adds nothing: mm is null
  'line-by': ['lineMm', 'basis'], // basis: a key of `basisKeys`; lineMm: missing when water is due
  'safe-until': ['atMs', 'riskPercent'], // latest start; riskPercent of what may come make it too late
  'leaching-waits': ['reason', 'bearsDsM'], // reason: a key of `leachingKeys`
  // gross mm that flow; netMm reach the roots. limit: a key of `limitKeys`, or null
  depth: ['minutes', 'rateMmH', 'netMm', 'efficiencyPercent', 'adjustPercent', 'limit'],
  moved: ['fromMs', 'reason'], // mm is null. A run that does not begin then already; reason: a key of `limitKeys`
  // paddy: mm of water counted from the soil surface; levelMm is what the gauge shows, deeper where soil pores empty
  'level-now': ['levelMm', 'loMm', 'hiMm'],
  'paddy-loss': ['untilMs'], // what the crop uses and what seeps away
  'level-then': ['levelMm', 'atMs'],
  ...paddyTermKeys,
  fill: ['hiMm', 'minutes', 'rateMmH', 'netMm', 'efficiencyPercent', 'adjustPercent', 'limit'], // as depth, up to hiMm
} as const

/** What would change the decision. */
export const counterfactualKeys = {
  'rain-over': ['mm', 'byMs'], // rain of at least mm by then: no run
  'rain-fails': ['mm', 'byMs'], // rain below mm by then: a run
  'left-below': ['mm'], // less than mm left above the refill line
  'level-below': ['mm'],
  'level-above': ['mm'],
  'fresh-reading': ['reason'],
  'stage-change': [],
  'worth-change': [], // of prices, or of the strategy
} as const

/** What the refill line of an upland field rests on. */
export const basisKeys = {
  'own-limit': [], // the zone's madFraction
  raw: [], // the crop's readily available water: the state carries no more
  tables: [], // limits of the tables; nobody has said what water and harvest are worth
  worth: [],
  learned: [], // limits that the farm's own years have taught
  regulated: [],
  supplemental: [],
  'no-more': [], // no more water pays
} as const

/** Why a dry field gets no water. */
export const withheldKeys = {
  'other-stage': [], // it is kept for another
  'budget-spent': [],
  'not-worth': [],
} as const

/** Why salt is not carried away though it asks for it. */
export const leachingKeys = { rain: [], 'no-water-ec': [] } as const

/** Why a depth was cut, or why there is no room for a run. */
export const limitKeys = {
  'max-depth': [],
  'max-minutes': [],
  'controller-cap': [], // the longest opening that the controller allows
  window: [], // the allowed hours are too short
  'pump-full': [],
  'pump-too-small': [], // the zone alone takes more than the pump gives
  'pump-budget': [], // the pump's water for the day
  'zone-budget': [], // the zone's water for the day
  bund: [], // no higher than the bund bears
  'season-quota': [], // the source's water for the season
  wind: [], // too much of it is forecast for a sprinkler
  frost: [], // it would freeze where it falls
  turn: [], // the water is another's
  labour: [], // a person has to be there
  cycle: [], // the dose in openings so short with the pauses between them
  fertigation: [], // the dosing unit feeds other zones
} as const

/** Why the valve of a zone cannot be opened. */
export const blockKeys = {
  'valve-fault': [], // the controller has latched a fault
  'flow-alarm': [], // the flow was not as it should be
  'valve-locked-out': [], // three failures in a row
  'controller-silent': [], // not heard, and runs were missed for it
} as const

/** Why a field cannot be judged. */
export const unknownKeys = {
  'no-state': [], // nothing has been estimated yet
  'no-balance': [], // no depletion or no soil to hold it
  'no-use': [], // no estimate of what the crop uses
  'inputs-lost': [],
  'clock-unsure': [], // the state is of a time to come
  'no-level': [],
  'level-old': [],
} as const

/** `run.endReason` as plan writes it. */
export const endReasonKeys = {
  replaced: [], // by a newer plan
  'not-needed': [],
  'rain-came': [], // its rainSkip came true
  'not-approved': [], // its time passed
  'zone-changed': [], // switched off, paused, or gone
  'valve-blocked': [], // its valve cannot be opened
} as const

/** An input of a Why that plan adds to those of the field's state. */
export const inputKeys = {
  forecast: [],
  wind: [],
  'crop-price': [],
  'water-cost': [],
  'water-share': [],
} as const

/** The stated condition of a run. */
export const skipKeys = {
  'rain-by': ['mm', 'byMs'],
  // what became of it, as the API tells it
  'rain-fell': ['mm', 'measuredMm', 'byMs'], // skipped; byMs: when it was judged
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

/** Parameters of a key: exactly its names, with values as rows keep them. */
export type ParamsOf<Table extends Record<string, readonly string[]>, Key extends keyof Table> = Record<
  Table[Key][number],
  string | number | null
>
