/** The text of notifications in both languages, and its agreement with the dashboard's catalogue. */
import { describe, expect, it } from 'vitest'
import { coopAdviceCauses } from '../../../services/alerts/expire-coop-advice.ts'
import { managedCauses } from '../../../services/alerts/desired-alerts.ts'
import { foreignCauses } from '../../../services/foreign-valves/foreign-alerts.ts'
import { alertCauses } from '../../../services/dispatch/alerts.ts'
import { causes } from '../../../services/notifications/causes.ts'
import { compose, withOrg, type NamedAlert } from '../../../services/notifications/compose.ts'
import { textsFor } from '../../../services/notifications/text.ts'
import { notificationLanguages, toJson } from '../../../services/tables.ts'
import { readCatalogue } from '../../support/read-catalogue.ts'

const en = readCatalogue('en')
const ja = readCatalogue('ja')

const dashboard: Record<string, Record<string, string>> = { en, ja }
const NOW_MS = Date.parse('2026-11-05T03:00:00Z')
const place = { timeZone: 'Asia/Tokyo', nowMs: NOW_MS }
const alert = (cause: string, params: object, row: Partial<NamedAlert> = {}): NamedAlert => ({
  id: 'a1',
  org: 'midori',
  cause,
  severity: 'act',
  fieldId: null,
  deviceId: null,
  params: toJson(params as never),
  sinceMs: NOW_MS - 3_600_000,
  clearedMs: null,
  deviceName: null,
  fieldName: null,
  ...row,
})

describe('the texts of a notification', () => {
  it('exist for every alert that is raised', () =>
    expect(Object.keys(causes).sort()).toEqual(
      [...alertCauses, ...foreignCauses, ...managedCauses, ...coopAdviceCauses].sort(),
    ))

  // pests have one table of names: test/services/domain/target-names.test.ts
  it.each(notificationLanguages)('name causes in %s as the dashboard does', (language) => {
    const words = textsFor(language)
    for (const [cause, text] of Object.entries(words.causes))
      expect([cause, text]).toEqual([cause, dashboard[language]![`cause.${cause}`]])
    expect(Object.keys(words.pests)).toEqual(Object.keys(textsFor('en').pests))
  })

  it('contain the cause, the place and the start time', () => {
    const of = { deviceId: 'gate-1', deviceName: 'Gate 1', fieldName: 'Paddy 7' }
    const fault = alert('valve-fault', { valve: 'V2', fault: 'stuck' }, of)
    expect(compose([fault], 'en', place)).toMatchObject({
      title: 'A controller reports a fault: look at it',
      lines: ['Gate 1, V2, Paddy 7, since 11:00'],
      path: '/',
    })
    expect(compose([fault], 'ja', place).lines).toEqual(['Gate 1、V2、Paddy 7、11:00 から'])
  })

  it('link to the device or the field, in its organisation', () => {
    const silent = alert('device-silent', {}, { deviceId: 'probe 1', deviceName: 'Probe' })
    const message = compose([silent], 'en', place)
    expect(withOrg(message, 'midori').path).toBe('/devices?org=midori#device/probe%201')
    const spray = alert('pest-window', {}, { fieldId: 'f1' })
    expect(withOrg(compose([spray], 'en', place), 'midori').path).toBe('/fields/f1?org=midori')
  })

  it('contain the temperature and time of frost, and leave out unknown parts', () => {
    const params = { farm: 'Oka', farmId: 'f1', tempC: -1.25, atMs: Date.parse('2026-11-05T20:00:00Z') }
    expect(compose([alert('frost-ahead', params)], 'en', place).lines).toEqual([
      'Oka, −1.2 °C, Fri 6 Nov 05:00',
    ])
    expect(
      compose([alert('storm-ahead', { farm: 'Oka', rainMm: 82, gustMps: null })], 'ja', place).lines,
    ).toEqual(['Oka、雨量 82 mm'])
  })

  it('are one message for many alerts, with six of them and the number of the rest', () => {
    const many = Array.from({ length: 9 }, (_, i) => alert('battery-low', {}, { deviceName: `Probe ${i}` }))
    const { title, lines } = compose(many, 'en', place)
    expect([title, lines.length, lines.at(-1)]).toEqual(['9 alerts need attention', 7, 'and 3 more'])
    expect(compose(many, 'ja', place).title).toBe('確認が必要なことが9件あります')
  })
})
