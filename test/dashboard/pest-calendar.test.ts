/** The calendar of pests: two weeks back, today, and one week ahead, with the days of the action. */
import { describe, expect, it } from 'vitest'
import { calendarDays } from '../../dashboard/src/pests/calendar.ts'

const TODAY = '2026-07-24'

describe('the calendar of a pest', () => {
  it('has the same 22 days for each, today the fifteenth', () => {
    const days = calendarDays(TODAY, [], null)
    expect(days.map(({ day }) => day)).toHaveLength(22)
    expect([days[0]!.day, days[14]!.day, days[21]!.day]).toEqual(['2026-07-10', TODAY, '2026-07-31'])
  })

  it('shows what was assessed, and a day without an assessment as unassessed, never as low', () => {
    const days = calendarDays(TODAY, [{ day: '2026-07-22', level: 'high', sign: 'favourable' }], null)
    expect(days.filter(({ level }) => level !== null)).toEqual([
      { day: '2026-07-22', level: 'high', sign: 'favourable', due: null },
    ])
  })

  it('marks the days of the action from today on', () => {
    const days = calendarDays(TODAY, [], { action: 'treat', fromDay: '2026-07-20', toDay: '2026-07-26' })
    expect(days.filter(({ due }) => due === 'treat').map(({ day }) => day)).toEqual([
      TODAY,
      '2026-07-25',
      '2026-07-26',
    ])
  })
})
