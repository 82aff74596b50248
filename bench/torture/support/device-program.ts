/**
 * One valve controller as a program of its own, with its flash in a file: what can lose its power at any instruction.
 * All that its valves do goes into a file at once, for whoever judges it afterwards.
 */
import { openSync, writeSync } from 'node:fs'
import { armCut, type Cut } from './cut-points.ts'
import { farmClock, type FarmTime } from './farm-clock.ts'
import type { Credentials } from '../../../firmware-sim/devices/link.ts'
import type { ValveOptions } from '../../../firmware-sim/field/hydraulics.ts'

export interface DeviceProgram {
  credentials: Credentials
  mqttPort: number
  farmTime: FarmTime
  seed: string
  valves: ValveOptions[]
  flashFile: string
  traceFile: string
  cut: Cut | null
}

// by a name that the compiler does not follow: it is there when it is built
const built = (path: string): Promise<unknown> =>
  import(new URL(`../../../dist/firmware-sim/${path}`, import.meta.url).href)
const { startController } = (await built(
  'controller.js',
)) as typeof import('../../../firmware-sim/devices/controller.ts')
const { fileFlash } = (await built('flash.js')) as typeof import('../../../firmware-sim/devices/flash.ts')
const { valveWorld } = await import('./valve-world.ts')

const own = JSON.parse(process.env['DEVICE']!) as DeviceProgram
const clock = farmClock(own.farmTime)
const file = openSync(own.traceFile, 'a')
const write = writeSync // the one that no cut is set on
const reach = own.cut ? armCut(own.cut) : () => {}
await startController({
  credentials: own.credentials,
  url: `mqtt://127.0.0.1:${own.mqttPort}`,
  clock,
  world: valveWorld({ startMs: clock.now(), seed: own.seed, areaM2: 1_000 }),
  seed: own.seed,
  flash: fileFlash(own.flashFile),
  litresPerPulse: 1,
  valves: own.valves,
  trace(entry) {
    write(file, `${JSON.stringify({ atMs: clock.now(), entry })}\n`)
    reach(entry)
  },
})
process.stdout.write('on\n')
