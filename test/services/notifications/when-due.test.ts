/** When a person is notified: their quiet hours and their digest, in the time zone of their farm. */
import { describe, expect, it } from 'vitest'
import { dueMs, nextAt, type Preference } from '../../../services/notifications/when-due.ts'
import { defaultNotificationPreference } from '../../../services/tables.ts'

const usual: Preference = { ...defaultNotificationPreference, urgentPasses: true }
const TOKYO = 'Asia/Tokyo'
const at = (text: string) => Date.parse(`${text}:00+09:00`)
const due = (wish: Preference, cause: string, severity: 'act' | 'soon' | 'note', nowMs: number) => {
  const ms = dueMs(wish, { cause, severity }, nowMs, TOKYO)
  return ms === null ? null : ms
}

describe('the time of a notification', () => {
  it('is at once for a silent controller at noon, and the digest of the next morning for a low battery (U24)', () => {
    const noon = at('2026-07-24T12:00')
    expect(due(usual, 'device-silent', 'act', noon)).toBe(noon)
    expect(due(usual, 'battery-low', 'soon', noon)).toBe(at('2026-07-25T06:00'))
  })

  it('is after quiet hours, past midnight too (U24)', () => {
    expect(due(usual, 'device-silent', 'act', at('2026-07-24T23:30'))).toBe(at('2026-07-25T06:00'))
    expect(due(usual, 'device-silent', 'act', at('2026-07-25T03:00'))).toBe(at('2026-07-25T06:00'))
    expect(due(usual, 'device-silent', 'act', at('2026-07-25T06:00'))).toBe(at('2026-07-25T06:00'))
  })

  it('ignores quiet hours for a valve, a leak and frost, unless the person opts out', () => {
    const night = at('2026-07-24T23:30')
    for (const cause of ['valve-unconfirmed', 'valve-fault', 'flow-alarm', 'flow-leak', 'frost-ahead']) {
      expect(due(usual, cause, 'act', night)).toBe(night)
      expect(due({ ...usual, urgentPasses: false }, cause, 'act', night)).toBe(at('2026-07-25T06:00'))
    }
  })

  it('is never for alerts that are off, nor without a digest for those that are not urgent', () => {
    const noon = at('2026-07-24T12:00')
    expect(due({ ...usual, digestMin: null }, 'battery-low', 'soon', noon)).toBeNull()
    const off: Preference = { ...usual, modes: { ...usual.modes, water: 'off' } }
    expect(due(off, 'valve-fault', 'act', noon)).toBeNull()
    const all: Preference = { ...usual, modes: { ...usual.modes, devices: 'all' } }
    expect(due(all, 'battery-low', 'soon', noon)).toBe(noon)
  })

  it('of an unknown cause is that of a valve', () =>
    expect(due(usual, 'brand-new', 'act', at('2026-07-24T12:00'))).toBe(at('2026-07-24T12:00')))

  it('at six in the morning is six by the wall clock, also on the day of a daylight saving change', () => {
    // Berlin, 29 March 2026: 02:00 is 03:00
    expect(nextAt(360, Date.parse('2026-03-28T22:00:00Z'), 'Europe/Berlin')).toBe(
      Date.parse('2026-03-29T04:00:00Z'),
    )
    expect(nextAt(360, Date.parse('2026-10-24T22:30:00Z'), 'Europe/Berlin')).toBe(
      Date.parse('2026-10-25T05:00:00Z'),
    )
  })
})
