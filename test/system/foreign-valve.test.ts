/** A valve of another make and a complete Tilth: found, assigned, tested, and opened by a person, at 30 times real speed. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { scaledClock } from '../../broker/contract/time.ts'
import type { ForeignValveList } from '../../services/api/schemas.ts'
import { createIntegration } from '../../services/api/integrations/integrations.ts'
import { makeZigbeeValve, VALVE, type ZigbeeValve } from '../services/foreign-valves/zigbee-valve.ts'
import { eventually, setUpFarm, type Farm } from './farm.ts'

const SPEED = 30
const clock = scaledClock(Date.UTC(2026, 6, 6, 1), SPEED)

describe('a valve behind Zigbee2MQTT', () => {
  let farm: Farm
  let valve: ZigbeeValve
  let integrationId = ''
  let deviceId = ''
  beforeAll(async () => {
    farm = await setUpFarm({}, { clock, speed: SPEED })
    const { state, bus, credentials, broker } = farm.tilth
    const gateway = await createIntegration(
      {
        state,
        bus,
        clock,
        log: console,
        credentials,
        onDeviceChanged: (id) => void broker!.deviceChanged(id),
      },
      { org: farm.org, userId: 'console' },
      { name: 'Barn', kind: 'zigbee2mqtt' },
    )
    integrationId = gateway.id
    valve = makeZigbeeValve(clock, () => farm.tilth.mqttPort!, {
      username: gateway.id,
      password: gateway.secret!,
    })
    await valve.connect()
  })
  afterAll(async () => {
    await valve.disconnect()
    await farm.stop()
  })
  const valves = () => farm.get<ForeignValveList>(`/api/devices/${deviceId}/valves`)

  it('is assigned, set up with the driver that fits it, and tested', async () => {
    await farm.patch(`/api/zones/${farm.zoneId}`, { controllerId: null, valve: null })
    valve.openings.push({ openedMs: 0, closedMs: 1, onTimeS: 0 })
    valve.report()
    const { id } = await eventually(async () => {
      const { devices } = await farm.get<{ devices: { address: string }[] }>('/api/unassigned-devices')
      return devices.some(({ address }) => address === `z2m:${VALVE}`)
        ? farm.post<{ id: string }>('/api/unassigned-devices/assign', {
            integrationId,
            address: `z2m:${VALVE}`,
            profile: 'z2m-sonoff-swv',
            name: 'North valve',
            fieldId: farm.fieldId,
            valves: { V1: farm.zoneId },
          })
        : null
    })
    deviceId = id
    expect((await valves()).choices).toMatchObject([
      { driver: 'z2m-sonoff-swv', refused: null, isTrusted: true, longestMinutes: 30 },
    ])
    await farm.post(`/api/devices/${deviceId}/valves/V1`, { driver: 'z2m-sonoff-swv', outlet: 1 })
    await eventually(async () => {
      await farm.tilth.settled()
      return (await valves()).valves[0]?.said
    })
    await farm.post(`/api/devices/${deviceId}/valves/V1/test`, undefined)
    const [tested] = await eventually(async () => {
      const list = await valves()
      return list.valves[0]!.testedProof === null ? null : list.valves
    })
    expect(tested).toMatchObject({ testedProof: 'P2', isTesting: false, lock: null })
    expect(tested!.test).toMatchObject({ by: 'itself', failure: null })
  })

  it('opens for a person, closes by itself, and its water is recorded', async () => {
    const opened = valve.openings.length
    await eventually(async () => {
      const { state } = await farm.post<{ state: string }>('/api/start', {
        zoneId: farm.zoneId,
        minutes: 5,
        idem: `start-${Math.random().toString(36).slice(2)}`,
      })
      return state === 'refused' ? null : state
    }, 30_000)
    const record = await eventually(
      () => farm.tilth.state.selectFrom('irrigation').selectAll().executeTakeFirst(),
      30_000,
    )
    expect(valve.openings.slice(opened)).toMatchObject([{ onTimeS: 300 }])
    expect(record).toMatchObject({ endReason: 'timer', volumeSource: 'metered', cause: 'manual' })
    expect(record.litres!).toBeGreaterThan(200)
  })
})
