/**
 * F12: the server's clock is set by hours, days and years, forward and back, and across both changes of daylight
 * saving, while valves are open; the controllers' clocks are wrong as well. No run ends earlier or later for it, and no
 * job is missed or run twice.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { DAY_MS, HOUR_MS, MINUTE_MS, type AtMs } from '../../../broker/contract/time.ts'
import { random } from '../../../firmware-sim/random.ts'
import { openSqliteState } from '../../../services/adapters/sqlite/state.ts'
import { atLeast, atMost, count, infoFigure } from '../../support/report.ts'
import { openFastFarm, type FastFarm } from '../support/fast-farm.ts'
import { seconds, type FaultLine } from '../support/fault-line.ts'
import { deviceFigures, intentFigures, judgementOf } from '../support/intents.ts'
import { judgeJobs } from '../support/jumping-clock.ts'
import { watchDisplay } from '../support/display-watch.ts'
import { timeUntil } from '../support/until.ts'
import { startUserRequests } from '../support/user-requests.ts'

const SPEED = 8
const CONTROLLERS = 5
const VALVES_EACH = 2
const BETWEEN_MS = { short: 2_000, long: 20_000 } // of real time
const TIME_ZONE = 'America/New_York'
const YEAR_MS = 365.25 * DAY_MS

/** The clock offsets, one after another; `toMs`: set to half a minute before the instant. */
const jumps: readonly { name: string; offMs?: number; toMs?: AtMs }[] = [
  { name: '+1 h', offMs: HOUR_MS },
  { name: '-1 h', offMs: -HOUR_MS },
  { name: '+1 d', offMs: DAY_MS },
  { name: '-1 d', offMs: -DAY_MS },
  { name: '+10 y', offMs: 10 * YEAR_MS },
  { name: '-10 y', offMs: -10 * YEAR_MS },
  { name: 'spring: an hour that is not', toMs: Date.UTC(2026, 2, 8, 7) },
  { name: 'autumn: an hour that is twice', toMs: Date.UTC(2026, 10, 1, 6) },
  { name: 'right again', offMs: 0 },
]

export const f12: FaultLine = {
  name: 'F12',
  fault: 'clocks of server and controllers set by hours, days and years, and daylight saving',
  async run(torture) {
    const size = torture.isLong ? 'long' : 'short'
    torture.log(
      `F12: clocks jump ${jumps.length} times while valves are open, ${SPEED} x as fast as the wall`,
    )
    const folder = await torture.folder('f12-clock')
    const [clockFile, jobsFile] = [join(folder, 'off'), join(folder, 'jobs')]
    writeFileSync(clockFile, '0')
    writeFileSync(jobsFile, '')
    const farm = await openFastFarm(torture, 'f12', {
      speed: SPEED,
      controllers: CONTROLLERS,
      valvesEach: VALVES_EACH,
      env: { FARM_CLOCK_FILE: clockFile, FARM_JOBS_FILE: jobsFile },
      prepare: inNewYork,
    })
    const chance = random(`${torture.seed}/f12`)
    const display = watchDisplay(farm, () => 0)
    let isOn = true
    torture.onEnd(async () => {
      isOn = false
      await display.end()
    })
    const userRequests = startUserRequests(farm, display, { chance, longestMin: 2, isOn: () => isOn })
    await timeUntil(10_000, () => farm.watch.openCount() === farm.zones.length)
    for (const jump of jumps) {
      setClocks(farm, clockFile, offMsOf(jump, farm.clock.now()))
      // the session may have expired
      await farm.person.signIn()
      await pause(BETWEEN_MS[size])
    }
    isOn = false
    await userRequests.end()
    const endMs = await timeUntil((6 * MINUTE_MS) / SPEED, async () => {
      const { running } = await farm.person.field()
      return running.length === 0 && farm.watch.openCount() === 0
    })
    await display.end()
    await farm.stop()

    const judgement = judgementOf(farm)
    const violations = [...farm.judges.values()].flatMap((judge) => judge.violations())
    const odd = await oddEnds(farm)
    for (const text of odd.slice(0, 5)) torture.log(`F12: ${text}`)
    const jobs = judgeJobs(readFileSync(jobsFile, 'utf8'))
    for (const key of [...jobs.missed, ...jobs.twice].slice(0, 5)) torture.log(`F12: job ${key}`)
    return [
      atLeast(
        'F12',
        `openings through ${jumps.length} jumps`,
        judgement.openings.length,
        farm.zones.length,
        count,
      ),
      infoFigure('F12', 'until everything has ended', seconds(endMs * SPEED)),
      atMost('F12', 'I14 runs that ended neither by their time nor by a person', odd.length, 0, count),
      atMost('F12', `jobs missed, of ${count(jobs.due)} that were due`, jobs.missed.length, 0, count),
      atMost('F12', 'jobs run twice', jobs.twice.length, 0, count),
      ...deviceFigures('F12', violations, torture.log),
      ...(await intentFigures('F12', farm.dataDir, judgement, torture.log, { doubts: 'not judged' })),
    ]
  },
}

function offMsOf({ offMs, toMs }: (typeof jumps)[number], nowMs: AtMs): number {
  return offMs ?? toMs! - MINUTE_MS / 2 - nowMs
}

/** Sets the server's clock at once, and the controllers' by another offset. */
function setClocks({ controllers, tilth }: FastFarm, file: string, offMs: number): void {
  writeFileSync(file, String(Math.round(offMs)))
  tilth.server().child.kill('SIGUSR2')
  for (const [index, controller] of controllers.entries()) controller.setClockError(-offMs * (index % 2))
}

/** Moves the farm to a time zone with daylight saving. */
async function inNewYork(dataDir: string): Promise<void> {
  const { state, close } = await openSqliteState(join(dataDir, 'state.db'))
  await state.updateTable('farm').set({ timeZone: TIME_ZONE }).execute().finally(close)
}

/** Commands that ran and ended neither by their timer nor by a person's Stop. */
async function oddEnds({ dataDir, judges, zones }: FastFarm): Promise<string[]> {
  const { state, close } = await openSqliteState(join(dataDir, 'state.db'))
  const [commands, stops] = await Promise.all([
    state.selectFrom('command').selectAll().where('op', '=', 'open').execute(),
    state.selectFrom('request').select('zoneId').where('kind', '=', 'stop').execute(),
  ]).finally(close)
  const odd = [...judges.values()]
    .flatMap((judge) => judge.openings())
    .flatMap(({ device, valve, seq, openedMs, closedMs }) => {
      const order = commands.find(
        (command) => command.deviceId === device && command.valve === valve && command.seq === seq,
      )
      if (order?.outcome === 'timer' || order?.outcome === 'command') return []
      return [`${device} ${valve} ${seq} ended by ${order?.outcome} after ${(closedMs ?? NaN) - openedMs} ms`]
    })
  for (const { id, device, valve } of zones) {
    const stoppedCommands = commands.filter(
      (command) => command.deviceId === device && command.valve === valve && command.outcome === 'command',
    )
    const pressed = stops.filter(({ zoneId }) => zoneId === id)
    if (stoppedCommands.length > pressed.length)
      odd.push(
        `${id}: shut ${stoppedCommands.length} times by command, and Stop was pressed ${pressed.length} times`,
      )
  }
  return odd
}
