/**
 * F4: a network that loses, repeats, reorders and delays what controllers and server say, breaks connections and leaves
 * some half-open. First the worst of it, then a link that allows a close to arrive, then none of it until all is over.
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
import { deviceFigures, intentFigures, judged } from '../support/intents.ts'
import { watchDisplay } from '../support/display-watch.ts'
import { timeUntil } from '../support/until.ts'
import { startUserRequests } from '../support/user-requests.ts'

const SPEED = 8
const CONTROLLERS = 20
const VALVES_EACH = 4
const COMMANDS = { short: 40, long: 1_000 }
// the short form has no time for the longest of it
const LONGEST_DELAY_MS = { short: 40 * SECOND_MS, long: 120 * SECOND_MS }
// of real time: so long at least, and until there are enough commands
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
  // most words are late by little, one in twenty by very much
  delayMs(chance) {
    const u = chance.next()
    if (u < 0.6) return chance.next() * 500
    if (u < 0.85) return chance.next() * 5 * SECOND_MS
    return chance.next() * (u < 0.95 ? longestMs / 4 : longestMs)
  },
})

/** A link that allows a close to arrive: as lossy, but not half-open, and no word is minutes late. */
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
    const shown = watchDisplay(farm, () => longestMs + 2 * SENT_AGAIN_MS)
    proxy.set(severeFaults(longestMs))
    let isOn = true
    torture.onEnd(async () => {
      isOn = false
      await shown.end()
    })
    const wishes = startUserRequests(farm, shown, { chance, longestMin: 2, isOn: () => isOn })
    await pause(ROUGH_FOR_MS[size])
    await timeUntil(ROUGH_AT_MOST_MS[size], () => wishes.accepted() >= COMMANDS[size])
    isOn = false
    await wishes.end()
    proxy.set(moderateFaults)
    const { closesMs, answersMs } = await closeAll(farm, chance)
    proxy.set(noFaults)
    // what waits in the server's line behind other words would open when all seems over
    await untilAnswered((idem) => farm.person.post<RequestResult>('/api/stop', { idem }))
    const endMs = await timeUntil((10 * MINUTE_MS) / SPEED, async () => {
      const { running } = await farm.person.field()
      return running.length === 0 && farm.watch.openCount() === 0
    })
    const untrue = await shown.end()
    for (const text of untrue.slice(0, 5)) torture.log(`F4: ${text}`)
    await farm.stop()

    const broken = [...farm.judges.values()].flatMap((judge) => judge.violations())
    return [
      ...faultFigures(proxy),
      atLeast(
        'F4',
        'commands of people, accepted',
        wishes.accepted() + closesMs.length,
        COMMANDS[size],
        count,
      ),
      infoFigure('F4', 'until all is over', seconds(endMs * SPEED)),
      infoFigure(
        'F4',
        `closes on a link that allows them, of ${closesMs.length}, median`,
        seconds(quantile(closesMs, 0.5)),
      ),
      infoFigure(
        'F4',
        'of that until the server had taken the press, median and longest',
        `${seconds(quantile(answersMs, 0.5))}, ${seconds(answersMs.at(-1) ?? 0)}`,
      ),
      atMost(
        'F4',
        'closes on a link that allows them, p99',
        quantile(closesMs, 0.99),
        CLOSE_WITHIN_MS,
        seconds,
      ),
      ...deviceFigures('F4', broken, torture.log),
      atMost(
        'F4',
        `I8 shown and not so, of ${count(shown.responses() * farm.zones.length)}`,
        untrue.length,
        0,
        count,
      ),
      ...(await intentFigures('F4', farm.dataDir, judged(farm), torture.log, { doubts: 'told' })),
    ]
  },
}

function faultFigures(proxy: FaultProxy): Figure[] {
  const counts = proxy.counts()
  const all = counts.get('messages') ?? 0
  return [
    infoFigure(
      'F4',
      `done to ${count(all)} messages`,
      (['lost', 'repeated', 'replayed', 'late', 'broken', 'half-open'] as const)
        .map((harm) => `${harm} ${count(counts.get(harm) ?? 0)}`)
        .join(', '),
    ),
  ]
}

/** Under one key until the server has said what it does with it. */
async function untilAnswered(ask: (idem: string) => Promise<RequestResult>): Promise<void> {
  const idem = randomUUID()
  while (((await ask(idem).catch(() => null))?.state ?? 'new') === 'new') await pause(AGAIN_MS)
}

/**
 * Opens what it can, then presses Stop for each; from each press until the valve is shut, and until the server answered,
 * farm time, ascending.
 */
async function closeAll(
  farm: FastFarm,
  chance: Random,
): Promise<{ closesMs: number[]; answersMs: number[] }> {
  const { clock, person, watch, zones } = farm
  await timeUntil(90_000 / SPEED, () => farm.controllers.every((one) => one.isOnline()))
  await Promise.all(zones.map(({ id }) => untilAnswered((idem) => person.request('start', idem, id, 10))))
  await timeUntil((2 * MINUTE_MS) / SPEED, () => watch.openCount() === zones.length)
  const pressed = new Map<string, AtMs>()
  const answersMs: number[] = []
  await Promise.all(
    zones
      .filter(({ id }) => watch.isOpen(id))
      .map(async ({ id }) => {
        await pause((chance.next() * MINUTE_MS) / SPEED)
        if (!watch.isOpen(id)) return // by its lease, before anybody pressed
        pressed.set(id, clock.now())
        await untilAnswered((idem) => person.request('stop', idem, id))
        answersMs.push(clock.now() - pressed.get(id)!)
      }),
  )
  await timeUntil((2 * MINUTE_MS) / SPEED, () => watch.openCount() === 0)
  const openings = watch.openings()
  const closesMs = [...pressed].map(([id, atMs]) => {
    const own = openings.findLast(({ zone, openedMs }) => zone === id && openedMs <= atMs)
    return (own?.closedMs ?? Infinity) - atMs
  })
  const ascending = (a: number, b: number) => a - b
  return { closesMs: closesMs.sort(ascending), answersMs: answersMs.sort(ascending) }
}
