/** The place of a model names its device as people do. */
import { expect, it } from 'vitest'
import { createLocale } from '../../dashboard/src/i18n/locale.ts'
import { modelPlace } from '../../dashboard/src/i18n/model-place.ts'
import { readCatalogue } from '../support/read-catalogue.ts'

const locale = createLocale(readCatalogue('en'), { language: 'en', timeZone: 'Asia/Tokyo', nowMs: () => 0 })
const probe = {
  kind: 'soil-moisture' as const,
  subject: 'soil-hill-2@30',
  deviceId: 'soil-hill-2',
  deviceName: 'North probe',
  depthCm: 30,
  fieldName: 'Hill 2',
}

it.each([
  { is: 'by its name', model: probe, text: '30\u00a0cm deep, North probe' },
  {
    is: 'not again, when it is named like the field',
    model: { ...probe, deviceName: 'Hill 2' },
    text: '30\u00a0cm deep',
  },
  {
    is: 'by its id, when it was deleted',
    model: { ...probe, deviceName: null },
    text: '30\u00a0cm deep, soil-hill-2',
  },
])('a device is named $is', ({ model, text }) => {
  expect(modelPlace(model, locale)?.replace(/ (?=cm)/, '\u00a0')).toBe(text)
})
