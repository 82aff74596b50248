/**
 * Devices of other makes in `npm run demo`, on the wire of their ecosystems: a probe behind ChirpStack, a station that pushes,
 * and a valve behind Zigbee2MQTT that a person opens.
 */
import { randomUUID } from 'node:crypto'
import { expect, it } from 'vitest'
import { MINUTE_MS } from '../../broker/contract/time.ts'
import type { DeviceView, ForeignValveList, Today } from '../../services/api/schemas.ts'
import type { FieldDetail } from '../../services/api/screens/field-schemas.ts'
import { eventually } from './farm.ts'
import type { RunningDemo } from './running-demo.ts'

const ZONE = 'zone-terrace'
const MINUTES = 15
const TERRACE_M2 = 1_200
const LPM = 80

type FieldDays = { days: { lines: { what: string; message: { params: Record<string, unknown> } }[] }[] }

/** Call it in a describe block. */
export function demoOtherMakes(running: () => RunningDemo): void {
  const get = <T>(path: string) => running().call<T>('GET', path)
  const ofOtherMakes = async () =>
    (await get<DeviceView[]>('/api/devices')).filter(({ integrationName }) => integrationName !== null)
  const valveOf = async ({ id }: DeviceView) =>
    (await get<ForeignValveList>(`/api/devices/${id}/valves`)).valves[0]!
  const today = () => get<Today>('/api/today')

  it('has a probe, a station and a valve of other makes on their fields, which keep reporting', async () => {
    const placesOf = (devices: readonly DeviceView[]) =>
      devices
        .map(({ integrationName, kind, fieldId, fresh }) => [integrationName, kind, fieldId, fresh])
        .sort()
    const before = await ofOtherMakes()
    expect(placesOf(before)).toEqual([
      ['ChirpStack', 'probe', 'orchard-low', 'ok'],
      ['Ecowitt', 'station', 'hill-2', 'ok'],
      ['Zigbee2MQTT', 'controller', 'terrace', 'ok'],
    ])
    const after = await eventually(async () => {
      const devices = await ofOtherMakes()
      const isNewer = ({ id, lastSeenMs }: DeviceView) =>
        lastSeenMs! > before.find((device) => device.id === id)!.lastSeenMs!
      return devices.every(isNewer) ? devices : null
    }, 60_000)
    expect(placesOf(after)).toEqual(placesOf(before))
  })

  it('shows the probe on the page of its field, as any other', async () => {
    const { sensors } = await get<FieldDetail>('/api/fields/orchard-low')
    const probe = (await ofOtherMakes()).find(({ kind }) => kind === 'probe')!
    const own = sensors.filter(({ device }) => device === probe.id)
    expect(own.map(({ quantity, depthCm }) => [quantity, depthCm])).toContainEqual(['soil.moisture', 30])
  })

  it('opens the valve for a person; it closes by itself, and its water is recorded', async () => {
    const device = (await ofOtherMakes()).find(({ kind }) => kind === 'controller')!
    expect(await valveOf(device)).toMatchObject({ said: 'closed', testedProof: 'P2', lock: null })
    const { state } = await running().call<{ state: string }>('POST', '/api/start', {
      idem: randomUUID(),
      zoneId: ZONE,
      minutes: MINUTES,
    })
    expect(state).toBe('accepted')
    const command = await eventually(async () =>
      (await today()).running.find(({ zoneId, state }) => zoneId === ZONE && state === 'confirmed'),
    )
    expect(command.endsAtMs! - command.confirmedAtMs!).toBe(MINUTES * MINUTE_MS)
    expect((await valveOf(device)).said).toBe('open')
    await eventually(async () => ((await valveOf(device)).said === 'closed' ? true : null), 60_000)
    const mm = await eventually(async () => {
      const { days } = await get<FieldDays>('/api/fields/terrace/history?year=2026')
      const irrigated = days[0]?.lines.find(
        ({ what, message }) => what === 'irrigation' && message.params['source'] === 'metered',
      )
      return irrigated === undefined ? null : Number(irrigated.message.params['mm'])
    }, 30_000)
    expect(Math.abs((mm * TERRACE_M2) / (LPM * MINUTES) - 1)).toBeLessThan(0.15)
    expect(await valveOf(device)).toMatchObject({ lock: null })
    expect((await today()).alerts.filter(({ deviceId }) => deviceId === device.id)).toEqual([])
  })
}
