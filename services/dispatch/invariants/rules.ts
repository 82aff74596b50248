/**
 * The fourteen invariants of the valve protocol (contract, section 3): what each says, the property test that proves it,
 * the monitor that watches it while the farm runs, and the fault lines that try to break it. A test reads this table and
 * fails when a proof that it names is gone.
 */
export const rules = {
  I1: {
    says: 'at most one execution for a number of a valve',
    proof: ['test/services/dispatch/protocol.test.ts', 'holds I1 to I7'],
    monitor: 'watch-device.ts',
    faults: ['F2', 'F3', 'F4', 'F13'],
  },
  I2: {
    says: 'open no longer than duration and cap, and 1 s',
    proof: ['test/services/dispatch/protocol.test.ts', 'holds I1 to I7'],
    monitor: 'watch-device.ts',
    faults: ['F2', 'F4'],
  },
  I3: {
    says: 'no opening from another session, retained, or after its time',
    proof: ['test/services/dispatch/protocol.test.ts', 'holds I1 to I7'],
    monitor: 'watch-device.ts',
    faults: ['F4'],
  },
  I4: {
    says: 'without a lease closed within the lease and 1 s',
    proof: ['test/services/dispatch/protocol.test.ts', 'holds I1 to I7'],
    monitor: 'watch-device.ts',
    faults: ['F4', 'F5'],
  },
  I5: {
    says: 'after a start closed before the network, and nothing resumes',
    proof: ['test/services/dispatch/protocol.test.ts', 'holds I1 to I7'],
    monitor: 'watch-device.ts',
    faults: ['F3'],
  },
  I6: {
    says: 'what the openings of a run can have given stays within its dose',
    proof: ['test/services/dispatch/protocol.test.ts', 'holds I1 to I7'],
    monitor: 'watch-order.ts',
    faults: ['F2', 'F3', 'F4'],
  },
  I7: {
    says: 'after an acknowledged close no lower number opens',
    proof: ['test/services/dispatch/protocol.test.ts', 'holds I1 to I7'],
    monitor: 'watch-device.ts',
    faults: ['F4', 'F13'],
  },
  I8: {
    says: 'a state shown as current is reported and fresh, or else unknown with a true bound',
    proof: ['test/services/dispatch/invariants.test.ts', 'I8:'],
    monitor: 'watch-device.ts',
    faults: ['F4', 'F5'],
  },
  I9: {
    says: 'written before it is sent; reconciled within 30 s of the hello',
    proof: ['test/services/dispatch/invariants.test.ts', 'I9:'],
    monitor: 'watch-order.ts',
    faults: ['F2', 'F20'],
  },
  I10: {
    says: 'every order ends',
    proof: ['test/services/dispatch/protocol.test.ts', 'I10 and I14'],
    monitor: 'watch-order.ts',
    faults: ['F2', 'F4'],
  },
  I11: {
    says: 'the pump gives what is open, and no more valves than it may feed',
    proof: ['test/services/dispatch/invariants.test.ts', 'I11:'],
    monitor: 'watch-order.ts',
    faults: ['F2'],
  },
  I12: {
    says: 'no retained command or lease',
    proof: ['test/services/dispatch/invariants.test.ts', 'I12:'],
    monitor: 'watch-device.ts',
    faults: ['F15'],
  },
  I13: {
    says: 'every opening traces to a person or to a version of the plan',
    proof: ['test/services/dispatch/invariants.test.ts', 'I13:'],
    monitor: 'watch-order.ts',
    faults: ['F2', 'F15'],
  },
  I14: {
    says: 'a clock that jumps changes no outcome',
    proof: ['test/services/dispatch/protocol.test.ts', 'I10 and I14'],
    monitor: 'watch-device.ts',
    faults: ['F12'],
  },
} as const satisfies Record<string, Proofs>

interface Proofs {
  says: string
  /** a test file, and words of a test's name in it */
  proof: readonly [file: string, name: string]
  monitor: string
  faults: readonly string[]
}

export type Rule = keyof typeof rules

/** One break of one rule, as a monitor found it. */
export interface Broken {
  rule: Rule
  valve: string | null
  seq: number | null
  detail: Record<string, string | number | null>
}
