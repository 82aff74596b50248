/** Valves, their controllers and a person on a server with a fast clock: the base of the valve lines. */
import { standardTiming } from '../../../broker/contract/command-lifecycle/timing.ts'
import { HOUR_MS, SECOND_MS, type Clock } from '../../../broker/contract/time.ts'
import type { Controller } from '../../../firmware-sim/devices/controller.ts'
import { provision } from '../../support/place.ts'
import { farmClock, startOfTime } from './farm-clock.ts'
import type { Torture } from './fault-line.ts'
import { watchLag, type Lag } from './lag.ts'
import { signUp, type Person } from './person.ts'
import { startTilth, type TilthProcess } from './start-tilth.ts'
import { timeUntil } from './until.ts'
import { provisionValves, switchOn, type DeviceWays, type Zone } from './valve-place.ts'
import { valveJudge, type ValveJudge } from './valve-judge.ts'
import { watchValves, type ValveWatch } from './valve-watch.ts'

// default of a simulated controller
const CAP_MS = 2 * HOUR_MS

export interface FastFarm {
  dataDir: string
  tilth: TilthProcess
  clock: Clock
  speed: number
  controllers: Controller[]
  zones: Zone[]
  person: Person
  watch: ValveWatch
  /** of every controller, from its own trace */
  judges: ReadonlyMap<string, ValveJudge>
  /** delay of the devices by this machine */
  lag: Lag
  /** Advances the clock by idle time. The server must be down and be restarted with `clockEnv`. */
  passIdle(ms: number): void
  clockEnv(): NodeJS.ProcessEnv
  /** Resolves at this farm time. */
  sleepUntil(atMs: number): Promise<void>
  /** Farm time until the server shows every valve correctly; NaN when it does not within `withinMs`. */
  untilTrue(withinMs: number): Promise<number>
  stop(): Promise<void>
}

export interface FastFarmOptions {
  speed: number
  controllers: number
  valvesEach: number
  /** a device's port instead of the server's, given the server's port */
  portOf?: (mqttPort: number, devices: readonly string[]) => Promise<(device: string) => number>
  device?: DeviceWays
  /** further environment of the server */
  env?: NodeJS.ProcessEnv
  /** changes the state before the server starts */
  prepare?: (dataDir: string) => Promise<void>
}

export async function openFastFarm(
  torture: Torture,
  name: string,
  { speed, controllers: count, valvesEach, portOf, device = {}, env = {}, prepare }: FastFarmOptions,
): Promise<FastFarm> {
  const dataDir = await torture.folder(name)
  await provision(dataDir, { fields: 1, devices: 1, everyS: 1_200, plantedDaysAgo: 1 })
  const place = await provisionValves(dataDir, { controllers: count, valvesEach })
  const farmTime = startOfTime(speed)
  const base = farmClock(farmTime)
  let shiftMs = 0
  const clock: Clock = {
    now: () => base.now() + shiftMs,
    at: (atMs, run) => base.at(atMs - shiftMs, run),
  }
  await prepare?.(dataDir)
  const tilth = await startTilth(torture, dataDir, { farmTime, env })
  const person = await signUp(tilth.port, tilth.server().setupToken)
  const { zones, credentials } = place
  const { mqttPort } = tilth
  const lag = watchLag(speed)
  const judges = new Map(
    credentials.map(({ id }) => [
      id,
      valveJudge(id, {
        leaseMs: standardTiming.leaseMs,
        capMs: CAP_MS,
        slackMs: () => SECOND_MS + lag.longestMs(),
      }),
    ]),
  )
  const devices = credentials.map(({ id }) => id)
  const controllers = await switchOn(torture, place, {
    mqttPort,
    clock,
    device,
    trace: (device, entry) => judges.get(device)!.observe(clock.now(), entry),
    ...(portOf ? { portOf: await portOf(mqttPort, devices) } : {}),
  })
  const watch = watchValves(controllers, zones, clock)
  torture.onEnd(async () => {
    watch.stop()
    lag.stop()
  })

  async function isTrue(): Promise<boolean> {
    const display = await person.field()
    return zones.every(({ id }) => {
      const zone = display.zones.find((candidate) => candidate.id === id)
      const order = display.running.find(({ zoneId }) => zoneId === id)
      const isSettled = order === undefined || order.state === 'confirmed'
      return isSettled && zone?.position === (watch.isOpen(id) ? 'open' : 'closed')
    })
  }

  return {
    dataDir,
    tilth,
    clock,
    speed,
    controllers,
    zones,
    person,
    watch,
    judges,
    lag,
    passIdle: (ms) => void (shiftMs += ms),
    clockEnv: () => ({ FARM_SHIFT_MS: String(shiftMs) }),
    sleepUntil: (atMs) => new Promise((resolve) => clock.at(atMs, resolve)),
    untilTrue: async (withinMs) => speed * (await timeUntil(withinMs / speed, isTrue)),
    async stop() {
      watch.stop()
      for (const controller of controllers) await controller.stop()
      await tilth.server().end('SIGTERM')
      // LOG_LEVEL is error: every log line is one
      const errors = tilth
        .server()
        .output()
        .split('\n')
        .filter((line) => line.startsWith('{'))
      for (const line of errors.slice(-5)) torture.log(`${name}: the server logged ${line.slice(0, 600)}`)
    },
  }
}
