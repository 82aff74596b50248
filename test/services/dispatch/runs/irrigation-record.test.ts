/** What the end of an opening says of its valve: three failures in a row lock it. */
import { expect, it } from 'vitest'
import { valveResult } from '../../../../services/dispatch/interlocks/valve-result.ts'

it.each([
  ['aborted', 'flow-main', 'nothing'],
  ['resolved', 'flow-main', 'nothing'], // the link was lost as well
  ['resolved', 'stopped', 'nothing'],
  ['resolved', 'unconfirmed', 'failure'],
  ['resolved', 'flow-no-flow', 'failure'],
  ['aborted', 'flow-no-flow', 'failure'],
  ['aborted', 'command', 'success'],
  ['done', 'timer', 'success'],
] as const)('an opening that ended %s by %s means %s', (state, outcome, says) => {
  expect(valveResult({ state, outcome, ranMs: 60_000 })).toBe(says)
})
