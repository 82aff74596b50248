/** Kills the server ten times in mid-stream: every acknowledged message must be stored, once. */
import { random } from '../../firmware-sim/random.ts'
import type { Bench } from '../support/bench.ts'
import { quantile } from '../support/generator.ts'
import { killRounds } from '../support/kill-rounds.ts'
import { atMost, count, ms, infoFigure, type Figure } from '../support/report.ts'
import { startFresh } from '../support/tilth-load.ts'
import { RATE_PER_S } from './latency.ts'

const KILLS = 10
const EARLIEST_KILL_MS = 1_000
const LATEST_KILL_MS = 3_000
/** Until the next acknowledgement after a kill. */
const BACK_MS = 1_500

export async function crash(bench: Bench): Promise<Figure[]> {
  const kills = Math.max(2, Math.round(KILLS * bench.scale))
  bench.log(`crash: ${kills} x kill -9 at ${count(RATE_PER_S)} messages a second`)
  const chance = random('crash')
  const killAfterMs = () => EARLIEST_KILL_MS + chance.next() * (LATEST_KILL_MS - EARLIEST_KILL_MS)
  const tilth = await startFresh(bench, 'crash')
  const result = await killRounds(bench, tilth, { kills, ratePerS: RATE_PER_S, killAfterMs })
  return [
    atMost(
      'crash',
      `acknowledged and lost, of ${count(result.acked)} in ${kills} kills`,
      result.lost,
      0,
      count,
    ),
    atMost('crash', 'stored twice', result.doubled, 0, count),
    atMost('crash', 'never acknowledged at the end', result.unacked, 0, count),
    infoFigure('crash', 'kill to next PUBACK, median', ms(quantile(result.backMs, 0.5))),
    atMost('crash', 'kill to next PUBACK, longest', result.backMs.at(-1) ?? Number.NaN, BACK_MS, ms),
  ]
}
