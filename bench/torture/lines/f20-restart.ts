/**
 * F20: the server restarts while valves are open: once killed, once stopped normally, once absent so long that the
 * devices close everything by their own rules. Valves stay open over a short absence, and runs during it are recorded
 * from the devices' journals.
 */
import { standardTiming } from '../../../broker/contract/command-lifecycle/timing.ts'
import { MINUTE_MS, SECOND_MS } from '../../../broker/contract/time.ts'
import { random } from '../../../firmware-sim/random.ts'
import { ORG } from '../../support/place.ts'
import { atMost, count, machineDependent, infoFigure, type Figure } from '../../support/report.ts'
import { openSeriesOf } from '../../support/tilth-load.ts'
import { recordFigures } from '../support/record-figures.ts'
import { openFastFarm, type FastFarm } from '../support/fast-farm.ts'
import { seconds, type FaultLine } from '../support/fault-line.ts'
import { timeUntil } from '../support/until.ts'
import { LITRES_PER_PULSE, type Zone } from '../support/valve-place.ts'
import type { Opening } from '../support/valve-watch.ts'

const SPEED = { short: 8, long: 1 }
const CONTROLLERS = 5
const VALVES_EACH = 2
// the first ends by its timer during the long absence; the second is cut short by its lease
const MINUTES = [5, 20]
const SHUT_WITHIN_MS = standardTiming.leaseMs + SECOND_MS
const TRUE_WITHIN_MS = 30 * SECOND_MS // invariant I9, from the last device's hello
// more than the longest wait of a device before it connects again
const BACK_WITHIN_MS = 160 * SECOND_MS

export const f20: FaultLine = {
  name: 'F20',
  fault: 'the server restarted, and away for long, while valves are open',
  async run(torture) {
    const speed = torture.isLong ? SPEED.long : SPEED.short
    torture.log(
      `F20: server restarted with ${CONTROLLERS * VALVES_EACH} valves open, ${speed} x as fast as the wall`,
    )
    const farm = await openFastFarm(torture, 'f20', {
      speed,
      controllers: CONTROLLERS,
      valvesEach: VALVES_EACH,
    })
    const { clock, person, tilth, watch, zones } = farm
    const chance = random(`${torture.seed}/f20`)
    await Promise.all(zones.map(({ id }, index) => person.start(id, MINUTES[index % MINUTES.length]!)))
    await timeUntil(10_000, () => watch.openCount() === zones.length)
    const startedMs = clock.now()
    await farm.sleepUntil(startedMs + (5 + 10 * chance.next()) * SECOND_MS)

    const figures: Figure[] = []
    for (const [how, signal] of [
      ['killed', 'SIGKILL'],
      ['restarted', 'SIGTERM'],
    ] as const)
      figures.push(...(await restart(farm, how, signal)))
    const closedCount = watch.openings().filter((opening) => isCutShort(opening, zones)).length
    figures.push(atMost('F20', `valves closed by it, of ${zones.length}`, closedCount, 0, count))

    // so that the first runs end during the absence, and the others would not
    await farm.sleepUntil(startedMs + MINUTES[0]! * MINUTE_MS - 60 * SECOND_MS)
    await tilth.server().end('SIGKILL')
    const goneMs = clock.now()
    await timeUntil((SHUT_WITHIN_MS + MINUTE_MS) / speed, () => watch.openCount() === 0)
    const shutMs = Math.max(...watch.openings().map(({ closedMs }) => (closedMs ?? Infinity) - goneMs))
    figures.push(atMost('F20', 'away: to the last valve closed', shutMs, SHUT_WITHIN_MS, seconds))
    await tilth.start()
    figures.push(...(await untilShown(farm, 'away')))
    // the rest of a run started by a person only opens by a person
    figures.push(atMost('F20', 'opened again after that', watch.openCount(), 0, count))

    await person.stop()
    const endMs = await timeUntil((5 * MINUTE_MS) / speed, async () => {
      const { running } = await person.field()
      return running.length === 0 && watch.openCount() === 0
    })
    figures.push(infoFigure('F20', 'STOP until everything has ended', seconds(endMs * speed)))
    await timeUntil(10_000, () => farm.controllers.every((controller) => controller.unsent() === 0))
    const unsent = farm.controllers.reduce((sum, controller) => sum + controller.unsent(), 0)
    await farm.stop()
    figures.push(atMost('F20', 'messages left in the devices', unsent, 0, count))
    figures.push(...(await recordFigures('F20', farm)))
    figures.push(await meteredFigure(farm))
    return figures
  },
}

async function restart(farm: FastFarm, how: string, signal: NodeJS.Signals): Promise<Figure[]> {
  const goneMs = farm.clock.now()
  await farm.tilth.server().end(signal)
  await farm.tilth.start()
  const awayMs = farm.clock.now() - goneMs
  return [infoFigure('F20', `${how}: away for`, seconds(awayMs)), ...(await untilShown(farm, how))]
}

/** Whether it closed before its dose was complete. */
function isCutShort({ zone, openedMs, closedMs }: Opening, zones: readonly Zone[]): boolean {
  const minutes = MINUTES[zones.findIndex(({ id }) => id === zone) % MINUTES.length]!
  return closedMs !== null && closedMs - openedMs < minutes * MINUTE_MS - SECOND_MS
}

/** From the last device's return until the server shows every valve correctly. */
async function untilShown(farm: FastFarm, how: string): Promise<Figure[]> {
  const backMs = await timeUntil(BACK_WITHIN_MS / farm.speed, () =>
    farm.controllers.every((controller) => controller.isOnline()),
  )
  const shownMs = await farm.untilTrue(5 * MINUTE_MS)
  return [
    infoFigure('F20', `${how}: until the last device is back`, seconds(backMs * farm.speed)),
    machineDependent(atMost('F20', `${how}: until shown correctly`, shownMs, TRUE_WITHIN_MS, seconds)),
  ]
}

/** Stored meter totals against the actual flow. */
async function meteredFigure({ dataDir, zones, watch }: FastFarm): Promise<Figure> {
  const series = await openSeriesOf(dataDir)
  const latest = await series.latest({ org: ORG }).finally(() => series.close())
  const offLitres = zones.map(({ id, device, valve }) => {
    const total = latest.find(
      (row) => row.device === device && row.quantity === `water.total/${valve}`,
    )?.value
    return total == null ? Infinity : Math.abs(total - watch.passedLitres(id))
  })
  return atMost(
    'F20',
    'stored meters off the actual flow',
    Math.max(...offLitres),
    LITRES_PER_PULSE,
    (value) => `${value.toFixed(1)} L`,
  )
}
