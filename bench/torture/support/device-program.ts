/**
 * One valve controller as a separate program with its flash in a file, so that it can lose power at any instruction.
 * Its trace is written to a file at once for later judging.
 */
import { openSync, writeSync } from 'node:fs'
import { armCut, type Cut } from './cut-points.ts'
import { farmClock, type FarmTime } from './farm-clock.ts'
import { importBuilt } from './import-built.ts'
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

const { startController } = (await importBuilt(
  'firmware-sim/devices/controller.js',
)) as typeof import('../../../firmware-sim/devices/controller.ts')
const { fileFlash } = (await importBuilt(
  'firmware-sim/devices/flash.js',
)) as typeof import('../../../firmware-sim/devices/flash.ts')
const { valveWorld } = await import('./valve-world.ts')

const program = JSON.parse(process.env['DEVICE']!) as DeviceProgram
const clock = farmClock(program.farmTime)
const file = openSync(program.traceFile, 'a')
const writeUnpatched = writeSync // the unpatched function
const reach = program.cut ? armCut(program.cut) : () => {}
await startController({
  credentials: program.credentials,
  url: `mqtt://127.0.0.1:${program.mqttPort}`,
  clock,
  world: valveWorld({ startMs: clock.now(), seed: program.seed, areaM2: 1_000 }),
  seed: program.seed,
  flash: fileFlash(program.flashFile),
  litresPerPulse: 1,
  valves: program.valves,
  trace(entry) {
    writeUnpatched(file, `${JSON.stringify({ atMs: clock.now(), entry })}\n`)
    reach(entry)
  },
})
process.stdout.write('on\n')
