/** Alerts of the fixture's farm. */
import { DAY_MS } from '../../broker/contract/time.ts'
import type { Alert } from '../../services/api/screens/today-schemas.ts'
import { MORNING_MS, at, zoneIdOf } from './fixture-day.ts'

export const alerts: Alert[] = [
  {
    id: 'alert-1',
    cause: 'device-silent',
    severity: 'soon',
    params: {},
    fieldId: null,
    deviceId: 'probe-river',
    deviceName: 'River probe',
    fields: [{ id: 'river-bend', name: 'River bend' }],
    zoneIds: [],
    sinceMs: MORNING_MS - 2 * DAY_MS,
  },
]

export const faultAlert: Alert = {
  id: 'alert-2',
  cause: 'valve-fault',
  severity: 'act',
  params: { valve: null, fault: 'overflow' },
  fieldId: null,
  deviceId: 'controller-1',
  deviceName: 'Valve controller',
  fields: [
    { id: 'paddy-7', name: 'Paddy 7' },
    { id: 'hill-2', name: 'Hill 2' },
    { id: 'north-3', name: 'North 3' },
  ],
  zoneIds: [],
  sinceMs: at(6 + 40 / 60, '2026-05-18'),
}

/** Tilth has closed a valve because of its flow, and holds it. */
export const flowAlert: Alert = {
  id: 'alert-3',
  cause: 'flow-alarm',
  severity: 'act',
  params: { valve: 'V2', at: 'V2', flow: 'high', done: 'zone-shut', lpm: 131.4, expectedLpm: 66.7 },
  fieldId: null,
  deviceId: 'controller-1',
  deviceName: 'Valve controller',
  fields: [{ id: 'hill-2', name: 'Hill 2' }],
  zoneIds: [zoneIdOf('hill-2')],
  sinceMs: at(6 + 10 / 60),
}
