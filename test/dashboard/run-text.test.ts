/** The start of a run and its approval: a time that has passed is never offered. */
import { describe, expect, it } from 'vitest'
import { createLocale } from '../../dashboard/src/i18n/locale.ts'
import { approvalText, startText } from '../../dashboard/src/i18n/run-text.ts'
import { readCatalogue } from '../support/read-catalogue.ts'

const NOW = Date.UTC(2026, 7, 4, 20, 21) // 05:21 in Tokyo
const MINUTE = 60_000
const of = (language: 'en' | 'ja') =>
  createLocale(readCatalogue(language), { language, timeZone: 'Asia/Tokyo', nowMs: () => NOW })
const run = (minutesAgo: number, state = 'proposed') => ({
  atMs: NOW - minutesAgo * MINUTE,
  minutes: 225,
  state,
})

describe('the approval of a run', () => {
  it('of one whose start has come says that it starts now, and until when', () => {
    expect(approvalText(run(6), of('en'), NOW)).toBe('Approve and start now, until 09:06')
    expect(approvalText(run(6), of('ja'), NOW)).toBe('承認して今すぐ開始（09:06まで）')
  })

  it('of one of this evening names its start', () => {
    expect(approvalText(run(-13.65 * 60), of('en'), NOW)).toBe('Approve for 19:00')
  })
})

describe('the start of a run', () => {
  it('that has passed is not a time but what the run waits for', () => {
    expect(startText(run(3), of('en'), NOW)).toBe('as soon as you approve')
    expect(startText(run(3, 'approved'), of('en'), NOW)).toBe('Now')
    expect(startText(run(-60), of('en'), NOW)).toBe('06:21')
  })

  it('of a run that is over stays its time', () => {
    expect(startText(run(60, 'done'), of('en'), NOW)).toBe('04:21')
  })
})
