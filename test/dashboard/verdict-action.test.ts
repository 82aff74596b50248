/** The action that a field's page offers for each verdict of the plan. */
import { describe, expect, it } from 'vitest'
import { actionOf, devicePath } from '../../dashboard/src/fields/verdict-action.ts'
import type { Alert, FieldCard } from '../../services/api/schemas.ts'
import { HOUR_MS } from '../../broker/contract/time.ts'
import { verdictOnceApproved } from '../../services/domain/approved-verdict.ts'
import { verdictKeys } from '../../services/plan/message-keys.ts'

const action = (key: string, params = {}, onceApproved: FieldCard['onceApproved'] = null) =>
  actionOf({ verdict: { key, params }, onceApproved })

describe('the action of a verdict', () => {
  it('is to approve while the run waits for a person, and not afterwards', () => {
    const run = { atMs: 0, minutes: 130 }
    const asking = Object.keys(verdictKeys).filter((key) => key.endsWith('-approve'))
    expect(asking.length).toBeGreaterThan(3)
    for (const key of asking) {
      const verdict = verdictOnceApproved({ key, params: {} }, run, -HOUR_MS)!
      expect(action(key, {}, { status: 'soon', verdict })).toBe('approve')
      expect(action(verdict.key)).toBe('none')
    }
  })

  it('is to irrigate where only a person can', () => {
    for (const key of ['irrigate-manual', 'fallback-manual', 'paddy-fill-manual', 'needs-capacity'])
      expect(action(key)).toBe('start')
  })

  it('of each demand that no valve can meet is to remove its cause', () => {
    const needs = Object.keys(verdictKeys).filter((key) => key.startsWith('needs-'))
    expect(Object.fromEntries(needs.map((key) => [key, action(key)]))).toEqual({
      'needs-off': 'change-zone',
      'needs-zone': 'add-zone',
      'needs-paused': 'change-zone',
      'needs-capacity': 'start',
      'needs-valve': 'check-valve',
      'needs-arrival': 'check-valve',
    })
  })

  it('of an unknown field is to look at its sensors, or to add one', () => {
    expect(action('cannot-judge', { reason: 'no-sensor' })).toBe('add-sensor')
    expect(action('cannot-judge', { reason: 'inputs-lost' })).toBe('check-sensor')
    expect(action('cannot-judge', { reason: 'clock-unsure' })).toBe('none')
  })

  it('never opens an inlet where water is to leave', () => {
    const leaving = Object.keys(verdictKeys).filter((key) => /drain|wet|final|storm/.test(key))
    for (const key of leaving) expect([key, action(key)]).toEqual([key, 'none'])
  })

  it('leads to the device whose alert concerns the field', () => {
    const alert = (cause: string, deviceId: string | null, fieldId: string) =>
      ({ cause, deviceId, fields: [{ id: fieldId, name: fieldId }] }) as Alert
    const alerts = [
      alert('frost-ahead', null, 'hill'),
      alert('device-silent', 'probe-hill', 'hill'),
      alert('device-silent', 'probe-river', 'river'),
    ]
    expect(devicePath('river', alerts)).toBe('/devices#device/probe-river')
    expect(devicePath('hill', alerts)).toBe('/devices#device/probe-hill')
    expect(devicePath('north', alerts)).toBe('/devices')
  })
})
