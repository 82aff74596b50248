/** F1: kill -9 of broker and ingest under load, with resends. */
import { random } from '../../../firmware-sim/random.ts'
import { quantile } from '../../support/generator.ts'
import { killRounds } from '../../support/kill-rounds.ts'
import { atMost, count, machineDependent, infoFigure } from '../../support/report.ts'
import { startFresh } from '../../support/tilth-load.ts'
import { seconds, type FaultLine } from '../support/fault-line.ts'

const RATE_PER_S = 2_000
const KILLS = { short: 10, long: 200 }
// sometimes killed while it still processes the backlog of the previous kill
const EARLIEST_KILL_MS = 50
const LATEST_KILL_MS = 2_000
const ACCEPTING_MS = 2_000

export const f1: FaultLine = {
  name: 'F1',
  fault: 'kill -9 of the server in mid-stream, with resends',
  async run(torture) {
    const kills = torture.isLong ? KILLS.long : KILLS.short
    torture.log(`F1: ${kills} x kill -9 at ${count(RATE_PER_S)} messages a second`)
    const chance = random(`${torture.seed}/f1`)
    const killAfterMs = () => EARLIEST_KILL_MS + chance.next() * (LATEST_KILL_MS - EARLIEST_KILL_MS)
    const tilth = await startFresh(torture, 'f1')
    const result = await killRounds(torture, tilth, { kills, ratePerS: RATE_PER_S, killAfterMs })
    return [
      atMost(
        'F1',
        `acknowledged and lost, of ${count(result.acked)} in ${kills} kills`,
        result.lost,
        0,
        count,
      ),
      atMost('F1', 'stored twice', result.doubled, 0, count),
      atMost('F1', 'never acknowledged at the end', result.unacked, 0, count),
      infoFigure('F1', 'killed to accepting again, median', seconds(quantile(result.backMs, 0.5))),
      machineDependent(
        atMost(
          'F1',
          'killed to accepting again, longest',
          result.backMs.at(-1) ?? NaN,
          ACCEPTING_MS,
          seconds,
        ),
      ),
    ]
  },
}
