/** Crops are called the same in files as on the screen. */
import { expect, it } from 'vitest'
import { cropText } from '../../../../services/report/text/crop-names.ts'
import { crops } from '../../../../services/agronomy/crops/catalogue.ts'
import { readCatalogue } from '../../../support/read-catalogue.ts'

const en = readCatalogue('en')
const ja = readCatalogue('ja')

it.each(Object.keys(crops))('%s', (crop) => {
  expect(cropText(crop, 'en')).toBe((en as Record<string, string>)[`crop.${crop}`])
  expect(cropText(crop, 'ja')).toBe((ja as Record<string, string>)[`crop.${crop}`])
})
