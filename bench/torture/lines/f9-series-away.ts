/**
 * F9: the series store is unavailable while messages keep arriving. The journal holds them, control works as usual, and
 * once the store is back they are stored faster than they arrived.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { systemClock } from '../../../broker/contract/time.ts'
import { openSeries } from '../../../services/adapters/series.ts'
import { startInfluxd } from '../../../test/support/influxd.ts'
import { compare } from '../../support/compare.ts'
import { provision } from '../../support/place.ts'
import { atLeast, atMost, count, machineDependent, infoFigure, type Figure } from '../../support/report.ts'
import { createStream } from '../../support/stream.ts'
import { newestIn, storedReadings } from '../../support/tilth-load.ts'
import { seconds, type FaultLine, type Torture } from '../support/fault-line.ts'
import { behind } from '../support/metrics.ts'
import { signUp, type Person } from '../support/person.ts'
import { startTilth } from '../support/start-tilth.ts'
import { timeUntil, until } from '../support/until.ts'
import { provisionValves, switchOn } from '../support/valve-place.ts'
import { watchValves, type ValveWatch } from '../support/valve-watch.ts'

const PUBLISHERS = 100
const SHORT = { ratePerS: 500, awayMs: 15_000 }
const LONG = { ratePerS: 1_000, awayMs: 3_600_000 }
const DRAINS_TIMES = 5
const OPENS_WITHIN_MS = 2_000
// the response waits a second for dispatch, and half a second for the flow
const ANSWERS_WITHIN_MS = 2_000
// ingest retries the store every half minute at most
const BACK_WITHIN_MS = 35_000

export const f9: FaultLine = {
  name: 'F9',
  fault: 'the series store (a real InfluxDB) away under load',
  async run(torture) {
    const { ratePerS, awayMs } = torture.isLong ? LONG : SHORT
    torture.log(`F9: InfluxDB away for ${awayMs / 1000} s at ${count(ratePerS)} messages a second`)
    const influxd = await startInfluxd()
    torture.onEnd(() => influxd.stop())
    const dataDir = await torture.folder('f9')
    const publishers = await provision(dataDir, {
      fields: 10,
      devices: PUBLISHERS,
      everyS: 60,
      plantedDaysAgo: 1,
    })
    const place = await provisionValves(dataDir, { controllers: 1, valvesEach: 3 })
    const SERIES = `influx1://${influxd.host}/tilth`
    const tilth = await startTilth(torture, dataDir, { env: { SERIES } })
    const person = await signUp(tilth.port, tilth.server().setupToken)
    const controllers = await switchOn(torture, place, { mqttPort: tilth.mqttPort, clock: systemClock })
    const watch = watchValves(controllers, place.zones, systemClock)
    torture.onEnd(async () => watch.stop())
    const [zoneBefore, whenHung, whenGone] = place.zones.map(({ id }) => id) as [string, string, string]

    const stream = createStream(publishers, ratePerS)
    const loadState = { isOver: false }
    const loading = stream.run(tilth.mqttPort, awayMs + 600_000, () => loadState.isOver)
    loading.catch(() => {})
    await until('every valve is reported', 20_000, async () => {
      const { zones } = await person.field()
      return zones.length > 0 && zones.every(({ position }) => position === 'closed')
    })
    const openBefore = await open(person, watch, zoneBefore)
    // it hangs first, which is worse than a closed port: every caller waits
    influxd.freeze()
    const awayFromMs = performance.now()
    await pause(2_000)
    const hung = await open(person, watch, whenHung)
    await influxd.kill()
    const openWhenGone = await open(person, watch, whenGone)
    await pause(Math.max(0, awayMs - (performance.now() - awayFromMs)))
    const heldCount = await behind(tilth.port)
    await influxd.restart()
    const drained = await drain(torture, tilth.port, ratePerS)
    const shutMs = await timeToShut(person, watch)
    loadState.isOver = true
    const load = await loading

    const series = await openSeries(SERIES, dataDir)
    const stored = await (async () => {
      await stream.stored(newestIn(series))
      return storedReadings(
        series,
        publishers.map(({ id }) => id),
      )
    })().finally(() => series.close())
    const { acked, lost, doubled } = compare(stream.sentMessages(), stored)
    for (const controller of controllers) await controller.stop()
    await tilth.server().end('SIGTERM')
    await influxd.stop()
    return [
      atMost('F9', `acknowledged and lost, of ${count(acked)}`, lost, 0, count),
      atMost('F9', 'stored twice', doubled, 0, count),
      atMost('F9', 'messages without an acknowledgement', stream.unacked(), 0, count),
      atMost('F9', 'connections lost', load.broken, 0, count),
      infoFigure('F9', 'held in the journal when the store came back', count(heldCount)),
      ...drained,
      machineDependent(
        atMost('F9', 'Start to open, store there', openBefore.openMs, OPENS_WITHIN_MS, seconds),
      ),
      machineDependent(atMost('F9', 'Start to open, store hung', hung.openMs, OPENS_WITHIN_MS, seconds)),
      machineDependent(
        atMost('F9', 'Start to open, store gone', openWhenGone.openMs, OPENS_WITHIN_MS, seconds),
      ),
      machineDependent(atMost('F9', 'STOP to closed, store just back', shutMs, OPENS_WITHIN_MS, seconds)),
      atMost(
        'F9',
        'Start to response, longest',
        Math.max(openBefore.answerMs, hung.answerMs, openWhenGone.answerMs),
        ANSWERS_WITHIN_MS,
        seconds,
      ),
    ]
  },
}

/** Presses Start; returns the time until the valve is open and until the response. */
async function open(
  person: Person,
  watch: ValveWatch,
  zone: string,
): Promise<{ openMs: number; answerMs: number }> {
  const startMs = performance.now()
  const [openMs, answerMs] = await Promise.all([
    timeUntil(20_000, () => watch.isOpen(zone)),
    person.start(zone, 10).then(() => performance.now() - startMs),
  ])
  return { openMs, answerMs }
}

async function timeToShut(person: Person, watch: ValveWatch): Promise<number> {
  const shutting = timeUntil(20_000, () => watch.openCount() === 0)
  const [shutMs] = await Promise.all([shutting, person.stop()])
  return shutMs
}

/** From the store's return until at most one second of messages is waiting. */
async function drain(torture: Torture, port: number, ratePerS: number): Promise<Figure[]> {
  let last = await behind(port)
  const backMs = await timeUntil(60_000, async () => {
    const now = await behind(port)
    const isFewer = now < last
    last = isFewer ? last : now
    return isFewer
  })
  const fromCount = last
  const drainMs = await timeUntil(600_000, async () => (await behind(port)) <= ratePerS)
  torture.log(`F9: drained ${count(fromCount)} in ${seconds(drainMs)}`)
  // messages arriving meanwhile were stored as well
  const perS = (fromCount - ratePerS) / (drainMs / 1000) + ratePerS
  const rate = (value: number) => `${count(value)}/s`
  return [
    machineDependent(atMost('F9', 'store back to the first reading stored', backMs, BACK_WITHIN_MS, seconds)),
    machineDependent(atLeast('F9', 'drained', perS, DRAINS_TIMES * ratePerS, rate)),
  ]
}
