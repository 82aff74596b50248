/** A controller that reports every minute and has a fault is a problem of the device list. */
import { expect, it } from 'vitest'
import { faultsOf } from '../../dashboard/src/devices/device-status.ts'
import type { Alert } from '../../services/api/schemas.ts'

const alert = (part: Partial<Alert>): Alert =>
  ({ id: '1', cause: 'flow-alarm', severity: 'act', deviceId: 'valves', ...part }) as Alert

it('by its urgent alerts; silence and battery are shown by the device itself', () => {
  const alerts = [
    alert({}),
    alert({ deviceId: 'other' }),
    alert({ severity: 'warn' as Alert['severity'] }),
    alert({ cause: 'device-silent' }),
    alert({ cause: 'battery-low' }),
  ]
  expect(faultsOf({ id: 'valves' }, alerts)).toEqual([alerts[0]])
  expect(faultsOf({ id: 'probe' }, alerts)).toEqual([])
})
