/** Controllers as programs that lose power repeatedly, each with its own flash file and trace. */
import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Clock } from '../../../broker/contract/time.ts'
import type { TraceEntry } from '../../../firmware-sim/devices/controller.ts'
import type { Random } from '../../../firmware-sim/random.ts'
import { startProgram, type Program } from '../../support/process.ts'
import { cutPoints, type Cut, type CutPoint } from './cut-points.ts'
import type { DeviceProgram } from './device-program.ts'
import type { Torture } from './fault-line.ts'
import { timeUntil } from './until.ts'
import type { ValveJudge } from './valve-judge.ts'

export interface PoweredDevice {
  id: string
  /** Powers on until the cut, or until a cut from outside `longestMs` of real time after the boot. */
  runUntilCut(cut: Cut, longestMs: number): Promise<'at the cut' | 'from outside'>
  /** Powers on without a further cut. */
  keepRunning(): void
  cutPower(): Promise<void>
  /** Replays everything the device has done so far to the judge. */
  replayTrace(judge: ValveJudge): void
}

const BOOT_WITHIN_MS = 60_000
const program = join(import.meta.dirname, 'device-program.ts')

export function poweredDevice(
  torture: Torture,
  device: Omit<DeviceProgram, 'flashFile' | 'traceFile' | 'cut'>,
  { folder, clock }: { folder: string; clock: Clock },
): PoweredDevice {
  const { id } = device.credentials
  const flashFile = join(folder, `${id}.json`)
  const traceFile = join(folder, `${id}.trace`)
  let running: Program | null = null
  let boots = 0

  function powerOn(cut: Cut | null): Program {
    boots += 1
    const env: DeviceProgram = { ...device, seed: `${device.seed}/${boots}`, flashFile, traceFile, cut }
    running = startProgram(process.execPath, ['--import', import.meta.resolve('tsx'), program], {
      env: { PATH: process.env.PATH, NODE_ENV: 'production', DEVICE: JSON.stringify(env) },
    })
    return running
  }

  /** Springs close its valves. */
  async function powerOff(): Promise<void> {
    const { child, output: childOutput } = running!
    await running!.end('SIGKILL')
    running = null
    if (child.signalCode !== 'SIGKILL')
      throw new Error(`${id} ended with ${child.exitCode}: ${childOutput()}`)
    appendFileSync(traceFile, `${JSON.stringify({ atMs: clock.now(), entry: { type: 'power-lost' } })}\n`)
  }
  torture.onEnd(async () => running?.end('SIGKILL'))

  return {
    id,
    async runUntilCut(cut, longestMs) {
      const deviceProcess = powerOn(cut)
      const { child } = deviceProcess
      const exited = new Promise<'at the cut'>((resolve) => child.once('exit', () => resolve('at the cut')))
      // on a shared processor the boot of the device takes a while
      await Promise.race([exited, timeUntil(BOOT_WITHIN_MS, () => deviceProcess.output().includes('on'))])
      const how = await Promise.race([exited, pause(longestMs, 'from outside' as const, { ref: false })])
      await powerOff()
      return how
    },
    keepRunning: () => void powerOn(null),
    cutPower: powerOff,
    replayTrace(judge) {
      if (!existsSync(traceFile)) return
      for (const line of readFileSync(traceFile, 'utf8').split('\n')) {
        if (line === '') continue
        const { atMs, entry } = JSON.parse(line) as { atMs: number; entry: TraceEntry }
        judge.observe(atMs, entry)
      }
    },
  }
}

/** A random cut. "Any step" occurs far more often than an opening. */
export function nextCut(chance: Random): Cut {
  const points = Object.keys(cutPoints) as CutPoint[]
  const point = points[Math.floor(chance.next() * points.length)]!
  const latest = point === 'anywhere' ? 60 : point.startsWith('flash') ? 4 : 2
  return { point, times: 1 + Math.floor(chance.next() * latest), part: chance.next() }
}
