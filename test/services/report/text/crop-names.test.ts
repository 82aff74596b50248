/** Crops are called the same in files as on the screen. */
import { expect, it } from 'vitest'
import en from '../../../../dashboard/public/i18n/en.json' with { type: 'json' }
import ja from '../../../../dashboard/public/i18n/ja.json' with { type: 'json' }
import { cropText } from '../../../../services/report/text/crop-names.ts'
import { crops } from '../../../../services/agronomy/crops/catalogue.ts'

it.each(Object.keys(crops))('%s', (crop) => {
  expect(cropText(crop, 'en')).toBe((en as Record<string, string>)[`crop.${crop}`])
  expect(cropText(crop, 'ja')).toBe((ja as Record<string, string>)[`crop.${crop}`])
})
