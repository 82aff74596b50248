/** An alert in words on Today: the device, the fault, the affected fields, and the remedy. */
import { describe, expect, it } from 'vitest'
import { alertText } from '../../dashboard/src/i18n/alert-text.ts'
import { createLocale } from '../../dashboard/src/i18n/locale.ts'
import type { Alert } from '../../services/api/screens/today-schemas.ts'
import { readCatalogue } from '../support/read-catalogue.ts'

const sayIn = (language: string) =>
  createLocale(readCatalogue(language), {
    language,
    timeZone: 'Asia/Tokyo',
    nowMs: () => Date.parse('2026-06-20T00:00:00Z'),
  })
const alert = (change: Partial<Alert> = {}): Alert => ({
  id: 'a',
  cause: 'valve-fault',
  severity: 'act',
  params: { valve: null, fault: 'overflow' },
  fieldId: null,
  deviceId: 'controller-sato',
  deviceName: 'Controller Sato',
  fields: ['Paddy 3', 'Paddy 7', 'North 3'].map((name) => ({ id: name, name })),
  zoneIds: [],
  sinceMs: Date.parse('2026-05-18T00:00:00Z'),
  ...change,
})

describe('a latched fault', () => {
  it('names the controller, the fault and its time, the affected fields, and where to clear it', () => {
    const told = alertText(alert(), sayIn('en'))
    expect(told.what).toBe('Controller Sato: too much flow (since Mon 18 May, 09:00)')
    expect(told.fields).toBe('Paddy 3, Paddy 7, North 3')
    expect(told.remedy).toContain('clear the fault here or at the controller')
  })

  it('has the same parts in Japanese', () => {
    const told = alertText(alert(), sayIn('ja'))
    expect(told.what).toBe('Controller Sato：5月18日(月) 09:00 から 流量過大')
    expect(told.fields).toBe('Paddy 3、Paddy 7、North 3')
    expect(told.remedy).toContain('ここか制御機で異常を解除')
  })

  it('of an unknown maker is shown by its own key', () => {
    const told = alertText(alert({ params: { valve: null, fault: 'solenoid_short' } }), sayIn('en'))
    expect(told.what).toContain('solenoid short')
  })
})

describe('any alert', () => {
  it('of a locked valve states that a start by a person unlocks it', () => {
    const told = alertText(alert({ cause: 'valve-locked-out', params: { valve: 'V1' } }), sayIn('en'))
    expect(told.what).toContain('after three failures')
    expect(told.remedy).toContain('a successful run unlocks it')
  })

  it('of a device without a name is named by its ID, and without a device by its cause', () => {
    expect(alertText(alert({ deviceName: null }), sayIn('en')).what).toContain('controller-sato: ')
    const nowhere = alertText(alert({ deviceName: null, deviceId: null, fields: [] }), sayIn('en'))
    expect(nowhere).toMatchObject({ what: 'A controller reports a fault: look at it', fields: null })
  })

  it('names six fields, and counts the rest', () => {
    const fields = Array.from({ length: 9 }, (_, i) => ({ id: `f${i}`, name: `Paddy ${i + 1}` }))
    expect(alertText(alert({ fields }), sayIn('en')).fields).toMatch(/Paddy 6 and 3 more$/)
  })

  it('that a newer server sends is shown by its cause', () => {
    expect(alertText(alert({ cause: 'pump-hot' }), sayIn('en'))).toMatchObject({
      what: 'pump hot',
      remedy: null,
    })
  })
})
