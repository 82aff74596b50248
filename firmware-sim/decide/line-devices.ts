/**
 * The devices of the farm whose days are lines: a station, probes, and a controller with a meter. Each has its own MQTT
 * client; they publish what the line of the day reports, without errors of their own.
 */
import { HOUR_MS, MINUTE_MS, SECOND_MS, type Clock } from '../../broker/contract/time.ts'
import type { Measurement } from '../../broker/contract/messages.ts'
import type { SetupLine } from '../../services/plan/decide/json-lines.ts'
import { startController, type Controller } from '../devices/controller.ts'
import { startDevice, type Device, type DeviceOptions } from '../devices/device.ts'
import { memoryFlash, type FlashStore } from '../devices/flash.ts'
import type { WateredWorld } from '../field/hydraulics.ts'
import { FIELD, ORG, VALVE, flowLpm, type DeviceEntry, type ZoneEntry } from './farm-rows.ts'

/** An installed device: its entry, and its memory, which outlives a winter. */
export interface Installed extends DeviceEntry {
  flash: FlashStore
  /** of a probe */
  sensors: { id: string; depthCm: number }[]
}

const STATION_S = 6 * 3_600
const PROBE_S = 24 * 3_600
const CONTROLLER_S = 24 * 3_600

/** One probe holds one sensor at each depth: two at the same depth are two probes. */
export function installDevices(setup: SetupLine, newSecret: () => string): Installed[] {
  const install = (
    id: string,
    kind: DeviceEntry['kind'],
    everyS: number,
    sensors: Installed['sensors'] = [],
  ) => ({
    id,
    kind,
    everyS,
    sensors,
    secret: newSecret(),
    commandKey: kind === 'controller' ? Buffer.from(newSecret(), 'base64url').toString('hex') : null,
    flash: memoryFlash(),
  })
  const probes: Installed['sensors'][] = []
  for (const { id, depthM } of setup.sensors ?? []) {
    const depthCm = Math.round(1000 * depthM) / 10
    const probe = probes.find((sensors) => sensors.every((sensor) => sensor.depthCm !== depthCm))
    if (probe) probe.push({ id, depthCm })
    else probes.push([{ id, depthCm }])
  }
  return [
    install('station', 'station', STATION_S),
    ...probes.map((sensors, i) => install(`probe-${i + 1}`, 'probe', PROBE_S, sensors)),
    install('controller', 'controller', CONTROLLER_S),
  ]
}

export interface LineDevices {
  /** all that have run, for the count of their messages */
  all: readonly Device[]
  publishWeather(measurement: Measurement): void
  publishMoisture(vwcOf: (sensorId: string) => number | null): void
  /**
   * What the meter counts from now on, mm; null: there is no meter, and every run is as ordered. Where it is not as ordered,
   * somebody closes the valve when it has flowed.
   */
  setSupply(mm: number | null, orderedMm: number): Promise<void>
  cutController(): void
  restoreController(): Promise<void>
  stop(): Promise<void>
}

const NEVER_S = 400 * 24 * 3_600
const CAP_MS = 6 * HOUR_MS
/** Less than the meter resolves. */
export const SAME_MM = 0.05

/** Resolves when each device has tried to connect. */
export async function startLineDevices(
  installed: readonly Installed[],
  farm: { url: string; clock: Clock; zone: ZoneEntry; meterEveryMs: number },
): Promise<LineDevices> {
  const { url, clock, zone } = farm
  const world: WateredWorld = {
    advanceTo() {},
    addWater() {},
    setGate() {},
    areaM2: () => zone.areaM2,
  }
  const optionsOf = ({ id, secret, commandKey, flash }: Installed): DeviceOptions => ({
    credentials: { id, org: ORG, secret, commandKey },
    url,
    clock,
    world,
    seed: 'lines',
    sampleS: NEVER_S,
    keepaliveS: 300,
    flash,
  })
  const all: Device[] = []
  let pending: Measurement[] = []
  const startSensor = async (device: Installed): Promise<Device> => {
    const started = await startDevice(optionsOf(device), {
      kind: device.kind,
      sampleS: NEVER_S,
      subscriptions: ['config'],
      sample: () => pending,
    })
    all.push(started)
    return started
  }
  const stationEntry = installed.find(({ kind }) => kind === 'station')!
  const station = await startSensor(stationEntry)
  const probes: { device: Device; sensors: Installed['sensors'] }[] = []
  for (const entry of installed.filter(({ kind }) => kind === 'probe'))
    probes.push({ device: await startSensor(entry), sensors: entry.sensors })

  const controllerEntry = installed.find(({ kind }) => kind === 'controller')!
  let supplyMm = 0
  let isLess = false
  let startLitres = 0
  let cancelClose = () => {}
  let controller: Controller
  let hasMeter = true

  const flowedMm = () => (controller.passedLitres(VALVE) - startLitres) / zone.areaM2

  async function start(): Promise<void> {
    controller = await startController({
      ...optionsOf(controllerEntry),
      world,
      sampleS: CONTROLLER_S,
      litresPerPulse: hasMeter ? 1 : null,
      capMs: CAP_MS,
      meterEveryMs: farm.meterEveryMs,
      valves: [{ id: VALVE, field: FIELD, ratedLpm: flowLpm(zone), flowRatio: 1 }],
      trace(entry) {
        if (entry.type === 'effect' && entry.effect.type === 'drive') onDrive(entry.effect.open)
      },
    })
    all.push(controller)
    startLitres = 0
  }

  function onDrive(isOpen: boolean): void {
    cancelClose()
    if (!isOpen || supplyMm === Infinity) return
    const leftMs = Math.max(0, (supplyMm - flowedMm()) / zone.rateMmH) * HOUR_MS
    cancelClose = clock.at(clock.now() + leftMs + SECOND_MS, () => {
      controller.closeByHand(VALVE)
      // out of reach afterwards, so that the rest of the dose does not follow
      if (isLess) cancelClose = clock.at(clock.now() + MINUTE_MS, () => controller.cutNetwork())
    })
  }

  await start()
  return {
    all,
    publishWeather(measurement) {
      pending = [measurement]
      station.sampleNow()
    },
    publishMoisture(vwcOf) {
      for (const { device, sensors } of probes) {
        pending = sensors.flatMap(({ id, depthCm }): Measurement[] => {
          const vwc = vwcOf(id)
          return vwc === null ? [] : [{ soil: { depth: depthCm, moisture: Number((100 * vwc).toFixed(2)) } }]
        })
        device.sampleNow()
      }
    },
    async setSupply(mm, orderedMm) {
      const extraMm = mm === null ? 0 : mm - orderedMm
      supplyMm = mm !== null && Math.abs(extraMm) > SAME_MM ? mm : Infinity
      isLess = extraMm < -SAME_MM
      if ((mm !== null) !== hasMeter) {
        hasMeter = mm !== null
        await controller.stop()
        await start()
      }
      startLitres = controller.passedLitres(VALVE)
    },
    cutController: () => controller.cutNetwork(),
    restoreController: () => controller.restoreNetwork(),
    async stop() {
      cancelClose()
      await Promise.all(all.map((device) => device.stop()))
    },
  }
}
