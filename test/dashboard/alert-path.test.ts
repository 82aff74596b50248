import { expect, it } from 'vitest'
import { alertPath, deviceCauses } from '../../dashboard/src/fields/alert-path.ts'
import { managedCauses } from '../../services/alerts/desired-alerts.ts'
import type { Alert } from '../../services/api/schemas.ts'

const alert = (part: Partial<Alert>): Alert =>
  ({ cause: 'no-flow', deviceId: null, fields: [], ...part }) as Alert
const field = { id: 'north/3', name: 'North 3' }

it('the causes that lead to a device are causes of the services', () => {
  expect(deviceCauses.filter((cause) => !(managedCauses as readonly string[]).includes(cause))).toEqual([])
})

it.each(deviceCauses)('%s leads to the sheet of its device', (cause) => {
  expect(alertPath(alert({ cause, deviceId: 'probe 1', fields: [field] }))).toBe('/devices#device/probe%201')
})

it('another cause leads to its field, and to the devices when it has none or several', () => {
  expect(alertPath(alert({ deviceId: 'valve', fields: [field] }))).toBe('/fields/north%2F3')
  // of several fields, or of none: the controller behind them
  expect(alertPath(alert({ deviceId: 'valve', fields: [field, field] }))).toBe('/devices#device/valve')
  expect(alertPath(alert({ deviceId: 'valve' }))).toBe('/devices#device/valve')
  expect(alertPath(alert({ fields: [field, field] }))).toBe('/devices')
  expect(alertPath(alert({}))).toBe('/devices')
})
