/** Every rule that conform tests, in order, and the passive rules that it applies to all messages. */
import { closing } from './checks/closing.ts'
import { connecting } from './checks/connecting.ts'
import { fault } from './checks/fault.ts'
import { journal } from './checks/journal.ts'
import { leasing } from './checks/leasing.ts'
import { opening } from './checks/opening.ts'
import { power } from './checks/power.ts'
import { refusing } from './checks/refusing.ts'
import { returning } from './checks/returning.ts'
import { timed } from './checks/timed.ts'
import { unsolicited } from './checks/unsolicited.ts'
import type { Trial } from './trial.ts'

export interface Group {
  name: string
  title: string
  trials: readonly Trial[]
}

/** Created for each run: some tests depend on the result of the previous one. */
export const groups = (): Group[] => [
  { name: 'connecting', title: 'the connection and the hello', trials: connecting },
  { name: 'opening', title: 'what a right order does', trials: opening },
  { name: 'refusing', title: 'orders that must not open', trials: refusing },
  { name: 'closing', title: 'closing always wins', trials: closing },
  { name: 'journal', title: 'what ended is remembered', trials: journal },
  { name: 'leasing', title: 'open only while the server is there', trials: leasing },
  { name: 'timed', title: 'controllers that sleep', trials: timed },
  { name: 'returning', title: 'after a lost connection', trials: returning },
  { name: 'power', title: 'after a power cut, which you make', trials: power() },
  { name: 'fault', title: 'a latched fault, which you make', trials: fault() },
]

export const passiveRules = unsolicited

/** The names for `--only`. */
export const names = (): string[] =>
  groups().flatMap(({ name, trials }) => [name, ...trials.map(({ rule }) => rule)])
