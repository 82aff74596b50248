/**
 * F2: kill -9 of dispatch and its store while fifty controllers irrigate, also between a commit and its consequences.
 * The valves are judged by the controllers' own trace, not by the server's records.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { MINUTE_MS } from '../../../broker/contract/time.ts'
import { random, type Random } from '../../../firmware-sim/random.ts'
import { atLeast, atMost, count, machineDependent, infoFigure, type Figure } from '../../support/report.ts'
import { crashPoints, type CrashPoint } from '../support/crash-points.ts'
import { openFastFarm, type FastFarm } from '../support/fast-farm.ts'
import { seconds, type FaultLine } from '../support/fault-line.ts'
import { deviceFigures, intentFigures, judgementOf } from '../support/intents.ts'
import { provisionMains, limits, overLimit } from '../support/pump-limits.ts'
import { watchDisplay } from '../support/display-watch.ts'
import { timeUntil } from '../support/until.ts'
import { startUserRequests } from '../support/user-requests.ts'

const SPEED = 8
const CONTROLLERS = 50
const VALVES_EACH = 2
const KILLS = { short: 5, long: 200 }
const IRRIGATIONS = { short: 50, long: 1_000 }
const LONGEST_MIN = { short: 2, long: 4 }
// of real time: a process that has not reached its crash point by then is killed anyway
const LATEST_KILL_MS = { short: 2_500, long: 3_000 }
const LATEST_TIMES = 8
// like the kernel's out-of-memory killer
const ANYWHERE = 'anywhere'

export const f2: FaultLine = {
  name: 'F2',
  fault: 'kill -9 of dispatch and its store while fifty controllers water',
  async run(torture) {
    const size = torture.isLong ? 'long' : 'short'
    torture.log(
      `F2: ${KILLS[size]} x kill -9 with ${CONTROLLERS} controllers, ${SPEED} x as fast as the wall`,
    )
    const farm = await openFastFarm(torture, 'f2', {
      speed: SPEED,
      controllers: CONTROLLERS,
      valvesEach: VALVES_EACH,
      prepare: provisionMains,
    })
    const chance = random(`${torture.seed}/f2`)
    let isOn = true
    const display = watchDisplay(farm, () => 0)
    torture.onEnd(async () => {
      isOn = false
      await display.end()
    })
    const userRequests = startUserRequests(farm, display, {
      chance,
      longestMin: LONGEST_MIN[size],
      isOn: () => isOn,
    })
    const kills = new Map<string, number>()
    await farm.tilth.server().end('SIGKILL')
    for (let kill = 0; kill < KILLS[size]; kill++) await killOnce(farm, chance, kills, LATEST_KILL_MS[size])
    isOn = false
    await userRequests.end()
    if (!torture.isLong) await stopAll(farm)
    const endMs = await timeUntil((2 * LONGEST_MIN[size] * MINUTE_MS) / SPEED, () => isAllOver(farm))
    const untrue = await display.end()
    for (const text of untrue.slice(0, 5)) torture.log(`F2: ${text}`)
    await farm.stop()

    const judgement = judgementOf(farm)
    const violations = [...farm.judges.values()].flatMap((judge) => judge.violations())
    const crowded = overLimit(judgement.openings, limits, judgement.slackMs)
    for (const text of crowded.slice(0, 5)) torture.log(`F2: ${text}`)
    const figures: Figure[] = [
      infoFigure(
        'F2',
        `kills, of ${KILLS[size]}`,
        [...kills].map(([point, times]) => `${point} ${times}`).join(', '),
      ),
      machineDependent(
        atLeast(
          'F2',
          'irrigations, as the valves opened',
          judgement.openings.length,
          IRRIGATIONS[size],
          count,
        ),
      ),
      infoFigure('F2', 'requests accepted', count(userRequests.accepted())),
      infoFigure('F2', 'devices delayed by this machine, longest', seconds(farm.lag.longestMs())),
      infoFigure('F2', 'until everything has ended', seconds(endMs * SPEED)),
    ]
    return [
      ...figures,
      ...deviceFigures('F2', violations, torture.log),
      atMost(
        'F2',
        `I8 shown but not true, of ${count(display.responses() * farm.zones.length)}`,
        untrue.length,
        0,
        count,
      ),
      atMost('F2', 'I11 more valves open on a pump or main than it feeds', crowded.length, 0, count),
      ...(await intentFigures('F2', farm.dataDir, judgement, torture.log)),
    ]
  },
}

/** Starts the server once and kills it. */
async function killOnce(
  { tilth }: FastFarm,
  chance: Random,
  kills: Map<string, number>,
  latestMs: number,
): Promise<void> {
  const point = pick(chance, [...(Object.keys(crashPoints) as CrashPoint[]), ANYWHERE])
  const times = 1 + Math.floor(chance.next() * LATEST_TIMES)
  const afterMs = chance.next() * latestMs
  const isUp = await tilth.start(point === ANYWHERE ? {} : { CRASH_AT: `${point} ${times}` }).then(
    () => true,
    (error: Error) => {
      // it died before it was ready, as intended; on an overloaded machine it is killed while starting
      if (!/ended with SIGKILL|was not ready within/.test(error.message)) throw error
      return false
    },
  )
  const { child } = tilth.server()
  const isDead = () => child.signalCode !== null
  if (isUp) await Promise.race([timeUntil(latestMs, isDead), point === ANYWHERE ? pause(afterMs) : NEVER])
  const how = isUp && !isDead() ? ANYWHERE : point
  await tilth.server().end('SIGKILL')
  kills.set(how, (kills.get(how) ?? 0) + 1)
}
const NEVER = new Promise<never>(() => {})

const pick = <T>(chance: Random, choices: readonly T[]): T =>
  choices[Math.floor(chance.next() * choices.length)]!

/** Presses STOP for everything after the last kill. */
async function stopAll({ person, tilth }: FastFarm): Promise<void> {
  if (tilth.server().child.signalCode !== null) await tilth.start()
  await person.stop()
}

/** Whether all runs have ended; restarts a server that has died meanwhile. */
async function isAllOver({ person, tilth, judges }: FastFarm): Promise<boolean> {
  if (tilth.server().child.signalCode !== null) await tilth.start()
  const { running } = await person.field()
  const isShut = [...judges.values()].every((judge) =>
    judge.openings().every(({ closedMs }) => closedMs !== null),
  )
  return running.length === 0 && isShut
}
