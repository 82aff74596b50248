/** Every rule that conform tries, in the order in which it tries them, and those that it only listens for. */
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
import { unasked } from './checks/unasked.ts'
import type { Trial } from './trial.ts'

export interface Group {
  name: string
  about: string
  trials: readonly Trial[]
}

/** Made anew for each run: some trials remember what the one before them found. */
export const groups = (): Group[] => [
  { name: 'connecting', about: 'the connection and the hello', trials: connecting },
  { name: 'opening', about: 'what a right order does', trials: opening },
  { name: 'refusing', about: 'orders that must not open', trials: refusing },
  { name: 'closing', about: 'closing always wins', trials: closing },
  { name: 'journal', about: 'what ended is remembered', trials: journal },
  { name: 'leasing', about: 'open only while the server is there', trials: leasing },
  { name: 'timed', about: 'controllers that sleep', trials: timed },
  { name: 'returning', about: 'after a lost connection', trials: returning },
  { name: 'power', about: 'after a power cut, which you make', trials: power() },
  { name: 'fault', about: 'a latched fault, which you make', trials: fault() },
]

export const ears = unasked

/** Names that `--only` knows. */
export const names = (): string[] =>
  groups().flatMap(({ name, trials }) => [name, ...trials.map(({ rule }) => rule)])
