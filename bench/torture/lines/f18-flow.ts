/**
 * F18: flow that does not match the valves. Controllers that detect it, and controllers that misreport it, so that only
 * the meters show it: a valve that does not close, one without flow, one with twice its rate, one that leaks when
 * closed. Each raises an alarm, is stopped, and stays locked through a kill of the server until a person clears it.
 */
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../../broker/contract/time.ts'
import type { Controller } from '../../../firmware-sim/devices/controller.ts'
import type { ValveFault } from '../../../firmware-sim/field/hydraulics.ts'
import { random } from '../../../firmware-sim/random.ts'
import type { Alert, Today } from '../../../services/api/screens/today-schemas.ts'
import { atMost, count, machineDependent, infoFigure, type Figure } from '../../support/report.ts'
import { openFastFarm, type FastFarm } from '../support/fast-farm.ts'
import { seconds, type FaultLine } from '../support/fault-line.ts'
import { timeUntil } from '../support/until.ts'
import { LITRES_PER_PULSE } from '../support/valve-place.ts'

const SPEED = { short: 8, long: 1 }
const SAMPLE_S = 10
const ALARM_WITHIN_MS = 30 * SECOND_MS
const HEALTHY_MINUTES = 3
const CAUSES = ['flow-alarm', 'valve-fault']

/** `fault` affects V1 while V2 keeps the main open. */
interface Case {
  name: string
  fault: ValveFault
  isLying: boolean
  /** minutes that V1 is commanded open; 0: not opened */
  minutes: number
  /**
   * Time from the fault, or from the end of filling and draining, until a meter of 1 L read every 10 s can detect it:
   * 22 L of 66 L/min have passed, or 2 L are less than 0.4 of the expected volume, or 1.94 times it exceeds 1.75 times
   * it.
   */
  knownAfterS: number
}

const cases: Case[] = [
  { name: 'stuck valve', fault: 'stuck-open', isLying: false, minutes: 2, knownAfterS: 30 },
  { name: 'no flow', fault: 'no-flow', isLying: false, minutes: 20, knownAfterS: 15 },
  { name: 'over-flow', fault: 'burst', isLying: false, minutes: 20, knownAfterS: 105 },
  { name: 'unscheduled flow', fault: 'stuck-open', isLying: false, minutes: 0, knownAfterS: 30 },
  { name: 'lies: finished, and flows', fault: 'stuck-open', isLying: true, minutes: 2, knownAfterS: 30 },
  { name: 'lies: open, and dry', fault: 'no-flow', isLying: true, minutes: 20, knownAfterS: 15 },
  { name: 'lies: open, and burst', fault: 'burst', isLying: true, minutes: 20, knownAfterS: 105 },
  { name: 'lies: closed, and flows', fault: 'stuck-open', isLying: true, minutes: 0, knownAfterS: 30 },
]

export const f18: FaultLine = {
  name: 'F18',
  fault: 'valves that stick, run dry or burst, and controllers that lie about it',
  async run(torture) {
    const speed = torture.isLong ? SPEED.long : SPEED.short
    torture.log(`F18: ${cases.length} controllers with a fault each, ${speed} x as fast as the wall`)
    const farm = await openFastFarm(torture, 'f18', {
      speed,
      controllers: cases.length,
      valvesEach: 2,
      device: { master: 'M', sampleS: SAMPLE_S },
    })
    const { clock, controllers, person, tilth, watch } = farm
    const chance = random(`${torture.seed}/f18`)
    for (const [i, { isLying }] of cases.entries()) controllers[i]!.setMeterFaked(isLying)

    await Promise.all(controllers.map(({ id }) => person.start(`${id}-zone-1`, HEALTHY_MINUTES)))
    await farm.sleepUntil(clock.now() + (HEALTHY_MINUTES + 2) * MINUTE_MS)
    const falseAlarms = (await alarms(farm)).length
    await Promise.all(controllers.map(({ id }) => person.start(`${id}-zone-2`, 40)))
    await Promise.all(
      controllers.map(({ id }, i) =>
        cases[i]!.minutes > 0 ? person.start(`${id}-zone-1`, cases[i]!.minutes) : null,
      ),
    )
    await farm.sleepUntil(clock.now() + (70 + 20 * chance.next()) * SECOND_MS)
    const faultMs = clock.now()
    for (const [i, { fault }] of cases.entries()) controllers[i]!.setValveFault('V1', fault)

    const alarmMs = await timeOfAlarms(farm, faultMs)
    await farm.sleepUntil(clock.now() + 30 * SECOND_MS)
    const figures: Figure[] = [
      { ...infoFigure('F18', 'runs that were healthy', `${cases.length}`) },
      atMost('F18', 'alarms of them', falseAlarms, 0, count),
      ...cases.map((faultCase, i) => alarmFigure(faultCase, controllers[i]!, alarmMs, { watch, faultMs })),
    ]
    const passed = controllers.map(({ passedLitres }) => passedLitres('V1'))
    await farm.sleepUntil(clock.now() + 2 * MINUTE_MS)
    const still = controllers.map(({ passedLitres }, i) => passedLitres('V1') - passed[i]!)
    figures.push(
      atMost(
        'F18',
        'water through the faulty valves after that',
        Math.max(...still),
        LITRES_PER_PULSE,
        litres,
      ),
    )

    await tilth.server().end('SIGKILL')
    await tilth.start()
    await timeUntil(20_000, () => controllers.every((controller) => controller.isOnline()))
    const refusedStarts = await Promise.all(controllers.map(({ id }) => isRefused(farm, `${id}-zone-1`)))
    figures.push(
      atMost(
        'F18',
        'opened after the server was killed',
        refusedStarts.filter((isRejected) => !isRejected).length,
        0,
        count,
      ),
    )
    figures.push(...(await clearAll(farm)))
    await farm.stop()
    return figures
  },
}

const litres = (value: number): string => `${value.toFixed(1)} L`

const alarms = async ({ person }: FastFarm): Promise<Alert[]> =>
  (await person.get<Today>('/api/today')).alerts.filter(({ cause }) => CAUSES.includes(cause))

/** The time of each controller's first alarm, as recorded. */
async function timeOfAlarms(farm: FastFarm, faultMs: number): Promise<Map<string, number>> {
  const firstAlarmMs = new Map<string, number>()
  await timeUntil((10 * MINUTE_MS) / farm.speed, async () => {
    for (const { deviceId, sinceMs } of await alarms(farm))
      if (deviceId !== null && !firstAlarmMs.has(deviceId))
        firstAlarmMs.set(deviceId, Math.max(sinceMs, faultMs))
    return firstAlarmMs.size === cases.length
  })
  return firstAlarmMs
}

function alarmFigure(
  { name, minutes, fault, knownAfterS }: Case,
  { id }: Controller,
  alarmMs: Map<string, number>,
  { watch, faultMs }: { watch: FastFarm['watch']; faultMs: number },
): Figure {
  // a valve that does not close can be detected once its run is over and the pipe has drained
  const shutMs = watch.openings().findLast(({ zone }) => zone === `${id}-zone-1`)?.closedMs ?? faultMs
  const fromMs = fault === 'stuck-open' && minutes > 0 ? Math.max(faultMs, shutMs + 30 * SECOND_MS) : faultMs
  const afterMs = (alarmMs.get(id) ?? Infinity) - fromMs - knownAfterS * SECOND_MS
  return machineDependent(
    atMost('F18', `${name}: alarm after it is detectable`, Math.max(0, afterMs), ALARM_WITHIN_MS, seconds),
  )
}

/** Whether a start is rejected because of the alarm. */
async function isRefused({ person }: FastFarm, zoneId: string): Promise<boolean> {
  const reason = await person.start(zoneId, 2).then(
    () => null,
    (error: Error) => error.message,
  )
  return reason !== null && CAUSES.some((cause) => reason.endsWith(cause))
}

/** Repairs the valves, clears the faults, and irrigates again. */
async function clearAll(farm: FastFarm): Promise<Figure[]> {
  const { controllers, person, clock } = farm
  for (const controller of controllers) controller.setValveFault('V1', null)
  for (const { id } of controllers) {
    await person.post(`/api/devices/${id}/clear-fault`, {})
    await person.post(`/api/zones/${id}-zone-1/unlock`, {})
  }
  const clearedMs = await timeUntil(MINUTE_MS, async () => (await alarms(farm)).length === 0)
  await person.stop()
  await farm.sleepUntil(clock.now() + 30 * SECOND_MS)
  await Promise.all(controllers.map(({ id }) => person.start(`${id}-zone-1`, 2)))
  await farm.sleepUntil(clock.now() + 3 * MINUTE_MS)
  const remainingAlarms = (await alarms(farm)).length
  return [
    machineDependent(atMost('F18', 'cleared by a person within', clearedMs * farm.speed, HOUR_MS, seconds)),
    atMost('F18', 'alarms of the repaired valves', remainingAlarms, 0, count),
  ]
}
