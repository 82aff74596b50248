/**
 * Message keys of valves of other makes: the dashboard's catalogues have a text for each, in every language; a test
 * compares them.
 */

/** Why a driver never opens a valve. */
export const refusalKeys = {
  'no-timer': [], // nothing in the device ends a run
  'no-duration': [], // its commands know no time
  'unit-unknown': [], // its maker does not say which value counts minutes
} as const
export type RefusalKey = keyof typeof refusalKeys

/** What the owner must set up, or add. */
export const needKeys = {
  'meter-or-second-valve': [], // of another make
  'programs-off': [], // of the device itself
  'short-topic': [], // the same, and a subscribed topic of at most 24 characters
  'sprinkler-settings': [], // of the component in ESPHome
  'hardware-4': [], // with firmware 1.1 or newer
} as const
export type NeedKey = keyof typeof needKeys

/** Facts that must be known before each opening. */
export const requirementKeys = {
  'same-model': [], // another one counts its time in another unit, or not at all
  'gateway-2-6': [], // before it the valve runs ten times as long
  'known-hardware': [], // the layout of a task in older hardware and firmware is unconfirmed
} as const
export type RequirementKey = keyof typeof requirementKeys

/** Why a start by hand opened nothing, with the parameters of the message. */
const byHandKeys = {
  EXPIRED: [],
  LOCKED: ['lock'], // lock: a key of `lockReasons` (tables/foreign-valve.ts)
  BUSY: [],
  LINK_DOWN: [],
  REQUIREMENT_UNKNOWN: ['requirement'], // requirement: a key of `requirementKeys`
  REQUIREMENT_UNMET: ['requirement', 'value'], // value: as the device or its gateway publishes it
  PLAN_REFUSED: ['plan'], // plan: the code of a PlanError
  NO_READ_BACK: [],
  WITHDRAWN: [],
  RESTARTED: [],
  REJECTED: [],
} as const

/** Why nothing was opened: what holds for a start by hand, and for an unattended run. The log has them all. */
export const notOpenedKeys = {
  ...byHandKeys,
  SEQUENCE_USED: [],
  NOT_TESTED: [],
  NEEDS_METER: [],
  PROOF_TOO_WEAK: [],
  SLEEPS_TOO_LONG: ['minutes'],
} as const
export type NotOpenedCode = keyof typeof notOpenedKeys
export type NotOpenedParams = Readonly<Record<string, string | number | null>>

/** Why a test run, which is by hand, proved nothing: the valve did not open, or its closing shows nothing of its timer. */
export const testFailureKeys = {
  ...byHandKeys,
  NEVER_OPEN: [],
  CLOSED_BY_COMMAND: [],
} as const
