/**
 * F4: a network that loses, repeats, reorders and delays messages between controllers and server, breaks connections
 * and leaves some half-open. First severe faults, then a link on which a close can arrive, then no faults until
 * everything has ended.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { randomUUID } from 'node:crypto'
import { MINUTE_MS, SECOND_MS, type AtMs } from '../../../broker/contract/time.ts'
import { random, type Random } from '../../../firmware-sim/random.ts'
import { quantile } from '../../support/generator.ts'
import { atLeast, atMost, count, infoFigure, type Figure } from '../../support/report.ts'
import type { RequestResult } from '../support/person.ts'
import { openFastFarm, type FastFarm } from '../support/fast-farm.ts'
import {
  noFaults,
  openFaultProxy,
  SENT_AGAIN_MS,
  type FaultProxy,
  type NetworkFaults,
} from '../support/fault-proxy.ts'
import { seconds, type FaultLine } from '../support/fault-line.ts'
import { deviceFigures, intentFigures, judgementOf } from '../support/intents.ts'
import { watchDisplay } from '../support/display-watch.ts'
import { timeUntil } from '../support/until.ts'
import { startUserRequests } from '../support/user-requests.ts'

const SPEED = 8
const CONTROLLERS = 20
const VALVES_EACH = 4
const COMMANDS = { short: 40, long: 1_000 }
// shorter in the short form
const LONGEST_DELAY_MS = { short: 40 * SECOND_MS, long: 120 * SECOND_MS }
// of real time: at least this long, and until there are enough commands
const ROUGH_FOR_MS = { short: 10_000, long: 60_000 }
const ROUGH_AT_MOST_MS = { short: 60_000, long: 1_200_000 }
const AGAIN_MS = 150 // of real time
const CLOSE_WITHIN_MS = 15 * SECOND_MS

const severeFaults = (longestMs: number): NetworkFaults => ({
  lost: 0.2,
  repeated: 0.3,
  replayed: 0.1,
  broken: 0.01,
  halfOpen: 0.004,
  halfOpenMs: 60 * SECOND_MS,
  // most messages have a small delay, one in twenty a very long one
  delayMs(chance) {
    const u = chance.next()
    if (u < 0.6) return chance.next() * 500
    if (u < 0.85) return chance.next() * 5 * SECOND_MS
    return chance.next() * (u < 0.95 ? longestMs / 4 : longestMs)
  },
})

/** A link on which a close can arrive: as lossy, but not half-open, without delays of minutes. */
const moderateFaults: NetworkFaults = {
  ...noFaults,
  lost: 0.2,
  repeated: 0.3,
  replayed: 0.1,
  delayMs: (c) => c.next() * 2 * SECOND_MS,
}

export const f4: FaultLine = {
  name: 'F4',
  fault: 'a network that loses, repeats, reorders, delays and goes dead',
  async run(torture) {
    const size = torture.isLong ? 'long' : 'short'
    const longestMs = LONGEST_DELAY_MS[size]
    torture.log(
      `F4: messages lost, repeated, reordered and up to ${longestMs / 1000} s late, ${SPEED} x as fast as the wall`,
    )
    let proxy!: FaultProxy
    const farm = await openFastFarm(torture, 'f4', {
      speed: SPEED,
      controllers: CONTROLLERS,
      valvesEach: VALVES_EACH,
      async portOf(toPort) {
        proxy = await openFaultProxy({ toPort, speed: SPEED, seed: torture.seed })
        torture.onEnd(async () => proxy.stop())
        return () => proxy.port
      },
    })
    const chance = random(`${torture.seed}/f4`)
    const display = watchDisplay(farm, () => longestMs + 2 * SENT_AGAIN_MS)
    proxy.set(severeFaults(longestMs))
    let isOn = true
    torture.onEnd(async () => {
      isOn = false
      await display.end()
    })
    const userRequests = startUserRequests(farm, display, { chance, longestMin: 2, isOn: () => isOn })
    await pause(ROUGH_FOR_MS[size])
    await timeUntil(ROUGH_AT_MOST_MS[size], () => userRequests.accepted() >= COMMANDS[size])
    isOn = false
    await userRequests.end()
    proxy.set(moderateFaults)
    const { closesMs, answersMs } = await closeAll(farm, chance)
    proxy.set(noFaults)
    // a message queued in the server could open a valve after everything seems over
    await untilAnswered((idem) => farm.person.post<RequestResult>('/api/stop', { idem }))
    const endMs = await timeUntil((10 * MINUTE_MS) / SPEED, async () => {
      const { running } = await farm.person.field()
      return running.length === 0 && farm.watch.openCount() === 0
    })
    const untrue = await display.end()
    for (const text of untrue.slice(0, 5)) torture.log(`F4: ${text}`)
    await farm.stop()

    const violations = [...farm.judges.values()].flatMap((judge) => judge.violations())
    return [
      ...faultFigures(proxy),
      atLeast(
        'F4',
        'commands of people, accepted',
        userRequests.accepted() + closesMs.length,
        COMMANDS[size],
        count,
      ),
      infoFigure('F4', 'until everything has ended', seconds(endMs * SPEED)),
      infoFigure(
        'F4',
        `closes on a link that allows them, of ${closesMs.length}, median`,
        seconds(quantile(closesMs, 0.5)),
      ),
      infoFigure(
        'F4',
        'of that until the server accepted the press, median and longest',
        `${seconds(quantile(answersMs, 0.5))}, ${seconds(answersMs.at(-1) ?? 0)}`,
      ),
      atMost(
        'F4',
        'closes on a link that allows them, p99',
        quantile(closesMs, 0.99),
        CLOSE_WITHIN_MS,
        seconds,
      ),
      ...deviceFigures('F4', violations, torture.log),
      atMost(
        'F4',
        `I8 shown but not true, of ${count(display.responses() * farm.zones.length)}`,
        untrue.length,
        0,
        count,
      ),
      ...(await intentFigures('F4', farm.dataDir, judgementOf(farm), torture.log, { doubts: 'shown' })),
    ]
  },
}

function faultFigures(proxy: FaultProxy): Figure[] {
  const counts = proxy.counts()
  const messageCount = counts.get('messages') ?? 0
  return [
    infoFigure(
      'F4',
      `faults on ${count(messageCount)} messages`,
      (['lost', 'repeated', 'replayed', 'late', 'broken', 'half-open'] as const)
        .map((harm) => `${harm} ${count(counts.get(harm) ?? 0)}`)
        .join(', '),
    ),
  ]
}

/** Repeats a request under one key until it has a final state. */
async function untilAnswered(send: (idem: string) => Promise<RequestResult>): Promise<void> {
  const idem = randomUUID()
  while (((await send(idem).catch(() => null))?.state ?? 'new') === 'new') await pause(AGAIN_MS)
}

/**
 * Opens all valves, then presses Stop for each; times from each press to the closed valve and to the response, farm
 * time, ascending.
 */
async function closeAll(
  farm: FastFarm,
  chance: Random,
): Promise<{ closesMs: number[]; answersMs: number[] }> {
  const { clock, person, watch, zones } = farm
  await timeUntil(90_000 / SPEED, () => farm.controllers.every((controller) => controller.isOnline()))
  await Promise.all(zones.map(({ id }) => untilAnswered((idem) => person.request('start', idem, id, 10))))
  await timeUntil((2 * MINUTE_MS) / SPEED, () => watch.openCount() === zones.length)
  const pressed = new Map<string, AtMs>()
  const answersMs: number[] = []
  await Promise.all(
    zones
      .filter(({ id }) => watch.isOpen(id))
      .map(async ({ id }) => {
        await pause((chance.next() * MINUTE_MS) / SPEED)
        if (!watch.isOpen(id)) return // closed by its lease before the press
        pressed.set(id, clock.now())
        await untilAnswered((idem) => person.request('stop', idem, id))
        answersMs.push(clock.now() - pressed.get(id)!)
      }),
  )
  await timeUntil((2 * MINUTE_MS) / SPEED, () => watch.openCount() === 0)
  const openings = watch.openings()
  const closesMs = [...pressed].map(([id, atMs]) => {
    const opening = openings.findLast(({ zone, openedMs }) => zone === id && openedMs <= atMs)
    return (opening?.closedMs ?? Infinity) - atMs
  })
  const ascending = (a: number, b: number) => a - b
  return { closesMs: closesMs.sort(ascending), answersMs: answersMs.sort(ascending) }
}
