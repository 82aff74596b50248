/** What can happen to the two ends, as fast-check draws it. */
import fc from 'fast-check'
import type { Action } from './protocol-model.ts'

export const SEED = 20260706

const TEN_YEARS_MS = 10 * 365 * 86_400_000
const index = fc.nat(6)
const rarely = fc.nat(9).map((draw) => draw === 0)
const action: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant('pass' as const), ms: fc.integer({ min: 1, max: 15_000 }) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('pass' as const), ms: fc.integer({ min: 1, max: 200_000 }) }),
  },
  { weight: 2, arbitrary: fc.constant<Action>({ do: 'hold' }) },
  { weight: 3, arbitrary: fc.constant<Action>({ do: 'flow' }) },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('deliver' as const),
      up: fc.boolean(),
      index,
      again: fc.boolean(),
      retained: rarely,
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('drop' as const), up: fc.boolean(), index }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('replay' as const), index, retained: rarely }) },
  { weight: 1, arbitrary: fc.constant<Action>({ do: 'forge' }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('cap' as const), ms: fc.constantFrom(30_000, 400_000) }),
  },
  { weight: 2, arbitrary: fc.constant<Action>({ do: 'reconnect' }) },
  { weight: 1, arbitrary: fc.constant<Action>({ do: 'disconnect' }) },
  { weight: 1, arbitrary: fc.constant<Action>({ do: 'cut' }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('cut-during' as const), effects: fc.nat(6) }) },
  { weight: 2, arbitrary: fc.constant<Action>({ do: 'restart' }) },
  { weight: 1, arbitrary: fc.constant<Action>({ do: 'restart-before-send' }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('clock' as const),
      jumpMs: fc.constantFrom(-TEN_YEARS_MS, -3_600_000, 3_600_000, TEN_YEARS_MS),
    }),
  },
  { weight: 1, arbitrary: fc.constant<Action>({ do: 'stop' }) },
  { weight: 3, arbitrary: fc.constant<Action>({ do: 'fence' }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('break-flash' as const), broken: fc.boolean() }) },
  { weight: 1, arbitrary: fc.constant<Action>({ do: 'leak' }) },
  { weight: 1, arbitrary: fc.constant<Action>({ do: 'clear' }) },
  { weight: 1, arbitrary: fc.constant<Action>({ do: 'forge-clear' }) },
)

export const actionsOf = fc.array(action, { maxLength: 60, size: 'max' })
export const dosesOf = fc.array(fc.integer({ min: 60_000, max: 500_000 }), { minLength: 1, maxLength: 3 })

const hear: Action = { do: 'deliver', up: true, index: 0, again: false, retained: false }
const tell = (index: number, how: { again?: boolean; retained?: boolean } = {}): Action => ({
  do: 'deliver',
  up: false,
  index,
  again: false,
  retained: false,
  ...how,
})
/** The first order lies in the network, and its device waits for it. */
const ordered: Action[] = [{ do: 'hold' }, hear, hear]

/** Every run is over, the pipe leaks, and the clear of it lies in the network. */
const cleared: Action[] = [{ do: 'pass', ms: 3_600_000 }, { do: 'leak' }, { do: 'hold' }, { do: 'clear' }]

/** Long enough for a lease to end within it. */
export const attackDoses = [390_000, 90_000]

/** Attacks that chance finds too seldom. */
export const attacks: Record<string, Action[]> = {
  'an order comes as a retained message': [...ordered, tell(0, { retained: true })],
  'an order comes after the close that fences it': [...ordered, { do: 'fence' }, tell(1), hear, tell(0)],
  'an order from before a power cut comes after it': [...ordered, { do: 'cut' }, tell(0)],
  'an order that was refused comes again when its reason is gone': [
    ...ordered,
    { do: 'cap', ms: 30_000 },
    tell(0, { again: true }),
    hear,
    hear,
    { do: 'cap', ms: 400_000 },
    tell(0),
  ],
  'a lease is held back until it is nearly over': [
    { do: 'pass', ms: 10_000 },
    { do: 'hold' },
    { do: 'pass', ms: 5_000 },
    hear,
    { do: 'pass', ms: 100_000 },
    tell(0, { again: true }),
    { do: 'pass', ms: 60_000 },
  ],
  'a clear comes twice, and the second after another fault': [
    ...cleared,
    tell(0, { again: true }),
    { do: 'leak' },
    tell(0),
  ],
  'a clear comes as a retained message': [...cleared, tell(0, { retained: true })],
  'a clear comes in another session than that of its fault': [...cleared, { do: 'reconnect' }, tell(0)],
  'a clear is forged': [{ do: 'pass', ms: 3_600_000 }, { do: 'leak' }, { do: 'forge-clear' }],
  'an order comes while a fault is latched that the server has not heard of': [
    { do: 'stop' },
    { do: 'pass', ms: 60_000 },
    { do: 'hold' },
    { do: 'leak' },
    ...Array<Action>(6).fill(hear),
    ...Array.from({ length: 4 }, (_, index) => tell(index, { again: true })),
  ],
  'a fault is latched when the power goes': [{ do: 'pass', ms: 3_600_000 }, { do: 'leak' }, { do: 'cut' }],
  'a stopped order is still under way when the device tells that it never came': [
    ...ordered,
    { do: 'stop' },
    { do: 'pass', ms: 60_000 },
    ...Array<Action>(7).fill(hear),
    tell(0),
    { do: 'pass', ms: 5_000 },
  ],
}
