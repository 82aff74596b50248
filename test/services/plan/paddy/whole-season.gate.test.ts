/**
 * A whole season of a paddy on the simulator, under the plan and the estimate, compared with a farmer who keeps
 * 5 cm. The printed lines are the same on every machine.
 */
import { beforeAll, describe, expect, it } from 'vitest'
import { readPaddyDay } from '../../../../services/tables.ts'
import { constantDepth, inBandPercent, paddySeason, type PaddyOutcome } from './season.ts'

const SEASON_MS = 240_000

describe('a season on the plains, wet July and dry August', () => {
  let own: PaddyOutcome
  beforeAll(() => void (own = paddySeason({ seed: 'kome', settings: { storm: 'auto' } })), SEASON_MS)
  const drainage = () => readPaddyDay(own.days.at(-1)!.paddy!).drainage!

  it('prints its score', () => {
    const farmer = constantDepth('kome')
    const line = [
      `in band ${inBandPercent(own).toFixed(0)} % of the hours`,
      `drainage ${drainage().dryDays} dry of ${drainage().days} days`,
      `storm kept ${own.stormM3.toFixed(0)} m3`,
      `water ${own.inletMm.toFixed(0)} mm against ${farmer.appliedMm.toFixed(0)}`,
      `yield ${own.truth.relativeYield.toFixed(2)} against ${farmer.relativeYield.toFixed(2)}`,
    ].join(', ')
    process.stdout.write(`paddy season: ${line}\n`)
    expect(own.inletMm).toBeLessThan(farmer.appliedMm)
    expect(own.truth.relativeYield).toBeGreaterThanOrEqual(farmer.relativeYield)
  })
  it('is in the band of its stage nine hours of ten', () =>
    expect(inBandPercent(own)).toBeGreaterThanOrEqual(90))
  it('never has inlet and outlet open together, and nothing runs over the bund', () => {
    expect(own.bothOpenMinutes).toBe(0)
    expect(own.truth.overBundMm).toBe(0)
  })
  it('passes through every stage, and dries its soil in mid season', () => {
    expect(new Set(own.days.map(({ stage }) => stage)).size).toBe(9)
    expect(drainage()).toMatchObject({ dryDays: 7, endReason: 'dried' })
    const during = own.days.filter(({ day }) => day >= drainage().fromDay && day <= drainage().lastDay!)
    expect(during.map(({ stage }) => stage)).toEqual(during.map(() => 'mid-season-drainage'))
  })
  it('never falls dry during panicle formation and flowering', () => {
    const wants = new Set(['panicle', 'booting', 'heading'])
    const hours = own.hours.filter(({ plan }) => plan !== null && wants.has(plan.now.stage))
    // the last day of a stage with alternate drying may still be dry
    const dry = hours.filter(({ levelMm }) => levelMm < 0).length
    expect(dry / hours.length).toBeLessThan(0.03)
  })
  it('learns its inlet from the rise of the level, and its loss from quiet nights', () => {
    // a fortnight without a run, and the nominal rate applies again
    const last = own.hours.findLast(({ plan }) => plan?.now.inletMmH != null)!.plan!
    expect(last.now.inletMmH).toBeGreaterThan(10)
    expect(last.now.inletMmH).toBeLessThan(14)
    const nights = own.days.flatMap((day) => readPaddyDay(day.paddy!).nightLossMmD ?? [])
    const middle = nights.toSorted((a, b) => a - b)[Math.floor(nights.length / 2)]!
    // 10 mm a day at the surface, a tenth more under 30 mm of water
    expect(middle).toBeGreaterThan(8.5)
    expect(middle).toBeLessThan(14)
  })
  it('reports no leak where there is none', () => expect(own.reasonKeys).not.toContain('paddy-leak'))
})

it(
  'with a board, a person is sent to the outlet less than twice a month',
  () => {
    const own = paddySeason({ seed: 'kome', outlet: 'board', days: 110, settings: { baselineDays: 4 } })
    const walks = own.tasks.filter(({ kind, state }) => kind === 'set-board' && state === 'done')
    process.stdout.write(`paddy season with a board: ${walks.length} walks\n`)
    expect(walks.length).toBeLessThan(8)
    expect(own.truth.overBundMm).toBe(0)
    // four days were usual: a J-Credit requires eleven
    expect(readPaddyDay(own.days.at(-1)!.paddy!).drainage!.days).toBeGreaterThanOrEqual(11)
  },
  SEASON_MS,
)
