/**
 * The fourteen invariants of the valve protocol (contract, section 3): the statement, the test that proves it, the
 * monitor that checks it while the farm runs, the test in which that monitor fires, and the figure in the fault
 * runs. A test reads this table and compares docs/reliability.md with it.
 */
export const rules = {
  I1: {
    statement: 'at most one execution for a number of a valve',
    proof: ['test/services/dispatch/protocol/protocol.test.ts', 'holds I1 to I7'],
    monitor: 'watch-state.ts',
    fires: ['test/services/dispatch/protocol-monitor/monitor-mutants.gate.test.ts', 'sequence watermark'],
    figure: 'I1 a number opened twice, or before it was used up',
    faults: ['F2', 'F3', 'F4', 'F12', 'F13'],
  },
  I2: {
    statement: 'open no longer than duration and cap, and 1 s',
    proof: ['test/services/dispatch/protocol/protocol.test.ts', 'holds I1 to I7'],
    monitor: 'watch-state.ts',
    fires: ['test/services/dispatch/protocol-monitor/monitor-mutants.gate.test.ts', 'the duration'],
    figure: 'I2 open longer than ordered, and a second',
    faults: ['F2', 'F3', 'F4', 'F12', 'F13'],
  },
  I3: {
    statement: 'no opening from another session, retained, or after its time',
    proof: ['test/services/dispatch/protocol/protocol.test.ts', 'holds I1 to I7'],
    monitor: 'watch-state.ts',
    fires: ['test/services/dispatch/protocol-monitor/monitor-mutants.gate.test.ts', 'expiry'],
    figure: 'I3 opened by a command of another session or time',
    faults: ['F2', 'F3', 'F4', 'F12', 'F13'],
  },
  I4: {
    statement: 'without a lease closed within the lease and 1 s',
    proof: ['test/services/dispatch/protocol/protocol.test.ts', 'holds I1 to I7'],
    monitor: 'watch-state.ts',
    fires: ['test/services/dispatch/protocol-monitor/monitor-mutants.gate.test.ts', 'lease by echo'],
    figure: 'I4 open without a lease',
    faults: ['F2', 'F3', 'F4', 'F12', 'F13'],
  },
  I5: {
    statement: 'after a start closed before the network, and nothing resumes',
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
    statement: 'the openings of a run together stay within its dose',
    proof: ['test/services/dispatch/protocol/protocol.test.ts', 'holds I1 to I7'],
    monitor: 'watch-order.ts',
    fires: ['test/services/dispatch/protocol-monitor/monitor-mutants.gate.test.ts', 'the duration'],
    figure: 'I6 irrigated over the dose',
    faults: ['F2', 'F3', 'F4', 'F12', 'F13'],
  },
  I7: {
    statement: 'after an acknowledged close no lower number opens',
    proof: ['test/services/dispatch/protocol/protocol.test.ts', 'holds I1 to I7'],
    monitor: 'watch-state.ts',
    fires: ['test/services/dispatch/protocol-monitor/monitor-mutants.gate.test.ts', 'close raises watermark'],
    figure: 'I7 opened after its close was acknowledged',
    faults: ['F2', 'F3', 'F4', 'F12', 'F13'],
  },
  I8: {
    statement: 'a state shown as current is reported and fresh, otherwise unknown with a true bound',
    proof: ['test/services/dispatch/shown.test.ts', 'no valve is shown in an old state'],
    monitor: 'watch-state.ts',
    fires: ['test/services/dispatch/protocol-monitor/monitor-mutants.gate.test.ts', 'the duration'],
    figure: 'I8 shown but not true',
    faults: ['F2', 'F3', 'F4'],
  },
  I9: {
    statement: 'written before it is sent; reconciled within 30 s of the hello',
    proof: [
      'test/services/dispatch/protocol-monitor/invariants.test.ts',
      'I9: an order that could not be written',
    ],
    monitor: 'watch-order.ts',
    fires: [
      'test/services/dispatch/protocol-monitor/invariants.test.ts',
      'I9: an opening that leaves before it is written',
    ],
    figure: 'I9 opened without its command on record',
    faults: ['F2', 'F3', 'F4', 'F12', 'F13'],
  },
  I10: {
    statement: 'every command ends',
    proof: ['test/services/dispatch/protocol/protocol.test.ts', 'I10 and I14'],
    monitor: 'watch-order.ts',
    fires: ['test/services/dispatch/protocol-monitor/invariants.test.ts', 'I10: a command that never ends'],
    figure: 'I10 commands, runs, requests without an end',
    faults: ['F2', 'F3', 'F4', 'F12', 'F13'],
  },
  I11: {
    statement: 'open valves stay within the capacity and the valve limit of every pump on the way',
    proof: ['test/services/dispatch/protocol-monitor/invariants.test.ts', 'I11: every opening is within'],
    monitor: 'watch-order.ts',
    fires: ['test/services/dispatch/protocol-monitor/invariants.test.ts', 'I11: the whole supply chain'],
    figure: 'I11 more valves open on a pump or main than it feeds',
    faults: ['F2'],
  },
  I12: {
    statement: 'no retained command or lease',
    proof: [
      'test/services/dispatch/protocol-monitor/invariants.test.ts',
      'I12: after runs, stops and restarts',
    ],
    monitor: 'watch-ack.ts',
    fires: [
      'test/services/dispatch/protocol-monitor/monitors.test.ts',
      'I12: a network that delivers a retained command',
    ],
    figure: 'I12 delivered a retained command',
    faults: ['F2', 'F3', 'F4', 'F12', 'F13'],
  },
  I13: {
    statement: 'every opening traces to a person or to a version of the plan',
    proof: [
      'test/services/dispatch/protocol-monitor/invariants.test.ts',
      'I13: nothing opens without an origin',
    ],
    monitor: 'watch-order.ts',
    fires: [
      'test/services/dispatch/protocol-monitor/invariants.test.ts',
      'I13: a valve that is open without a command',
    ],
    figure: 'I13 commands without an origin',
    faults: ['F2', 'F3', 'F4', 'F13'],
  },
  I14: {
    statement: 'a clock jump changes no outcome',
    proof: ['test/services/dispatch/protocol/protocol.test.ts', 'I10 and I14'],
    monitor: 'watch-clock.ts',
    fires: ['test/services/dispatch/protocol-monitor/invariants.test.ts', 'I14: a server clock that was set'],
    figure: 'I14 runs that ended neither by their time nor by a person',
    faults: ['F12'],
  },
} as const satisfies Record<string, Proofs>

/** A test file, and words of the title of a test in it. */
type TestReference = readonly [file: string, words: string]

interface Proofs {
  statement: string
  proof: TestReference
  monitor: string
  /** the test in which the monitor detects a removed guard or a forged history */
  fires: TestReference
  /** label of the figure in the output of the fault runs */
  figure: string
  faults: readonly string[]
}

export type Rule = keyof typeof rules

/** One violation of one rule, as a monitor found it. */
export interface Violation {
  rule: Rule
  valve: string | null
  seq: number | null
  detail: Record<string, string | number | null>
}
