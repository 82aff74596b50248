/**
 * A Sonoff SWV behind a real Zigbee2MQTT and a real Mosquitto, assigned to the zone of a complete Tilth at ten times real
 * speed. Only the radio and the valve at its other end are ours, and they go on when a program is killed.
 */
import { scaledClock } from '../../broker/contract/time.ts'
import type { Static } from 'typebox'
import type { RequestResult as RequestResultSchema } from '../../services/api/irrigation/command-schemas.ts'
import type { FieldDetail } from '../../services/api/screens/field-schemas.ts'
import type { ForeignValveList } from '../../services/api/schemas.ts'
import { startOpenMosquitto } from '../support/mosquitto.ts'
import { decide, describeBy, findProgram, requireProgram } from '../support/require.ts'
import { startRadioValve, type RadioValve } from '../support/zigbee2mqtt/valve.ts'
import {
  findZigbee2Mqtt,
  makeZigbee2Mqtt,
  VALVE_NAME,
  type Zigbee2Mqtt,
} from '../support/zigbee2mqtt/zigbee2mqtt.ts'
import { eventually, setUpFarm, type Farm } from './farm.ts'

/** Of the farm's clock, and of the valve's timer. */
export const SPEED = 10
export const FROM_MS = Date.UTC(2026, 6, 6, 1)
/** Releases of Zigbee2MQTT: one that Tilth works with, and one that it refuses. */
export const NOW = '2.14.1'
export const OLD = '2.2.1'
const hint = (version: string) =>
  `Zigbee2MQTT ${version} is missing: npm install --prefix z2m/${version} zigbee2mqtt@${version} node@22, then ZIGBEE2MQTT_DIR=$PWD/z2m`
/** A suite that needs a release of Zigbee2MQTT, and Mosquitto. */
export const describeZigbee = (version: string) =>
  findProgram('mosquitto') === null
    ? requireProgram('mosquitto', 'apt-get install mosquitto')
    : describeBy(decide(findZigbee2Mqtt(version), process.env.CI === 'true'), hint(version))

type RequestResult = Static<typeof RequestResultSchema>

export interface Rig {
  farm: Farm
  valve: RadioValve
  z2m: Zigbee2Mqtt
  deviceId: string
  valves(): Promise<ForeignValveList>
  /** Presses Start until it is accepted. */
  start(minutes: number): Promise<void>
  position(): Promise<string>
  /** Tilth alone. */
  stopFarm(): Promise<void>
  stop(): Promise<void>
}

/** The valve is found in the messages, assigned to the zone, and set up with its driver. `env`: further settings. */
export async function startRig(version: string, env: Record<string, string> = {}): Promise<Rig> {
  const mosquitto = await startOpenMosquitto()
  const brokerUrl = mosquitto.url
  const valve = await startRadioValve(SPEED)
  const z2m = makeZigbee2Mqtt(findZigbee2Mqtt(version)!, { brokerUrl, radioPort: valve.port })
  const clock = scaledClock(FROM_MS, SPEED)
  const farm = await setUpFarm(env, { clock, speed: SPEED })
  let isFarmStopped = false
  const stopFarm = async () => {
    if (!isFarmStopped) await farm.stop()
    isFarmStopped = true
  }
  const stop = async () => {
    await stopFarm()
    await z2m.kill('SIGTERM')
    valve.stop()
    z2m.remove()
    await mosquitto.stop()
  }
  try {
    await z2m.start()
    const integration = await farm.post<{ id: string }>('/api/integrations', {
      name: 'Barn',
      kind: 'zigbee2mqtt',
      url: brokerUrl,
    })
    const address = `z2m:${VALVE_NAME}`
    await eventually(async () => {
      valve.report()
      const { devices } = await farm.get<{ devices: { address: string }[] }>('/api/unassigned-devices')
      return devices.some((device) => device.address === address) || null
    }, 30_000)
    await farm.patch(`/api/zones/${farm.zoneId}`, { controllerId: null, valve: null })
    const { id: deviceId } = await farm.post<{ id: string }>('/api/unassigned-devices/assign', {
      integrationId: integration.id,
      address,
      profile: 'z2m-sonoff-swv',
      name: 'North valve',
      fieldId: farm.fieldId,
      valves: { V1: farm.zoneId },
    })
    await farm.post(`/api/devices/${deviceId}/valves/V1`, { driver: 'z2m-sonoff-swv', outlet: 1 })
    const valves = () => farm.get<ForeignValveList>(`/api/devices/${deviceId}/valves`)
    await eventually(async () => {
      valve.report()
      return (await valves()).valves[0]?.said
    }, 30_000)
    return {
      farm,
      valve,
      z2m,
      deviceId,
      valves,
      async start(minutes) {
        // a person has looked at it after the fault before
        await farm.post(`/api/devices/${deviceId}/valves/V1/unlock`, undefined)
        let reason: string | null = null
        await eventually(async () => {
          const request = { zoneId: farm.zoneId, minutes, idem: `start-${crypto.randomUUID()}` }
          const { id } = await farm.post<RequestResult>('/api/start', request)
          const answer = await eventually(async () => {
            const result = await farm.get<RequestResult>(`/api/requests/${id}`)
            return result.state === 'new' ? null : result
          })
          reason = answer.reason
          return answer.state === 'accepted' || null
        }, 60_000).catch(() => {
          throw new Error(`the start was refused: ${reason}`)
        })
      },
      async position() {
        const { zones } = await farm.get<FieldDetail>(`/api/fields/${farm.fieldId}?range=24h`)
        return zones[0]!.position
      },
      stopFarm,
      stop,
    }
  } catch (error) {
    console.error(z2m.output())
    await stop()
    throw error
  }
}
