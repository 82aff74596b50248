import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { drivers } from '../../../services/drivers/drivers.ts'
import type { ValveAddress } from '../../../services/drivers/driver-types.ts'
import { stepsOf } from '../../../services/drivers/plan-steps.ts'
import '../../support/seed.ts'
import { runs } from '../../support/runs.ts'
import { open, request, sent, setup, valves } from './valves.ts'

const addresses: readonly ValveAddress[] = Object.values(valves)
const pairs = drivers.flatMap((driver) =>
  addresses.filter(({ via }) => driver.via.includes(via)).map((address) => ({ driver, address })),
)

describe('every driver', () => {
  it('either bounds a run or says why it opens nothing', () => {
    for (const { bound, refused, name } of drivers)
      expect((bound === null) !== (refused === null), name).toBe(true)
    expect(pairs.length).toBeGreaterThanOrEqual(drivers.length)
  })
  it('has a name of its own, and a close', () => {
    expect(new Set(drivers.map(({ name }) => name)).size).toBe(drivers.length)
    for (const { driver, address } of pairs) {
      const close = stepsOf(driver, address, request('close'))
      expect(close.ok && close.value.steps.length, driver.name).toBe(1)
    }
  })
  it('opens with one message, the last, and nothing else that it sends lets water flow', () => {
    for (const { driver, address } of pairs) {
      const opened = stepsOf(driver, address, open(5))
      if (opened.ok) {
        const lets = opened.value.steps.map((step) => step.type !== 'wait' && step.isOpening)
        expect(lets, driver.name).toEqual(lets.map((_, i) => i === lets.length - 1))
      }
      for (const other of [
        request('close'),
        request('query'),
        request('withdraw'),
        request('stop-all'),
        setup(30),
      ]) {
        const plan = stepsOf(driver, address, other)
        const steps = plan.ok ? plan.value.steps : []
        expect(steps.some((step) => step.type !== 'wait' && step.isOpening)).toBe(false)
      }
    }
  })
  it('sends nothing retained: a broker would open the valve after a restart', () => {
    for (const { driver, address } of pairs)
      for (const intent of [open(5), request('close'), request('query'), setup(30)]) {
        const plan = stepsOf(driver, address, intent)
        for (const step of plan.ok ? plan.value.steps : [])
          if (step.type === 'publish') expect(step.retain).toBe(false)
      }
  })
  it('rounds a duration down to its step, and refuses one below its minimum or above 30 min', () => {
    const durations = fc.integer({ min: 1, max: 4_000_000 })
    fc.assert(
      fc.property(fc.constantFrom(...pairs), durations, ({ driver, address }, durMs) => {
        const { bound } = driver
        if (bound === null) return
        const plan = stepsOf(driver, address, { ...open(1), durMs } as ReturnType<typeof open>)
        const rounded = durMs - (durMs % bound.stepMs)
        const expected =
          rounded < bound.minMs
            ? 'VALVE_RUN_TOO_SHORT'
            : rounded > Math.min(bound.maxMs, 1_800_000)
              ? 'VALVE_RUN_TOO_LONG'
              : rounded
        expect(plan.ok ? plan.value.runMs : plan.error.code).toBe(expected)
      }),
      { numRuns: runs(2_000) },
    )
  })
})

describe('a request', () => {
  it.each([NaN, Infinity, 0, -1])('of a run of %d ms is refused', (durMs) =>
    expect(sent('tasmota-relay', valves.tasmota, { ...open(1), durMs } as ReturnType<typeof open>)).toBe(
      'VALVE_DURATION_INVALID',
    ),
  )
  it('for an address of another kind is refused', () =>
    expect(sent('tasmota-relay', valves.shelly, request('close'))).toBe('VALVE_ADDRESS_INVALID'))
  it('that a driver does not have is refused', () =>
    expect(sent('esphome-sprinkler', valves.esphome, request('query'))).toBe('VALVE_REQUEST_UNSUPPORTED'))
})
