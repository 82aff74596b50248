/** Starts the devices of a place, each with its own MQTT client in a field of the world. */
import { HOUR_MS, type Clock } from '../../broker/contract/time.ts'
import { startController } from '../devices/controller.ts'
import type { Device, DeviceOptions } from '../devices/device.ts'
import { startGauge } from '../devices/gauge.ts'
import { startProbe } from '../devices/probe.ts'
import { startStation } from '../devices/station.ts'
import { startTrap } from '../devices/trap.ts'
import type { DeviceKindName } from '../../services/tables.ts'
import type { World } from '../world.ts'
import type { FieldPlan } from './co-operative.ts'
import { valveOf, type Credential } from './provision.ts'

export interface FleetOptions {
  credentials: readonly Credential[]
  url: string
  clock: Clock
  world: World
  seed: string
  sampleS: Record<DeviceKindName, number>
  /** how often a controller's meter is read while water flows */
  meterEveryMs: number
}

/** Resolves when every device has tried to connect. */
export function startFleet(options: FleetOptions): Promise<Device[]> {
  return Promise.all(options.credentials.map((credential) => startDeviceOf(options, credential)))
}

function startDeviceOf(fleet: FleetOptions, credential: Credential): Promise<Device> {
  const { id, org, secret, commandKey, kind, farm, field } = credential
  const options: DeviceOptions & { world: World } = {
    credentials: { id, org, secret, commandKey },
    url: fleet.url,
    clock: fleet.clock,
    world: fleet.world,
    seed: fleet.seed,
    sampleS: fleet.sampleS[kind],
    keepaliveS: 300,
  }
  switch (kind) {
    case 'station':
      return startStation({ ...options, hasLeafSensor: farm.hasLeafSensor ?? false })
    case 'probe':
      return startProbe({ ...options, field: field!.id, depthsCm: field!.probeDepthsCm })
    case 'gauge':
      return startGauge({ ...options, field: field!.id })
    case 'trap':
      return startTrap({ ...options, field: field!.id, species: field!.pests[0]!.insect })
    case 'controller':
      return startController({
        ...options,
        capMs: 6 * HOUR_MS,
        meterEveryMs: fleet.meterEveryMs,
        valves: farm.fields.map((field) => ({
          id: valveOf(farm, field),
          field: field.id,
          ratedLpm: flowLpm(field),
        })),
      })
  }
}

/** 1 mm on 1 m2 is 1 L. */
export const flowLpm = ({ areaM2, zone }: FieldPlan): number => (zone.rateMmH * areaM2) / 60
