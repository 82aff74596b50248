import { expect, it } from 'vitest'
import { MINUTE_MS } from '../../../broker/contract/time.ts'
import type { DesiredAlert } from '../../../services/alerts/desired-alerts.ts'
import { devicesBehind, integrationAlerts } from '../../../services/alerts/integration-down.ts'

const down = { id: 'chirp', org: 'coop', name: 'ChirpStack', isConnected: false, sinceMs: 0 }
const devicesOf = new Map([['chirp', ['probe1', 'probe2']]])
const at = (nowMs: number, connection = down, active: DesiredAlert[] = []) =>
  integrationAlerts('coop', [connection], devicesOf, active, nowMs)

it('an integration without a connection for ten minutes is one alert, for all of its devices', () => {
  expect(at(10 * MINUTE_MS - 1)).toEqual([])
  const alerts = at(10 * MINUTE_MS)
  expect(alerts).toMatchObject([
    { cause: 'integration-down', deviceId: null, params: { name: 'ChirpStack' }, sinceMs: 0 },
  ])
  expect([...devicesBehind(alerts, devicesOf)]).toEqual(['probe1', 'probe2'])
})

it('a connected one, one without devices, and one of another organisation are none', () => {
  expect(at(60 * MINUTE_MS, { ...down, isConnected: true })).toEqual([])
  expect(at(60 * MINUTE_MS, { ...down, id: 'other' })).toEqual([])
  expect(at(60 * MINUTE_MS, { ...down, org: 'other' })).toEqual([])
})

it('an active alert keeps its start over a restart of Tilth', () => {
  const [active] = at(10 * MINUTE_MS)
  const restarted = { ...down, sinceMs: 59 * MINUTE_MS }
  expect(at(60 * MINUTE_MS, restarted, [active!])).toMatchObject([{ sinceMs: 0 }])
})
