/** A month of a paddy on the simulator, under the plan and the estimate; whole seasons are in `whole-season.gate.test.ts`. */
import { expect, it } from 'vitest'
import { paddySeason } from './season.ts'

it('a muskrat’s hole is reported within four nights, and the level is marked as calculated while the gauge is lost for two days', () => {
  const silent = (hour: number) => hour >= 15 * 24 && hour < 17 * 24
  const own = paddySeason({
    seed: 'kome',
    days: 32,
    isGaugeSilent: silent,
    eachDay: (day, { setLeak }) => day === '2026-06-08' && setLeak(60),
  })
  const at = (day: string) =>
    own.hours.filter(({ atMs }) => new Date(atMs + 9 * 3_600_000).toISOString().startsWith(day))
  expect(
    own.hours.filter(({ key, atMs }) => key === 'paddy-leak' && atMs < at('2026-06-08')[0]!.atMs),
  ).toEqual([])
  const told = own.hours.find(({ key }) => key === 'paddy-leak')
  expect(told).toBeDefined()
  expect(told!.atMs).toBeLessThan(at('2026-06-12')[23]!.atMs)
  expect(own.hours.some(({ plan }) => plan?.calculatedDays != null)).toBe(true)
  expect(own.bothOpenMinutes).toBe(0)
}, 60_000)
