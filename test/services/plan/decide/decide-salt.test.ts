import { describe, expect, it } from 'vitest'
import { addDays } from '../../../../broker/contract/time.ts'
import { decisionSession } from '../../../../services/plan/decide/session.ts'
import { setup } from './contract-example.ts'

describe('salt in the decision model over JSON lines', () => {
  /** The first day on which the roots are filled, in a drought on maize that is irrigated at 80 %. */
  const filled = (field: { waterEcDsM?: number; soilEcDsM?: number; rainMm?: number }) => {
    const answer = decisionSession()
    const soil = { ...setup.field.soil, ecDsM: field.soilEcDsM ?? null }
    const irrigation = { efficiency: 0.8, maxMmPerDay: 200, minMm: 5, waterEcDsM: field.waterEcDsM ?? null }
    answer(JSON.stringify({ ...setup, history: [], field: { ...setup.field, soil, irrigation } }))
    let appliedMm = 0
    for (let i = 0; i < 30; i++) {
      const day = addDays('1995-05-01', i)
      const weather = { tMinC: 14, tMaxC: 29, rainMm: 0, et0Mm: 6 }
      const forecast = [{ day: addDays(day, 1), tMinC: 14, tMaxC: 29, rainMm: field.rainMm ?? 0 }]
      const reply = JSON.parse(
        answer(JSON.stringify({ type: 'day', day, weather, appliedMm, forecast }))!,
      ) as {
        irrigateMm: number
        why: { key: string; mm: number; params: Record<string, number | string> }[]
      }
      const of = (key: string) => reply.why.find((one) => one.key === key)
      appliedMm = reply.irrigateMm
      const netMm = of('depth')!.params.netMm as number
      if (netMm > 0 && netMm >= 0.98 * of('depletion')!.mm) return { ...reply, netMm, of }
    }
    throw new Error('never filled')
  }

  it('water of 1.2 dS/m on maize is given a sixth more: LR = 1.2 / (5 x 1.7 - 1.2) = 0.164 (FAO-29)', () => {
    const { irrigateMm, netMm, of } = filled({ waterEcDsM: 1.2 })
    // to the roots 25.7 mm: 25.7 / (1 - 0.164) = 30.8 enter the soil, 38.4 leave the nozzle at 80 %
    expect(irrigateMm).toBeCloseTo(netMm / (1 - 1.2 / 7.3) / 0.8, 0)
    expect(of('leaching')).toMatchObject({ params: { percent: 16, thresholdDsM: 1.7 } })
    expect(of('leaching')!.mm).toBeCloseTo((netMm * 1.2) / 7.3 / (1 - 1.2 / 7.3) / 0.8, 0)
  })

  it('nothing is added where the EC is missing, the soil is far from salty, or the water is good', () => {
    for (const field of [{}, { waterEcDsM: 1.2, soilEcDsM: 1 }, { waterEcDsM: 0.3 }]) {
      const { irrigateMm, netMm, of } = filled(field)
      expect(irrigateMm).toBeCloseTo(netMm / 0.8, 0)
      expect(of('leaching')).toBeUndefined()
      expect(of('leaching-postponed')).toBeUndefined()
    }
  })

  it('leaching waits for likely rain, and for the EC of water on a salty soil: both are reported', () => {
    // so much that it is likely even after weeks of forecasts that failed
    expect(filled({ waterEcDsM: 1.2, rainMm: 60 }).of('leaching-postponed')).toMatchObject({
      params: { reason: 'rain' },
    })
    expect(filled({ soilEcDsM: 2 }).of('leaching-postponed')).toMatchObject({
      params: { reason: 'no-water-ec' },
    })
  })
})
