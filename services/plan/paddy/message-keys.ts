/** Catalogue keys of paddies, with the names of their parameters; part of the tables of ../message-keys.ts. */

/** Why a gate is opened or a board set lower or higher; a parameter `reason` of verdicts, terms and tasks. */
export const outletReasonKeys = {
  'mid-season': [],
  final: [],
  'too-deep': [],
  'storm-room': [], // storage is created before a storm
  'storm-hold': [], // the storm is stored
  'storm-release': [], // and drained slowly
  herbicide: [], // nothing may flow out
  stage: [], // the depth of the stage
} as const
export type OutletReasonKey = keyof typeof outletReasonKeys

// to toMm, in the band of loMm to hiMm. Of a level that is not below its band yet, why it is filled: lossMm a day, and at
// lowAtMs it would be at lowMm; else null
const fillParams = [
  ...['mm', 'minutes', 'atMs', 'levelMm', 'toMm', 'loMm', 'hiMm'],
  ...['lossMm', 'lowMm', 'lowAtMs'],
] as const

export const paddyVerdictKeys = {
  'paddy-fill': fillParams,
  'paddy-fill-approve': fillParams,
  'paddy-fill-manual': fillParams,
  'paddy-hold': ['levelMm', 'loMm', 'hiMm'], // panicle formation or flowering: inside the band, must not fall dry
  'paddy-ok': ['levelMm', 'loMm', 'hiMm'],
  'paddy-too-dry': ['levelMm', 'loMm', 'hiMm'], // far below the band, and nothing is planned to raise it
  'paddy-soon': ['levelMm', 'loMm', 'hiMm', 'days'], // below the band within two days
  'paddy-wet': ['levelMm', 'loMm', 'hiMm'],
  'paddy-drainage': ['levelMm', 'day', 'days', 'dryDays'], // mid-season drainage, day n of n: no filling
  'paddy-final': ['levelMm'], // no more water until harvest
  // the outlet; `reason`: a key of outletReasonKeys
  'paddy-drain': ['mm', 'minutes', 'atMs', 'levelMm', 'toMm', 'reason'],
  'paddy-drain-approve': ['mm', 'minutes', 'atMs', 'levelMm', 'toMm', 'reason'],
  'paddy-drain-manual': ['mm', 'minutes', 'atMs', 'levelMm', 'toMm', 'reason'],
  'paddy-draining': ['mm', 'minutes', 'endsMs'], // the gate is open
  'paddy-board': ['boardMm', 'levelMm', 'reason'], // a person sets the board at this height
  'paddy-locked': ['levelMm', 'day', 'days'], // a herbicide lock, day n of n
  'paddy-cold': ['levelMm', 'loMm', 'hiMm', 'meanC'], // deep water protects against the cold
  'paddy-storm-ahead': ['levelMm', 'mm', 'roomMm', 'fromMs', 'm3'], // mm of rain; there is storage for it
  'paddy-storm': ['levelMm', 'm3', 'farmM3', 'roomMm'], // m3 stored in the field, and on the farm's paddies
  'paddy-leak': ['lossMm', 'usualMm'], // mm a day
} as const

export const paddyTermKeys = {
  // the target of the stage or the weather; terms that do not add up have no mm. `from`: heat, calendar,
  // person; `reason`: a key of `targetReasonKeys`
  'paddy-stage': ['stage', 'reason', 'from', 'loMm', 'hiMm'],
  'level-calculated': ['day'], // no gauge reports: from the level of that day on, by the usual loss
  'storm-room': ['roomMm', 'stormMm', 'm3', 'reason'], // up to the limit of the stage; `reason`: the handling of the storm
  'paddy-hot': ['meanC'], // nights of fresh water help, where water is available
  drain: ['toMm', 'minutes', 'reason', 'limit'],
  'credit-days': ['day', 'days'], // of drainage, against the requirement of a J-Credit
  'water-leaving': [], // outflow of an open gate
  'night-loss': ['lossMm', 'usualMm'], // mm a day by the last quiet nights
} as const

/** The reason of a paddy's band; a parameter of the term 'paddy-stage'. */
export const targetReasonKeys = {
  stage: [],
  herbicide: [],
  cold: [],
} as const
export type TargetReasonKey = keyof typeof targetReasonKeys

/** Work for a person: `task.kind`. */
export const taskKeys = {
  'set-board': ['boardMm', 'reason'],
  'inspect-bund': ['lossMm', 'usualMm'],
} as const
export type TaskKey = keyof typeof taskKeys
