/** Dilution, spray and product on 10 a: any two give the third. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { completeDose, type DosePart } from '../../dashboard/src/pests/complete-dose.ts'

// 2500 times in 200 L on 10 a is 80 mL
const offered = { dilution: 2500, volumeL10a: 200, amount: 80 }
const parts = ['dilution', 'volumeL10a', 'amount'] as const
const amount = fc.double({ min: 0.01, max: 10_000, noNaN: true })

describe('a dose as it is typed', () => {
  it('gives the product of 1000 times in 150 L: 150 mL', () =>
    expect(completeDose(offered, { dilution: 1000, volumeL10a: 150 }, ['volumeL10a', 'dilution'])).toEqual({
      dilution: 1000,
      volumeL10a: 150,
      amount: 150,
    }))

  it('gives the spray of 100 mL at 1000 times: 100 L', () =>
    expect(completeDose(offered, { amount: 100, dilution: 1000 }, ['dilution', 'amount']).volumeL10a).toBe(
      100,
    ))

  it('gives the dilution of 100 mL in 200 L: 2000 times', () =>
    expect(completeDose(offered, { amount: 100 }, ['amount', 'volumeL10a']).dilution).toBe(2000))

  it('of which one part was typed keeps the dilution, or the spray where the dilution was typed', () => {
    expect(completeDose(offered, { volumeL10a: 100 }, ['volumeL10a'])).toMatchObject({
      amount: 40,
      dilution: 2500,
    })
    expect(completeDose(offered, { dilution: 1250 }, ['dilution'])).toMatchObject({
      amount: 160,
      volumeL10a: 200,
    })
  })

  it('is the same whichever two of it are typed', () =>
    fc.assert(
      fc.property(
        amount,
        amount,
        fc.shuffledSubarray([...parts], { minLength: 2, maxLength: 2 }),
        (a, b, last) => {
          const whole = completeDose(offered, { dilution: a, volumeL10a: b }, ['dilution', 'volumeL10a'])
          const again = completeDose(offered, whole, last as DosePart[])
          for (const part of parts) expect(again[part] / whole[part]).toBeCloseTo(1, 9)
        },
      ),
    ))
})
