/** When a person is told: their quiet hours and their digest, in the zone of their farm. */
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

describe('what a person is told', () => {
  it('a silent controller at noon is told at once, a low battery with the digest of the next morning', () => {
    const noon = at('2026-07-24T12:00')
    expect(due(usual, 'device-silent', 'act', noon)).toBe(noon)
    expect(due(usual, 'battery-low', 'soon', noon)).toBe(at('2026-07-25T06:00'))
  })

  it('in quiet hours it waits for their end, past midnight too', () => {
    expect(due(usual, 'device-silent', 'act', at('2026-07-24T23:30'))).toBe(at('2026-07-25T06:00'))
    expect(due(usual, 'device-silent', 'act', at('2026-07-25T03:00'))).toBe(at('2026-07-25T06:00'))
    expect(due(usual, 'device-silent', 'act', at('2026-07-25T06:00'))).toBe(at('2026-07-25T06:00'))
  })

  it('a valve, a leak and frost pass, unless the person wants to sleep', () => {
    const night = at('2026-07-24T23:30')
    for (const cause of ['valve-unconfirmed', 'valve-fault', 'flow-alarm', 'flow-leak', 'frost-ahead']) {
      expect(due(usual, cause, 'act', night)).toBe(night)
      expect(due({ ...usual, urgentPasses: false }, cause, 'act', night)).toBe(at('2026-07-25T06:00'))
    }
  })

  it('without a digest what is not urgent is not told, and what is off never is', () => {
    const noon = at('2026-07-24T12:00')
    expect(due({ ...usual, digestMin: null }, 'battery-low', 'soon', noon)).toBeNull()
    const off: Preference = { ...usual, modes: { ...usual.modes, water: 'off' } }
    expect(due(off, 'valve-fault', 'act', noon)).toBeNull()
    const all: Preference = { ...usual, modes: { ...usual.modes, devices: 'all' } }
    expect(due(all, 'battery-low', 'soon', noon)).toBe(noon)
  })

  it('a cause of which nobody knows the kind is told like one of a valve', () =>
    expect(due(usual, 'brand-new', 'act', at('2026-07-24T12:00'))).toBe(at('2026-07-24T12:00')))

  it('six in the morning is six by the clock on the wall, also on the day on which it is changed', () => {
    // Berlin, 29 March 2026: 02:00 is 03:00
    expect(nextAt(360, Date.parse('2026-03-28T22:00:00Z'), 'Europe/Berlin')).toBe(
      Date.parse('2026-03-29T04:00:00Z'),
    )
    expect(nextAt(360, Date.parse('2026-10-24T22:30:00Z'), 'Europe/Berlin')).toBe(
      Date.parse('2026-10-25T05:00:00Z'),
    )
  })
})
