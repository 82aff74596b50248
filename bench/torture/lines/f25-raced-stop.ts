/**
 * F25: STOP ALL on one phone races with Start on others: sent just before, at the same time, just after, and before it
 * but on a slow network. STOP is last: no valve opens after it, and none stays open. Two seconds later a start opens.
 */
import { randomUUID } from 'node:crypto'
import { SECOND_MS } from '../../../broker/contract/time.ts'
import { random, type Random } from '../../../firmware-sim/random.ts'
import { atLeast, atMost, count, infoFigure } from '../../support/report.ts'
import { openFastFarm, type FastFarm } from '../support/fast-farm.ts'
import { seconds, type FaultLine } from '../support/fault-line.ts'
import type { RequestResult } from '../support/person.ts'
import { recordFigures } from '../support/record-figures.ts'
import { timeUntil } from '../support/until.ts'

const SPEED = 4
const ROUNDS = { short: 6, long: 200 }
const CONTROLLERS = 2
const VALVES_EACH = 2
const MINUTES = 5
/** of farm time, around the STOP */
const SPREAD_MS = 1_000
const STOP_WINS_MS = 2 * SECOND_MS
const SHUT_WITHIN_MS = 15 * SECOND_MS

interface Round {
  /** starts answered with 'stopped', and starts that were accepted before the STOP */
  stopped: number
  accepted: number
  opensAfterStop: number
  openAtEnd: number
  shutMs: number
}

export const f25: FaultLine = {
  name: 'F25',
  fault: 'a start from another phone, sent just before, with or just after STOP ALL',
  async run(torture) {
    const roundCount = torture.isLong ? ROUNDS.long : ROUNDS.short
    torture.log(`F25: ${roundCount} STOPs raced by starts on ${CONTROLLERS * VALVES_EACH} valves`)
    const farm = await openFastFarm(torture, 'f25', {
      speed: SPEED,
      controllers: CONTROLLERS,
      valvesEach: VALVES_EACH,
    })
    const chance = random(`${torture.seed}/f25`)
    const rounds: Round[] = []
    let opensLater = 0
    for (let index = 0; index < roundCount; index++) {
      rounds.push(await race(farm, chance))
      if (await opensAgain(farm)) opensLater += 1
    }
    await farm.stop()
    const sum = (of: (round: Round) => number) => rounds.reduce((total, round) => total + of(round), 0)
    const starts = roundCount * CONTROLLERS * VALVES_EACH
    return [
      infoFigure(
        'F25',
        `of ${starts} starts: accepted before the STOP`,
        count(sum((round) => round.accepted)),
      ),
      infoFigure('F25', 'refused, since STOP was pressed', count(sum((round) => round.stopped))),
      atMost(
        'F25',
        'valves opened after the STOP',
        sum((round) => round.opensAfterStop),
        0,
        count,
      ),
      atMost(
        'F25',
        'valves open after the race',
        sum((round) => round.openAtEnd),
        0,
        count,
      ),
      atMost(
        'F25',
        'STOP to the last valve closed',
        Math.max(...rounds.map(({ shutMs }) => shutMs)),
        SHUT_WITHIN_MS,
        seconds,
      ),
      atLeast('F25', `starts later than ${STOP_WINS_MS / 1000} s that open`, opensLater, roundCount, count),
      ...(await recordFigures('F25', farm)),
    ]
  },
}

/** One STOP ALL, and one start of every valve around it; some starts are slow: pressed before it, sent after it. */
async function race(farm: FastFarm, chance: Random): Promise<Round> {
  const { clock, person, watch, zones } = farm
  const stopAtMs = clock.now() + SPREAD_MS
  const start = async (zoneId: string): Promise<RequestResult> => {
    const isSlow = chance.next() < 0.25
    const pressedAtMs = stopAtMs + (isSlow ? -0.5 : chance.next() - 0.5) * SPREAD_MS
    const sentAtMs = isSlow ? stopAtMs + STOP_WINS_MS + chance.next() * SPREAD_MS : pressedAtMs
    await farm.sleepUntil(sentAtMs)
    return person.post('/api/start', { idem: randomUUID(), zoneId, minutes: MINUTES, pressedAtMs })
  }
  const starts = Promise.all(zones.map(({ id }) => start(id)))
  await farm.sleepUntil(stopAtMs)
  await person.stop()
  const stoppedMs = clock.now()
  const shutMs = SPEED * (await timeUntil(SHUT_WITHIN_MS / SPEED, () => watch.openCount() === 0))
  const results = await starts
  // what would open late opens now
  await farm.sleepUntil(clock.now() + STOP_WINS_MS)
  const opened = watch.openings().filter(({ openedMs }) => openedMs > stoppedMs + farm.lag.longestMs())
  const openAtEnd = watch.openCount()
  if (openAtEnd > 0) await endRound(farm)
  return {
    stopped: results.filter(({ reason }) => reason === 'stopped').length,
    accepted: results.filter(({ state }) => state === 'accepted').length,
    opensAfterStop: opened.length,
    openAtEnd,
    shutMs: Number.isFinite(shutMs) ? shutMs : Infinity,
  }
}

/** Whether a valve opens when Start is pressed after all that; closes it again. */
async function opensAgain(farm: FastFarm): Promise<boolean> {
  const { person, watch, zones } = farm
  const [zone] = zones
  await person.start(zone!.id, MINUTES)
  const isOpen = Number.isFinite(await timeUntil(5_000, () => watch.isOpen(zone!.id)))
  await endRound(farm)
  return isOpen
}

/** Closes every valve and waits until a start may open again. */
async function endRound({ person, watch, sleepUntil, clock }: FastFarm): Promise<void> {
  await person.stop()
  await timeUntil(5_000, () => watch.openCount() === 0)
  await sleepUntil(clock.now() + STOP_WINS_MS + SECOND_MS)
}
