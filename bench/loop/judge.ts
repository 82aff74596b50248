/** Tilth against its targets in the closed loop, place by place. */
import { sum } from '../../services/runtime/math.ts'
import { atLeast, atMost, type Figure } from '../support/report.ts'
import type { Comparison, PolicyName, Row } from './compare.ts'
import { percent } from './table.ts'

const WATER_GAP = 0.8
const SMALL_GAP = 0.05
const YIELD = 0.97
const PERCOLATION = 0.1
const REGRET_MEAN = 0.05
const REGRET_WORST = 0.08
const BEATEN: readonly PolicyName[] = ['tuned-timer', 'sensor', 'checkbook']

export function judge(comparisons: readonly Comparison[]): Figure[] {
  const regrets = comparisons.map((comparison) => rowOf(comparison, 'tilth').regret)
  const mean = sum(regrets) / regrets.length
  return [
    ...comparisons.flatMap(judgeOne),
    atMost('loop', 'regret against the clairvoyant, mean of the climates', mean, REGRET_MEAN, percent),
    atMost('loop', 'regret, worst climate', Math.max(...regrets), REGRET_WORST, percent),
  ]
}

function judgeOne(comparison: Comparison): Figure[] {
  const { climate, rows } = comparison
  const tilth = rowOf(comparison, 'tilth')
  // the clairvoyant is the optimum and not a feasible policy
  const followed = rows.filter(({ policy }) => policy !== 'clairvoyant')
  const bestYield = Math.max(...followed.map(({ yieldTHa }) => yieldTHa))
  return [
    waterOf(comparison, tilth),
    atLeast('loop', `${climate}: yield of the best policy's`, tilth.yieldTHa / bestYield, YIELD, percent),
    ...BEATEN.map((name) => {
      const { profit } = rowOf(comparison, name)
      const isMet = tilth.profit > profit
      const [value, target] = [tilth.profit, profit].map((profit) => `${profit.toFixed(0)} $/ha`)
      return {
        line: 'loop',
        figure: `${climate}: profit against ${name}`,
        value: value!,
        target: `> ${target}`,
        isMet,
      }
    }),
    {
      line: 'loop',
      figure: `${climate}: percolation of irrigation`,
      value: percent(tilth.percolationShare) || 'nothing irrigated',
      target: `< ${percent(PERCOLATION)}`,
      isMet: (tilth.percolationShare ?? 0) < PERCOLATION,
    },
  ]
}

/**
 * Share of the water between the timer and the clairvoyant that is saved. Where that is small, the limit is the
 * timer's water; where the timer applies less than the crop needs, slightly more than the clairvoyant's.
 */
function waterOf(comparison: Comparison, { irrigationMm }: Row): Figure {
  const depthMm = rowOf(comparison, 'timer').irrigationMm
  const leastMm = rowOf(comparison, 'clairvoyant').irrigationMm
  const gapMm = depthMm - leastMm
  const { climate } = comparison
  if (gapMm >= SMALL_GAP * depthMm)
    return atLeast(
      'loop',
      `${climate}: water gap between timer and clairvoyant closed`,
      (depthMm - irrigationMm) / gapMm,
      WATER_GAP,
      percent,
    )
  const limitMm = Math.max(depthMm, leastMm * (1 + SMALL_GAP))
  const figure = `${climate}: water, where the timer wastes none`
  return atMost('loop', figure, irrigationMm, limitMm, (mm) => `${mm.toFixed(0)} mm`)
}

const rowOf = ({ rows }: Comparison, name: PolicyName): Row => rows.find(({ policy }) => policy === name)!
