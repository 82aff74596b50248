/**
 * F3: controllers lose power at random steps, also inside the flash write. Each is a separate program that ends as by a
 * power cut, with its flash in a file that may be torn at any byte. Used sequence numbers stay used, nothing resumes,
 * and no intent gets more water than requested.
 */
import { standardTiming } from '../../../broker/contract/command-lifecycle/timing.ts'
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../../broker/contract/time.ts'
import { random, type Random } from '../../../firmware-sim/random.ts'
import { provision } from '../../support/place.ts'
import { atLeast, atMost, count, machineDependent, infoFigure } from '../../support/report.ts'
import { nextCut, poweredDevice, type PoweredDevice } from '../support/device-processes.ts'
import { farmClock, startOfTime } from '../support/farm-clock.ts'
import { seconds, type FaultLine } from '../support/fault-line.ts'
import { deviceFigures, intentFigures, judgementOf } from '../support/intents.ts'
import { watchLag } from '../support/lag.ts'
import { signUp } from '../support/person.ts'
import { watchDisplay } from '../support/display-watch.ts'
import { startTilth } from '../support/start-tilth.ts'
import { timeUntil } from '../support/until.ts'
import { valveJudge } from '../support/valve-judge.ts'
import { provisionValves, RATED_LPM } from '../support/valve-place.ts'
import { VALVE_FIELD } from '../support/valve-world.ts'
import { startUserRequests } from '../support/user-requests.ts'

const SPEED = 8
const DEVICES = { short: 4, long: 8 }
const VALVES_EACH = 2
const CUTS = { short: 20, long: 200 }
const LONGEST_MIN = 2
// of real time: a device that has not reached its cut by then is cut from outside
const LONGEST_LIFE_MS = 6_000

export const f3: FaultLine = {
  name: 'F3',
  fault: 'controllers lose their power at random steps, inside the flash write too',
  async run(torture) {
    const size = torture.isLong ? 'long' : 'short'
    torture.log(
      `F3: ${CUTS[size]} x power cut of ${DEVICES[size]} controllers, ${SPEED} x as fast as the wall`,
    )
    const dataDir = await torture.folder('f3')
    await provision(dataDir, { fields: 1, devices: 1, everyS: 1_200, plantedDaysAgo: 1 })
    const { credentials, zones } = await provisionValves(dataDir, {
      controllers: DEVICES[size],
      valvesEach: VALVES_EACH,
    })
    const farmTime = startOfTime(SPEED)
    const clock = farmClock(farmTime)
    const tilth = await startTilth(torture, dataDir, { farmTime })
    const person = await signUp(tilth.port, tilth.server().setupToken)
    const folder = await torture.folder('f3-devices')
    const devices = credentials.map((ownCredentials) =>
      poweredDevice(
        torture,
        {
          credentials: ownCredentials,
          mqttPort: tilth.mqttPort,
          farmTime,
          seed: torture.seed,
          valves: zones
            .filter(({ device }) => device === ownCredentials.id)
            .map(({ valve }) => ({ id: valve, field: VALVE_FIELD, ratedLpm: RATED_LPM })),
        },
        { folder, clock },
      ),
    )
    const lag = watchLag(SPEED)
    // a device is one of many processes and may be delayed while this one is not
    const slackMs = () => SECOND_MS + lag.longestMs() + HELD_UP_MS * SPEED
    const judges = new Map(
      devices.map(({ id }) => [
        id,
        valveJudge(id, { leaseMs: standardTiming.leaseMs, capMs: 2 * HOUR_MS, slackMs }),
      ]),
    )
    const farm = { person, zones, speed: SPEED, clock, judges, lag }
    const chance = random(`${torture.seed}/f3`)
    let isOn = true
    const display = watchDisplay(farm, () => HELD_UP_MS * SPEED)
    torture.onEnd(async () => {
      isOn = false
      await display.end()
    })
    const userRequests = startUserRequests(farm, display, {
      chance,
      longestMin: LONGEST_MIN,
      isOn: () => isOn,
    })
    const cuts = new Map<string, number>()
    await Promise.all(
      devices.map((device, index) =>
        cutAgain(
          device,
          random(`${torture.seed}/f3/${device.id}`),
          shareOf(CUTS[size], index, devices.length),
          cuts,
        ),
      ),
    )
    isOn = false
    await userRequests.end()
    if (!torture.isLong) await person.stop()
    const endMs = await timeUntil((4 * LONGEST_MIN * MINUTE_MS) / SPEED, async () => {
      const { running } = await person.field()
      return running.length === 0
    })
    for (const device of devices) await device.cutPower()
    for (const device of devices) device.replayTrace(judges.get(device.id)!)
    const untrue = await display.end()
    for (const text of untrue.slice(0, 5)) torture.log(`F3: ${text}`)
    await tilth.server().end('SIGTERM')
    lag.stop()

    const judgement = { ...judgementOf(farm), slackMs: slackMs() }
    const violations = [...judges.values()].flatMap((judge) => judge.violations())
    return [
      infoFigure(
        'F3',
        `power cuts, of ${CUTS[size]}`,
        [...cuts].map(([how, times]) => `${how} ${times}`).join(', '),
      ),
      machineDependent(atLeast('F3', 'openings of valves', judgement.openings.length, CUTS[size] / 2, count)),
      infoFigure('F3', 'requests accepted', count(userRequests.accepted())),
      infoFigure('F3', 'until everything has ended', seconds(endMs * SPEED)),
      ...deviceFigures('F3', violations, torture.log),
      atMost(
        'F3',
        `I8 shown but not true, of ${count(display.responses() * zones.length)}`,
        untrue.length,
        0,
        count,
      ),
      ...(await intentFigures('F3', dataDir, judgement, torture.log)),
    ]
  },
}

// of real time, on a machine with fewer processors than controllers
const HELD_UP_MS = 250

const shareOf = (total: number, index: number, parts: number): number =>
  Math.floor(total / parts) + (index < total % parts ? 1 : 0)

/** Runs one controller repeatedly until each cut; the last run is not cut. */
async function cutAgain(
  device: PoweredDevice,
  chance: Random,
  cuts: number,
  cutCounts: Map<string, number>,
): Promise<void> {
  for (let i = 0; i < cuts; i++) {
    const cut = nextCut(chance)
    const how = await device.runUntilCut(cut, LONGEST_LIFE_MS)
    const point = how === 'at the cut' ? cut.point : how
    cutCounts.set(point, (cutCounts.get(point) ?? 0) + 1)
  }
  device.keepRunning()
}
