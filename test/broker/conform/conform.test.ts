/** The results of conform for controllers that follow the contract. */
import { describe, expect, it } from 'vitest'
import { passiveRules, groups } from '../../../broker/conform/trials.ts'
import * as simulator from '../../../firmware-sim/devices/controller.ts'
import { conformOf, type Trying } from './conform-bench.ts'

const TEN_YEARS_MS = 10 * 365 * 86_400_000

/** What it did not pass, by its verdict. */
async function notPassed(trying: Trying = {}): Promise<{ failed: string[]; skipped: string[] }> {
  const { results, endReason } = await conformOf(simulator, trying)
  expect(endReason).toBeNull()
  const of = (verdict: string) =>
    results.filter((entry) => entry.verdict === verdict).map(({ rule, actual }) => `${rule}: ${actual}`)
  return { failed: of('failed'), skipped: of('skipped') }
}

const ofOtherClass = (name: string) => `the controller is ${name} of class timed`

describe('a controller that conforms to the contract', () => {
  it('passes every rule', async () => {
    expect(await notPassed()).toEqual({
      failed: [],
      skipped: ['timed-cap', 'timed-run'].map((rule) => `${rule}: ${ofOtherClass('not')}`),
    })
  })

  it('of class timed passes all rules except those on leases', async () => {
    const { failed, skipped } = await notPassed({ controller: { class: 'timed' } })
    expect(failed).toEqual([])
    const leased = groups().flatMap(({ trials }) => trials.filter(({ needs }) => needs === 'leased'))
    expect(skipped).toEqual(leased.map(({ rule }) => `${rule}: the controller is of class timed`))
  })

  it.each([
    ['no wall clock', null],
    ['a wall clock ten years behind', -TEN_YEARS_MS],
  ])('with %s accepts every command as before (I14)', async (_, clockErrorMs) => {
    const { failed } = await notPassed({ clockErrorMs })
    // its time is wrong, and reported as wrong
    expect(failed.map((text) => text.split(':')[0])).toEqual(clockErrorMs === null ? [] : ['telemetry-time'])
  })

  it('without a meter is not reported to pass rules that need a meter', async () => {
    const { failed, skipped } = await notPassed({ controller: { litresPerPulse: null } })
    expect(failed).toEqual([])
    expect(skipped).toContain('litres: the controller has no meter')
  })
})

describe('the rules', () => {
  it('have a unique name, and a sentence', () => {
    const all = [...groups().flatMap(({ trials }) => trials), ...passiveRules]
    expect(new Set(all.map(({ rule }) => rule)).size).toBe(all.length)
    expect(all.filter(({ requirement }) => requirement.length < 10)).toEqual([])
  })
})
