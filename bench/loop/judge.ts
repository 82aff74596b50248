/**
 * Tilth against its targets in the closed loop, place by place. A figure has one value per seed, and is met when each seed
 * meets it.
 */
import type { Figure } from '../support/report.ts'
import type { Comparison, FaultComparison, PolicyName, Row } from './compare.ts'
import { percent } from './table.ts'

const WATER_GAP = 0.8
const SMALL_GAP = 0.05
const YIELD = 0.97
const YIELD_OTHER_CROP = 0.95
const PERCOLATION = 0.1
const REGRET = 0.05
const BEATEN: readonly PolicyName[] = ['tuned-timer', 'sensor', 'checkbook']
const FAULT_LOSS = 0.1
const FAULT_NOTICED_D = 7
/** Of the seasons without a fault. */
const FALSE_ALARMS = 0.1

/** One place with the crop of the tables: one comparison per seed. */
export const judge = (seeds: readonly Comparison[]): Figure[] => [
  waterFigure(seeds),
  yieldFigure(seeds, YIELD),
  figureOf(seeds, 'regret against the clairvoyant', `<= ${percent(REGRET)}`, (comparison) => {
    const { regret } = rowOf(comparison, 'tilth')
    return { value: percent(regret), isMet: regret <= REGRET }
  }),
  ...BEATEN.map((name) => profitFigure(seeds, name)),
  figureOf(seeds, 'percolation of irrigation', `< ${percent(PERCOLATION)}`, (comparison) => {
    const { percolationShare } = rowOf(comparison, 'tilth')
    return {
      value: percent(percolationShare) || 'nothing irrigated',
      isMet: (percolationShare ?? 0) < PERCOLATION,
    }
  }),
  figureOf(
    seeds,
    'seasons without a fault that report a probe',
    `<= ${percent(FALSE_ALARMS, 0)}`,
    ({ falseAlarms, seasons }) => ({
      value: `${falseAlarms} of ${seasons}`,
      isMet: falseAlarms <= FALSE_ALARMS * seasons,
    }),
  ),
]

/** One place with a crop that stands in no table: one comparison per seed. */
export const judgeOtherCrop = (seeds: readonly Comparison[]): Figure[] => [
  yieldFigure(seeds, YIELD_OTHER_CROP),
  ...(['timer', 'sensor', 'checkbook'] as const).map((name) => profitFigure(seeds, name)),
]

/** One fault in one place: one comparison per seed. */
export const judgeFault = (seeds: readonly FaultComparison[]): Figure[] => {
  const { fault } = seeds[0]!
  return [
    figureOf(
      seeds,
      `${fault}: yield and profit of the season without it`,
      `>= ${percent(1 - FAULT_LOSS, 0)}`,
      ({ yieldShare, profitShare }) => ({
        value: percent(Math.min(yieldShare, profitShare)),
        isMet: Math.min(yieldShare, profitShare) >= 1 - FAULT_LOSS,
      }),
    ),
    figureOf(
      seeds,
      `${fault}: water`,
      `<= ${seeds.map(({ timerMm }) => timerMm.toFixed(0)).join(' / ')} mm of the timer`,
      ({ irrigationMm, timerMm }) => ({
        value: `${irrigationMm.toFixed(0)} mm`,
        isMet: irrigationMm <= timerMm,
      }),
    ),
    figureOf(seeds, `${fault}: reported after`, `<= ${FAULT_NOTICED_D} days`, ({ noticedAfterD }) => ({
      value:
        noticedAfterD === null ? 'no sign' : noticedAfterD === Infinity ? 'never' : `${noticedAfterD} days`,
      isMet: (noticedAfterD ?? 0) <= FAULT_NOTICED_D,
    })),
  ]
}

const yieldFigure = (seeds: readonly Comparison[], least: number): Figure =>
  figureOf(seeds, 'yield of an unstressed crop', `>= ${percent(least, 0)}`, (comparison) => {
    const share = rowOf(comparison, 'tilth').yieldTHa / comparison.unstressedTHa
    return { value: percent(share), isMet: share >= least }
  })

function profitFigure(seeds: readonly Comparison[], name: PolicyName): Figure {
  const rivals = seeds.map((comparison) => rowOf(comparison, name).profit.toFixed(0))
  return figureOf(seeds, `profit against ${name}`, `> ${rivals.join(' / ')} $/ha`, (comparison) => {
    const { profit } = rowOf(comparison, 'tilth')
    return { value: `${profit.toFixed(0)} $/ha`, isMet: profit > rowOf(comparison, name).profit }
  })
}

/**
 * Share of the water between the timer and the clairvoyant that is saved. Where that is small, the limit is the timer's water;
 * where the timer applies less than the crop needs, slightly more than the clairvoyant's.
 */
const waterFigure = (seeds: readonly Comparison[]): Figure =>
  figureOf(
    seeds,
    'water gap between timer and clairvoyant closed',
    `>= ${percent(WATER_GAP, 0)}; where it is under ${percent(SMALL_GAP, 0)}, no more than the larger`,
    (comparison) => {
      const [timerMm, leastMm, ownMm] = (['timer', 'clairvoyant', 'tilth'] as const).map(
        (name) => rowOf(comparison, name).irrigationMm,
      ) as [number, number, number]
      const gapMm = timerMm - leastMm
      if (gapMm >= SMALL_GAP * timerMm) {
        const closed = (timerMm - ownMm) / gapMm
        return { value: percent(closed), isMet: closed >= WATER_GAP }
      }
      const mostMm = Math.max(timerMm, leastMm * (1 + SMALL_GAP))
      return { value: `${ownMm.toFixed(0)} of ${mostMm.toFixed(0)} mm`, isMet: ownMm <= mostMm }
    },
  )

function figureOf<Seed extends { climate: string }>(
  seeds: readonly Seed[],
  name: string,
  target: string,
  judgeSeed: (seed: Seed) => { value: string; isMet: boolean },
): Figure {
  const judged = seeds.map(judgeSeed)
  return {
    line: 'loop',
    figure: `${seeds[0]!.climate}: ${name}`,
    value: judged.map(({ value }) => value).join(' / '),
    target,
    isMet: judged.every(({ isMet }) => isMet),
  }
}

const rowOf = ({ rows }: Comparison, name: PolicyName): Row => rows.find(({ policy }) => policy === name)!
