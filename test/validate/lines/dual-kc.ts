/**
 * Whole seasons of the dual crop coefficient against those of pyfao56 (USDA-ARS): every file of vectors with a
 * season, each with its own parameters.
 */
import { fail } from '../../../services/errors.ts'
import { readDualSeason, runDualSeason, type DualSeason } from '../dual-season.ts'
import type { Line } from '../line.ts'
import { atMost, missingData, forComparison } from '../score.ts'

const LIMIT = 0.05 // mm, and of Ks
const scored = ['De', 'Dr', 'DP', 'Ks']

export const dualKc: Line = {
  name: 'dual-kc',
  about: 'seasons of the dual crop coefficient, every state of every day',
  parts: [
    {
      library: ['services/agronomy/water/dual-day.ts'],
      needs: [{ keys: ['meta', 'parameters', 'days'], like: 'vectors/dual_kc_season_cotton2013_dry.json' }],
      score(data) {
        const files = data.jsons('vectors').filter(({ root }) => isSeason(root))
        if (files.length === 0) return [missingData(['vectors/dual_kc_season_*.json'])]
        return files.flatMap(({ path, root }) => {
          const season = readDualSeason(root)
          if (!season.ok) return fail('INVALID_CONFIG', `${path}: ${season.error}`)
          const worst = worstOf(season.value)
          const name = path.replace(/^.*dual_kc_season_|^.*\/|\.json$/g, '')
          const others = Object.entries(worst).filter(([state]) => !scored.includes(state))
          return [
            ...scored.map((state) =>
              atMost(
                `${name}, ${state}, largest error of a day`,
                worst[state] ?? NaN,
                LIMIT,
                unitOf(state),
                3,
              ),
            ),
            forComparison(
              `${name}, largest error of ${others.length} other states, ${season.value.days.length} days`,
              others.reduce((max, [, error]) => Math.max(max, error), 0),
              '',
              3,
            ),
          ]
        })
      },
    },
  ],
}

/** A season is recognised by its content, and rejected (by name) when it is incomplete. */
const isSeason = (root: unknown): boolean =>
  (root as { parameters?: Record<string, unknown> } | null)?.parameters?.Kcbini !== undefined

/** The largest error of each state over the season; NaN for a state that is missing on a day. */
function worstOf(season: DualSeason): Record<string, number> {
  const got = runDualSeason(season)
  const worst: Record<string, number> = {}
  season.days.forEach(({ expected }, i) => {
    for (const [state, value] of Object.entries(expected))
      worst[state] = Math.max(worst[state] ?? 0, Math.abs((got[i]![state] ?? NaN) - value))
  })
  return worst
}

const unitOf = (state: string): string => (state === 'Ks' ? '' : 'mm')
