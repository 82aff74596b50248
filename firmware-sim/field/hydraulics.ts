/**
 * The hydraulics behind a controller: outputs that may stick, flow at the valves' rate into the fields, and a meter
 * that counts pulses. Independent of commands.
 */
import { MINUTE_MS, type AtMs } from '../../broker/contract/time.ts'
import { random } from '../random.ts'
import type { World } from '../world.ts'

export interface ValveOptions {
  id: string
  field: string
  ratedLpm: number
  /** the gate of a paddy's outlet: open, it drains the field, unmetered */
  isGate?: boolean
  /** the load of an output without water: 'siren', 'fan', 'puffer' */
  kind?: string
  /** ratio of the true to the rated flow; absent: 0.97 to 1.03, by the seed */
  flowRatio?: number
}

/**
 * stuck-open: water flows even when closed. no-flow: none flows. burst: twice the rate. low: a third of it. leak: a
 * seep behind the meter, open or closed. meter-silent: normal flow, but the meter reports nothing.
 */
export type ValveFault = 'stuck-open' | 'no-flow' | 'burst' | 'low' | 'leak' | 'meter-silent'

const LEAK_LPM = 0.5
const FLOW_RATIO: Partial<Record<ValveFault, number>> = { burst: 2, low: 1 / 3, 'no-flow': 0 }

/** The part of the world that water from a valve reaches. */
export type WateredWorld = Pick<World, 'advanceTo' | 'addWater' | 'areaM2' | 'setGate'>

export interface Hydraulics {
  drive(valve: string, open: boolean): void
  /** Closes all outputs: springs, not power, close a valve. */
  powerLost(): void
  setFault(valve: string, fault: ValveFault | null): void
  faultOf(valve: string): ValveFault | null
  /** Advances the flow to `atMs`; returns the litres of whole pulses that each meter counted. */
  runTo(atMs: AtMs): { valve: string; litres: number }[]
  flowLpm(valve: string): number
  isFlowing(): boolean
  /** Litres that passed a valve since the start, metered or not. */
  passedLitres(valve: string): number
}

/**
 * `master`: the output before all valves, null for none. The true rate of each valve differs from the rated one by up
 * to 3 %, always by the same share for the same seed.
 */
export function hydraulics(options: {
  world: WateredWorld
  valves: readonly ValveOptions[]
  master: string | null
  litresPerPulse: number
  seed: string
  startMs: AtMs
}): Hydraulics {
  const { world, valves, master, litresPerPulse } = options
  const outputs = new Map<string, boolean>()
  const faults = new Map<string, ValveFault>()
  const passed = new Map<string, number>()
  const pulsed = new Map<string, number>() // litres already reported as pulses
  // the true flow differs from the rated one
  const pressure = new Map(
    valves.map(({ id, flowRatio }) => [
      id,
      flowRatio ?? 1 + 0.03 * Math.tanh(random(`${options.seed}/pressure/${id}`).normal()),
    ]),
  )
  let ranToMs = options.startMs

  function flowLpm(id: string): number {
    const valve = valves.find((candidate) => candidate.id === id)
    const fault = faults.get(id)
    const isOpen = outputs.get(id) === true || fault === 'stuck-open'
    if (valve?.isGate || valve?.kind !== undefined) return 0
    const hasWater = master === null || outputs.get(master) === true || faults.get(master) === 'stuck-open'
    if (!valve || !hasWater) return 0
    const seepLpm = fault === 'leak' ? LEAK_LPM : 0
    if (!isOpen) return seepLpm
    return seepLpm + valve.ratedLpm * pressure.get(id)! * ((fault && FLOW_RATIO[fault]) ?? 1)
  }

  const setGate = (id: string, isOpen: boolean): void => {
    const gate = valves.find((candidate) => candidate.id === id && candidate.isGate)
    const fault = faults.get(id)
    if (gate) world.setGate(gate.field, fault === 'stuck-open' || (isOpen && fault !== 'no-flow'))
  }

  return {
    drive(valve, open) {
      outputs.set(valve, open)
      setGate(valve, open)
    },
    powerLost() {
      for (const id of outputs.keys()) setGate(id, false)
      outputs.clear()
    },
    setFault(valve, fault) {
      if (fault === null) faults.delete(valve)
      else faults.set(valve, fault)
      setGate(valve, outputs.get(valve) === true)
    },
    faultOf: (valve) => faults.get(valve) ?? null,
    runTo(atMs) {
      const minutes = Math.max(0, atMs - ranToMs) / MINUTE_MS
      ranToMs = Math.max(ranToMs, atMs)
      const counted: { valve: string; litres: number }[] = []
      for (const { id, field } of valves) {
        const litres = flowLpm(id) * minutes
        if (litres === 0) continue
        // one litre on a square metre is one millimetre
        world.addWater(field, litres / world.areaM2(field))
        passed.set(id, (passed.get(id) ?? 0) + litres)
        const pulsedBefore = pulsed.get(id) ?? 0
        if (faults.get(id) === 'meter-silent') {
          pulsed.set(id, passed.get(id)!)
          continue
        }
        const pulses = Math.floor((passed.get(id)! - pulsedBefore) / litresPerPulse + 1e-9)
        if (pulses === 0) continue
        pulsed.set(id, pulsedBefore + pulses * litresPerPulse)
        counted.push({ valve: id, litres: pulses * litresPerPulse })
      }
      return counted
    },
    flowLpm,
    isFlowing: () => valves.some(({ id }) => flowLpm(id) > 0),
    passedLitres: (valve) => passed.get(valve) ?? 0,
  }
}
