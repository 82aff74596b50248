/** The effect of an opening's result on its valve: three consecutive failures lock it. */
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
