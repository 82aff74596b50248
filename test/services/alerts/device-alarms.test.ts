import { describe, expect, it } from 'vitest'
import { deviceAlarmAlerts } from '../../../services/alerts/device-alarms.ts'

describe('alarms that a device reports', () => {
  const valve = (alarms: string[]) => ({ id: 'valve', org: 'coop', fieldId: 'north', alarms })

  it('raise an alert of their kind, which keeps its start and ends with them', () => {
    const [leak] = deviceAlarmAlerts([valve(['leak'])], [], 1000)
    expect(leak).toMatchObject({ cause: 'device-leak', severity: 'act', deviceId: 'valve', sinceMs: 1000 })
    expect(deviceAlarmAlerts([valve(['leak'])], [leak!], 5000)).toEqual([leak])
    expect(deviceAlarmAlerts([valve([])], [leak!], 6000)).toEqual([])
  })

  it('of one kind are one alert, and a name without an alert is none', () => {
    const alerts = deviceAlarmAlerts([valve(['tamper', 'fraud', 'constructor'])], [], 1000)
    expect(alerts.map(({ cause }) => cause)).toEqual(['device-tamper'])
  })
})
