/** The test run of a valve: it opens for a minute with the water shut, and must close by itself. */
import type { DriverReport } from '../drivers/driver-state.ts'
import type { NotOpenedCode, NotOpenedParams, testFailureKeys } from '../drivers/message-keys.ts'
import type { ProofGrade, ValveTest } from '../tables.ts'

type FailureCode = NotOpenedCode | keyof typeof testFailureKeys

/** A test run that has begun. */
export interface RunningTest {
  startedMonoMs: number
  openedMonoMs: number | null
}

/** What a report means for a test run: its outcome, or how far it is. */
export function testAfter(
  test: RunningTest,
  report: DriverReport,
  monoMs: number,
): { test: RunningTest } | { outcome: ValveTest; proof: ProofGrade | null } {
  const openedAfterS = test.openedMonoMs === null ? null : seconds(test.openedMonoMs - test.startedMonoMs)
  const failed = (code: FailureCode, params: NotOpenedParams) => ({
    outcome: { openedAfterS, closedAfterS: null, proof: null, by: null, failure: { code, params } },
    proof: null,
  })
  switch (report.is) {
    case 'opened':
      return { test: { ...test, openedMonoMs: monoMs } }
    case 'not-opened':
      return failed(report.code, report.params)
    case 'locked':
      return failed('LOCKED', { lock: report.reason })
    case 'closed': {
      const { by, proof } = report
      const closedAfterS = test.openedMonoMs === null ? null : seconds(monoMs - test.openedMonoMs)
      const code = failureOf(openedAfterS, report)
      const failure = code === null ? null : { code, params: {} }
      return {
        outcome: { openedAfterS, closedAfterS, proof, by, failure },
        proof: failure === null ? proof : null,
      }
    }
    case 'unproved':
    case 'unordered':
      return { test }
  }
}

/** Why a closing shows nothing about the valve's own timer; null: it does. */
function failureOf(
  openedAfterS: number | null,
  { by, proof }: Extract<DriverReport, { is: 'closed' }>,
): FailureCode | null {
  if (openedAfterS === null) return 'NEVER_OPEN'
  // a weak make is closed until its meter proves it, although it has closed by itself
  return by === 'command' && proof !== 'P3' ? 'CLOSED_BY_COMMAND' : null
}

const seconds = (ms: number): number => Math.round(ms / 1000)
