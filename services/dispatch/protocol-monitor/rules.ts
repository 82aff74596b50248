/**
 * The fourteen invariants of the valve protocol (contract, section 3): what each says, the test that proves it, the monitor
 * that watches it while the farm runs and the test in which that monitor fires, and the figure of the fault runs with the
 * lines that print it. A test reads this table, and holds that of docs/reliability.md against it.
 */
export const rules = {
  I1: {
    says: 'at most one execution for a number of a valve',
    proof: ['test/services/dispatch/protocol/protocol.test.ts', 'holds I1 to I7'],
    monitor: 'watch-state.ts',
    fires: ['test/services/dispatch/protocol-monitor/monitors.test.ts', 'sequence watermark'],
    figure: 'I1 a number opened twice, or before it was burnt',
    faults: ['F2', 'F3', 'F4', 'F12', 'F13'],
  },
  I2: {
    says: 'open no longer than duration and cap, and 1 s',
    proof: ['test/services/dispatch/protocol/protocol.test.ts', 'holds I1 to I7'],
    monitor: 'watch-state.ts',
    fires: ['test/services/dispatch/protocol-monitor/monitors.test.ts', 'the duration'],
    figure: 'I2 open longer than ordered, and a second',
    faults: ['F2', 'F3', 'F4', 'F12', 'F13'],
  },
  I3: {
    says: 'no opening from another session, retained, or after its time',
    proof: ['test/services/dispatch/protocol/protocol.test.ts', 'holds I1 to I7'],
    monitor: 'watch-state.ts',
    fires: ['test/services/dispatch/protocol-monitor/monitors.test.ts', 'expiry'],
    figure: 'I3 opened by an order of another session or time',
    faults: ['F2', 'F3', 'F4', 'F12', 'F13'],
  },
  I4: {
    says: 'without a lease closed within the lease and 1 s',
    proof: ['test/services/dispatch/protocol/protocol.test.ts', 'holds I1 to I7'],
    monitor: 'watch-state.ts',
    fires: ['test/services/dispatch/protocol-monitor/monitors.test.ts', 'lease by echo'],
    figure: 'I4 open without a lease',
    faults: ['F2', 'F3', 'F4', 'F12', 'F13'],
  },
  I5: {
    says: 'after a start closed before the network, and nothing resumes',
    proof: ['test/services/dispatch/protocol/protocol.test.ts', 'holds I1 to I7'],
    monitor: 'watch-state.ts',
    fires: [
      'test/services/dispatch/protocol-monitor/invariants.test.ts',
      'a controller that breaks it is found',
    ],
    figure: 'I5 opened by a start of the device',
    faults: ['F2', 'F3', 'F4', 'F12', 'F13'],
  },
  I6: {
    says: 'what the openings of a run can have given stays within its dose',
    proof: ['test/services/dispatch/protocol/protocol.test.ts', 'holds I1 to I7'],
    monitor: 'watch-order.ts',
    fires: ['test/services/dispatch/protocol-monitor/monitors.test.ts', 'the duration'],
    figure: 'I6 watered over the dose',
    faults: ['F2', 'F3', 'F4', 'F12', 'F13'],
  },
  I7: {
    says: 'after an acknowledged close no lower number opens',
    proof: ['test/services/dispatch/protocol/protocol.test.ts', 'holds I1 to I7'],
    monitor: 'watch-state.ts',
    fires: ['test/services/dispatch/protocol-monitor/monitors.test.ts', 'close raises watermark'],
    figure: 'I7 opened after its close was acknowledged',
    faults: ['F2', 'F3', 'F4', 'F12', 'F13'],
  },
  I8: {
    says: 'a state shown as current is reported and fresh, or else unknown with a true bound',
    proof: ['test/services/dispatch/shown.test.ts', 'no valve is shown as what it was long ago'],
    monitor: 'watch-state.ts',
    fires: ['test/services/dispatch/protocol-monitor/monitors.test.ts', 'the duration'],
    figure: 'I8 shown and not so',
    faults: ['F2', 'F3', 'F4'],
  },
  I9: {
    says: 'written before it is sent; reconciled within 30 s of the hello',
    proof: [
      'test/services/dispatch/protocol-monitor/invariants.test.ts',
      'I9: an order that could not be written',
    ],
    monitor: 'watch-order.ts',
    fires: [
      'test/services/dispatch/protocol-monitor/invariants.test.ts',
      'I9: an opening that leaves before it is written',
    ],
    figure: 'I9 opened without its order on record',
    faults: ['F2', 'F3', 'F4', 'F12', 'F13'],
  },
  I10: {
    says: 'every order ends',
    proof: ['test/services/dispatch/protocol/protocol.test.ts', 'I10 and I14'],
    monitor: 'watch-order.ts',
    fires: ['test/services/dispatch/protocol-monitor/invariants.test.ts', 'I10: an order that never ends'],
    figure: 'I10 orders, runs, wishes without an end',
    faults: ['F2', 'F3', 'F4', 'F12', 'F13'],
  },
  I11: {
    says: 'the pumps on the way give what is open, and feed no more valves than they may',
    proof: ['test/services/dispatch/protocol-monitor/invariants.test.ts', 'I11: what is opened is within'],
    monitor: 'watch-order.ts',
    fires: ['test/services/dispatch/protocol-monitor/invariants.test.ts', 'I11: the whole way of the water'],
    figure: 'I11 more valves open on a pump or main than it feeds',
    faults: ['F2'],
  },
  I12: {
    says: 'no retained command or lease',
    proof: [
      'test/services/dispatch/protocol-monitor/invariants.test.ts',
      'I12: after runs, stops and restarts',
    ],
    monitor: 'watch-ack.ts',
    fires: [
      'test/services/dispatch/protocol-monitor/monitors.test.ts',
      'I12: a network that hands over a retained order',
    ],
    figure: 'I12 handed a retained command',
    faults: ['F2', 'F3', 'F4', 'F12', 'F13'],
  },
  I13: {
    says: 'every opening traces to a person or to a version of the plan',
    proof: ['test/services/dispatch/protocol-monitor/invariants.test.ts', 'I13: nobody opens in no name'],
    monitor: 'watch-order.ts',
    fires: [
      'test/services/dispatch/protocol-monitor/invariants.test.ts',
      'I13: a valve that nobody has ordered open',
    ],
    figure: 'I13 orders that go back to nobody',
    faults: ['F2', 'F3', 'F4', 'F13'],
  },
  I14: {
    says: 'a clock that jumps changes no outcome',
    proof: ['test/services/dispatch/protocol/protocol.test.ts', 'I10 and I14'],
    monitor: 'watch-clock.ts',
    fires: [
      'test/services/dispatch/protocol-monitor/invariants.test.ts',
      "I14: a server's clock that was set",
    ],
    figure: 'I14 runs that ended neither by their time nor by a person',
    faults: ['F12'],
  },
} as const satisfies Record<string, Proofs>

/** A test file, and words of a test in it. */
type TestReference = readonly [file: string, words: string]

interface Proofs {
  says: string
  proof: TestReference
  monitor: string
  /** on a protocol without a guard, or on a history that was forged */
  fires: TestReference
  /** as the fault runs print it */
  figure: string
  faults: readonly string[]
}

export type Rule = keyof typeof rules

/** One break of one rule, as a monitor found it. */
export interface Violation {
  rule: Rule
  valve: string | null
  seq: number | null
  detail: Record<string, string | number | null>
}
