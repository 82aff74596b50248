/**
 * F5: the server freezes while valves are open, like a machine that swaps or hangs: its connections stay. The devices
 * close everything by themselves; when it resumes it learns the true state and irrigates only what is still wanted.
 */
import { standardTiming } from '../../../broker/contract/command-lifecycle/timing.ts'
import { MINUTE_MS, SECOND_MS } from '../../../broker/contract/time.ts'
import { random } from '../../../firmware-sim/random.ts'
import { atMost, count, machineDependent, infoFigure, type Figure } from '../../support/report.ts'
import { recordFigures } from '../support/record-figures.ts'
import { openFastFarm, type FastFarm } from '../support/fast-farm.ts'
import { seconds, type FaultLine, type Torture } from '../support/fault-line.ts'
import { timeUntil } from '../support/until.ts'

const SPEED = { short: 8, long: 1 }
const CONTROLLERS = 6
const VALVES_EACH = 2
// the first ends by its timer while the server is frozen, the second leaves a rest too short for an opening, the third
// a rest that is offered and opens only by a person
const MINUTES = [2, 3, 4]
const SHUT_WITHIN_MS = standardTiming.leaseMs + SECOND_MS
// every command is reconciled within 30 s of the device's return (invariant I9), which reports its state every minute
const TRUE_WITHIN_MS = 30 * SECOND_MS

export const f5: FaultLine = {
  name: 'F5',
  fault: 'the server frozen (SIGSTOP) while valves are open',
  async run(torture) {
    const speed = torture.isLong ? SPEED.long : SPEED.short
    torture.log(
      `F5: server frozen with ${CONTROLLERS * VALVES_EACH} valves open, ${speed} x as fast as the wall`,
    )
    const farm = await openFastFarm(torture, 'f5', {
      speed,
      controllers: CONTROLLERS,
      valvesEach: VALVES_EACH,
    })
    try {
      const figures = await freeze(torture, farm)
      const endMs = await timeUntil((10 * MINUTE_MS) / speed, async () => isAllOver(farm))
      figures.push(infoFigure('F5', 'until everything has ended', seconds(endMs * speed)))
      await farm.stop()
      return [...figures, ...(await recordFigures('F5', farm))]
    } finally {
      farm.tilth.signal('SIGCONT')
    }
  },
}

async function freeze(torture: Torture, farm: FastFarm): Promise<Figure[]> {
  const { clock, controllers, person, tilth, watch, zones } = farm
  const chance = random(`${torture.seed}/f5`)
  await Promise.all(zones.map(({ id }, index) => person.start(id, MINUTES[index % MINUTES.length]!)))
  await timeUntil(10_000, () => watch.openCount() === zones.length)
  await farm.sleepUntil(clock.now() + (5 + 15 * chance.next()) * SECOND_MS)
  const openCount = watch.openCount()

  tilth.signal('SIGSTOP')
  const frozenMs = clock.now()
  const openedBetween = (fromS: number, toS: number) =>
    frozenMs + (fromS + (toS - fromS) * chance.next()) * SECOND_MS
  await farm.sleepUntil(openedBetween(10, 30))
  controllers[0]!.closeByHand('V1')
  await farm.sleepUntil(openedBetween(30, 50))
  controllers[1]!.cutPower()
  await farm.sleepUntil(openedBetween(50, 70))
  await controllers[1]!.restorePower()
  await farm.sleepUntil(frozenMs + SHUT_WITHIN_MS)
  const lateCount = watch.openCount()
  await timeUntil((60 * SECOND_MS) / farm.speed, () => watch.openCount() === 0)
  const shutMs = Math.max(...watch.openings().map(({ closedMs }) => (closedMs ?? Infinity) - frozenMs))

  tilth.signal('SIGCONT')
  const wrongMs = await farm.untilTrue(5 * MINUTE_MS)
  return [
    {
      ...infoFigure('F5', 'valves open when the server froze', `${openCount}`),
      isMet: openCount === zones.length,
    },
    atMost('F5', 'frozen to the last valve closed', shutMs, SHUT_WITHIN_MS, seconds),
    atMost('F5', 'open after a lease and a second', lateCount, 0, count),
    machineDependent(atMost('F5', 'resumed until shown correctly', wrongMs, TRUE_WITHIN_MS, seconds)),
  ]
}

async function isAllOver({ person, watch }: FastFarm): Promise<boolean> {
  const { running } = await person.field()
  return running.length === 0 && watch.openCount() === 0
}
