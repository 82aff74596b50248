/** The frames of the simulated EM500-SMTC mean what the maker's decoder reads in them. */
import { expect, it } from 'vitest'
import { em500Frame } from '../../../firmware-sim/other-makes/em500-smtc.ts'
import { decodeMilesight } from '../../../services/integrations/codecs/milesight.ts'

it('has battery, temperature, moisture and conductivity in this order, little-endian', () => {
  const values = { batteryPercent: 92, tempC: 28.1, moisturePct: 23.24, ecUsCm: 240 }
  expect(em500Frame(values).toString('hex')).toBe('01755c0367190104ca1409057ff000')
})

it('reads as it was measured, also below zero', () => {
  const values = { batteryPercent: 100, tempC: -4.6, moisturePct: 41.07, ecUsCm: 655 }
  expect(decodeMilesight('EM500-SMTC', 85, em500Frame(values))).toMatchObject({
    ok: true,
    value: { battery: 100, temperature: -4.6, moisture: 41.07, electricity: 655 },
  })
})
