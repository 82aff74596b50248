/** Faults of valves and of the gates of paddies: they act at once, and end when they are repaired. */
import { describe, expect, it } from 'vitest'
import { HOUR_MS } from '../../../broker/contract/time.ts'
import { hydraulics } from '../../../firmware-sim/field/hydraulics.ts'
import { midnight, riceField, steady, worldFrom } from '../places.ts'

const startMs = midnight('2026-06-10')

function paddyWithGate() {
  const world = worldFrom('2026-06-10', [riceField], steady({ rainMm: 0 }))
  const valves = [
    { id: 'V1', field: 'paddy-7', ratedLpm: 300 },
    { id: 'G1', field: 'paddy-7', ratedLpm: 0, isGate: true },
  ]
  const pipes = hydraulics({ world, valves, master: null, litresPerPulse: 10, seed: 'test', startMs })
  /** What drains through the gate in an hour, mm. */
  const drainedMm = (): number => {
    const before = world.summary('paddy-7').runoffMm
    world.advanceTo(world.nowMs() + HOUR_MS)
    return world.summary('paddy-7').runoffMm - before
  }
  return { pipes, drainedMm }
}

describe('a gate', () => {
  it('that sticks open drains at once, without power too, and closes when it is repaired', () => {
    const { pipes, drainedMm } = paddyWithGate()
    expect(drainedMm()).toBe(0)
    pipes.setFault('G1', 'stuck-open')
    expect(drainedMm()).toBeGreaterThan(1)
    pipes.powerLost()
    pipes.drive('G1', false)
    expect(drainedMm()).toBeGreaterThan(1)
    pipes.setFault('G1', null)
    expect(drainedMm()).toBe(0)
  })

  it('that lets nothing through drains nothing, and opens when it is repaired', () => {
    const { pipes, drainedMm } = paddyWithGate()
    pipes.drive('G1', true)
    expect(drainedMm()).toBeGreaterThan(1)
    pipes.setFault('G1', 'no-flow')
    expect(drainedMm()).toBe(0)
    pipes.setFault('G1', null)
    expect(drainedMm()).toBeGreaterThan(1)
  })
})

it('a valve that sticks open lets water through while its output is closed', () => {
  const { pipes } = paddyWithGate()
  expect(pipes.isFlowing()).toBe(false)
  pipes.setFault('V1', 'stuck-open')
  expect(pipes.flowLpm('V1')).toBeGreaterThan(290)
  pipes.powerLost()
  expect(pipes.runTo(startMs + HOUR_MS)).toEqual([{ valve: 'V1', litres: expect.any(Number) }])
})
