/**
 * F13: a day-old backup is restored while the controllers ran on. Their runs since are on no record: no sequence number
 * is reused, nothing that the backup planned opens by itself, and a person is alerted.
 */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { DAY_MS, MINUTE_MS, SECOND_MS } from '../../../broker/contract/time.ts'
import type { Today } from '../../../services/api/screens/today-schemas.ts'
import { atLeast, atMost, count, machineDependent, infoFigure } from '../../support/report.ts'
import { openFastFarm, type FastFarm } from '../support/fast-farm.ts'
import { seconds, type FaultLine } from '../support/fault-line.ts'
import { deviceFigures, intentFigures, judgementOf } from '../support/intents.ts'
import { timeUntil } from '../support/until.ts'
import type { Opening } from '../support/valve-judge.ts'

const SPEED = 8
const CONTROLLERS = { short: 10, long: 50 }
const VALVES_EACH = 2
const ROUNDS = { short: 2, long: 10 } // after the backup
const AGE_MS = DAY_MS
const SHOWN_WITHIN_MS = 30 * SECOND_MS

const tilthProgram = join(import.meta.dirname, '../../../dist/services/cli/tilth.js')

export const f13: FaultLine = {
  name: 'F13',
  fault: 'a backup of a day ago is restored while controllers ran on',
  async run(torture) {
    const size = torture.isLong ? 'long' : 'short'
    torture.log(`F13: a day-old backup for ${CONTROLLERS[size]} controllers, ${SPEED} x as fast as the wall`)
    const farm = await openFastFarm(torture, 'f13', {
      speed: SPEED,
      controllers: CONTROLLERS[size],
      valvesEach: VALVES_EACH,
    })
    const { clock, controllers, dataDir, person, tilth, zones } = farm
    const file = join(await torture.folder('f13-backup'), 'tilth.backup')

    await startAll(farm, 1)
    await untilShut(farm, 3 * MINUTE_MS)
    // in the backup half of the valves are open, the others at rest
    await startAll(farm, 20, (index) => index % 2 === 0)
    await command('backup', file, dataDir)
    const inBackup = highest(farm)
    await person.stop()
    await untilShut(farm, 2 * MINUTE_MS)
    for (let round = 0; round < ROUNDS[size]; round++) {
      await startAll(farm, 1)
      await person.stop()
      await untilShut(farm, 2 * MINUTE_MS)
    }
    const used = highest(farm)
    await tilth.server().end('SIGKILL')
    farm.passIdle(AGE_MS)
    await command('restore', file, dataDir)
    const restoredMs = clock.now()
    await tilth.start(farm.clockEnv())
    await person.signIn()

    await timeUntil((MINUTE_MS + 30 * SECOND_MS) / SPEED, () =>
      controllers.every((controller) => controller.isOnline()),
    )
    const backMs = clock.now()
    const shownMs = await timeUntil(
      (2 * MINUTE_MS) / SPEED,
      async () => (await countShown(farm)) >= countAhead(inBackup, used),
    )
    const toldCount = await countShown(farm)
    // anything that the backup planned would start now
    await farm.sleepUntil(backMs + (torture.isLong ? 20 : 1.5) * MINUTE_MS)
    const byItself = openingsSince(farm, restoredMs).length
    await startAll(farm, 1)
    await untilShut(farm, 3 * MINUTE_MS)
    await timeUntil((2 * MINUTE_MS) / SPEED, async () => (await person.field()).running.length === 0)
    const newOpenings = openingsSince(farm, restoredMs)
    const reused = newOpenings.filter((opening) => opening.seq <= (used.get(keyOf(opening)) ?? 0))
    await farm.stop()

    const judgement = judgementOf(farm)
    const recorded = judgement.openings.filter(
      (opening) => opening.openedMs >= restoredMs || opening.seq <= (inBackup.get(keyOf(opening)) ?? 0),
    )
    const violations = [...farm.judges.values()].flatMap((judge) => judge.violations())
    return [
      infoFigure('F13', 'openings unknown to the backup', count(judgement.openings.length - recorded.length)),
      atMost('F13', 'opened by itself after the restore', byItself, 0, count),
      atLeast(
        'F13',
        `valves with an alert, of ${zones.length}`,
        toldCount,
        countAhead(inBackup, used),
        count,
      ),
      machineDependent(
        atMost('F13', 'last device back until alerts are shown', shownMs * SPEED, SHOWN_WITHIN_MS, seconds),
      ),
      atLeast('F13', 'openings after that, requested by a person', newOpenings.length, zones.length, count),
      atMost('F13', 'of them with a used number', reused.length, 0, count),
      ...deviceFigures('F13', violations, torture.log),
      ...(await intentFigures('F13', dataDir, { ...judgement, openings: recorded }, torture.log)),
    ]
  },
}

/** Runs the product's command line tool. */
async function command(name: 'backup' | 'restore', file: string, dataDir: string): Promise<void> {
  await promisify(execFile)(process.execPath, [tilthProgram, name, file], {
    cwd: dataDir,
    env: { PATH: process.env.PATH, DATA_DIR: dataDir },
  })
}

async function startAll(
  { person, watch, zones }: FastFarm,
  minutes: number,
  isSelected: (index: number) => boolean = () => true,
): Promise<void> {
  const selectedZones = zones.filter((_, index) => isSelected(index))
  await Promise.all(selectedZones.map(({ id }) => person.start(id, minutes)))
  await timeUntil(10_000, () => selectedZones.every(({ id }) => watch.isOpen(id)))
}

/** Every valve and every command. */
const untilShut = ({ person, watch }: FastFarm, withinMs: number): Promise<number> =>
  timeUntil(
    withinMs / SPEED,
    async () => watch.openCount() === 0 && (await person.field()).running.length === 0,
  )

const keyOf = ({ device, valve }: Pick<Opening, 'device' | 'valve'>): string => `${device} ${valve}`

/** The highest executed sequence number, by valve. */
function highest({ judges }: FastFarm): Map<string, number> {
  const used = new Map<string, number>()
  for (const judge of judges.values())
    for (const opening of judge.openings())
      used.set(keyOf(opening), Math.max(opening.seq, used.get(keyOf(opening)) ?? 0))
  return used
}

/** Valves with newer sequence numbers than the backup. */
const countAhead = (inBackup: ReadonlyMap<string, number>, used: ReadonlyMap<string, number>): number =>
  [...used].filter(([valve, seq]) => seq > (inBackup.get(valve) ?? 0)).length

const openingsSince = ({ judges }: FastFarm, fromMs: number): Opening[] =>
  [...judges.values()].flatMap((judge) => judge.openings().filter(({ openedMs }) => openedMs >= fromMs))

/** Valves with an alert that they are ahead of the records. */
async function countShown({ person }: FastFarm): Promise<number> {
  const { alerts } = await person.get<Today>('/api/today')
  return alerts.filter(({ cause }) => cause === 'sequence-mismatch').length
}
