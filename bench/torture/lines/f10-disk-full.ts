/**
 * F10: another program fills the disk to the last byte while readings arrive and a valve is open: first the disk with
 * all databases, then the disks of journal, series and state with its audit separately. No acknowledged message is
 * lost, STOP closes the valve and is audited, and everything recovers once there is space.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { systemClock } from '../../../broker/contract/time.ts'
import type { Today } from '../../../services/api/screens/today-schemas.ts'
import { openSeries } from '../../../services/adapters/series.ts'
import { compare } from '../../support/compare.ts'
import { atLeast, atMost, count, machineDependent, infoFigure, type Figure } from '../../support/report.ts'
import { createStream, type Stream } from '../../support/stream.ts'
import { newestIn, storedReadings } from '../../support/tilth-load.ts'
import { seconds, type FaultLine, type Torture } from '../support/fault-line.ts'
import { behind } from '../support/metrics.ts'
import { signUp, type Person } from '../support/person.ts'
import { openSmallDisks, type DatabasePart, type SmallDisks } from '../support/small-disks.ts'
import { startTilth } from '../support/start-tilth.ts'
import { timeUntil, until } from '../support/until.ts'
import { switchOn } from '../support/valve-place.ts'
import { watchValves, type ValveWatch } from '../support/valve-watch.ts'

const PUBLISHERS = 20
const SHORT = { ratePerS: 200, fullMs: 3_000 }
const LONG = { ratePerS: 500, fullMs: 60_000 }
// messages in transit when the disk filled up may still be acknowledged
const ON_ITS_WAY_MS = 1_000
const CLOSED_WITHIN_MS = 2_000
const SHOWN_WITHIN_MS = 5_000
const RECOVERS_WITHIN_MS = 30_000

/** `reserve`: the state's disk, filled again after its reserve was released. */
type Phase = 'all' | DatabasePart | 'reserve'

/** The context of a phase. */
interface Farm {
  disks: SmallDisks
  port: number
  person: Person
  watch: ValveWatch
  stream: Stream
  ratePerS: number
  fullMs: number
}

export const f10: FaultLine = {
  name: 'F10',
  fault: 'disk full: everything, then journal, series and audit in turn',
  run: async (torture) => [
    ...(await tortureDisks(torture, ['all'])),
    ...(await tortureDisks(torture, ['journal', 'series', 'audit', 'reserve'])),
  ],
}

/** Runs one server through its phases and checks every message at the end. */
async function tortureDisks(torture: Torture, phases: readonly Phase[]): Promise<Figure[]> {
  const { ratePerS, fullMs } = torture.isLong ? LONG : SHORT
  const isShared = phases[0] === 'all'
  const layout = isShared ? 'all on one disk' : 'apart'
  torture.log(`F10: databases ${layout}, full for ${fullMs / 1000} s at ${count(ratePerS)} messages a second`)
  const disks = await openSmallDisks(torture, { isShared, publishers: PUBLISHERS, valves: phases.length })
  const tilth = await startTilth(torture, disks.dataDir, { env: disks.env })
  const person = await signUp(tilth.port, tilth.server().setupToken)
  const { zones } = disks.place
  const controllers = await switchOn(torture, disks.place, { mqttPort: tilth.mqttPort, clock: systemClock })
  const watch = watchValves(controllers, zones, systemClock)
  torture.onEnd(async () => watch.stop())
  await until('every valve is reported', 20_000, async () => {
    const field = await person.field()
    return field.zones.length > 0 && field.zones.every(({ position }) => position === 'closed')
  })

  const stream = createStream(disks.publishers, ratePerS)
  const loadState = { isOver: false }
  const loading = keepLoading(stream, tilth.mqttPort, loadState)
  const farm: Farm = { disks, port: tilth.port, person, watch, stream, ratePerS, fullMs }
  const figures: Figure[] = []
  for (const [i, phase] of phases.entries()) figures.push(...(await runPhase(farm, phase, zones[i]!.id)))
  loadState.isOver = true
  await loading
  await stream.run(tilth.mqttPort, 500)

  const { broken } = await person.get<{ broken: unknown }>('/api/audit/verify')
  const atTheEnd = await person.field()
  const series = await openSeries(disks.env.SERIES, disks.dataDir)
  const stored = await (async () => {
    await stream.stored(newestIn(series))
    return storedReadings(
      series,
      disks.publishers.map(({ id }) => id),
    )
  })().finally(() => series.close())
  const { acked, lost, doubled } = compare(stream.sentMessages(), stored)
  for (const controller of controllers) await controller.stop()
  const unsent = controllers.reduce((sum, controller) => sum + controller.unsent(), 0)
  await tilth.server().end('SIGTERM')
  return [
    ...figures,
    atMost('F10', `${layout}: acknowledged and lost, of ${count(acked)}`, lost, 0, count),
    atMost('F10', `${layout}: stored twice`, doubled, 0, count),
    atMost('F10', `${layout}: messages without an acknowledgement`, stream.unacked() + unsent, 0, count),
    atMost('F10', `${layout}: valves not shown as closed at the end`, notClosed(atTheEnd), 0, count),
    atMost('F10', `${layout}: breaks in the audit`, broken === null ? 0 : 1, 0, count),
  ]
}

async function runPhase(farm: Farm, phase: Phase, zone: string): Promise<Figure[]> {
  const { disks, person, watch, stream, ratePerS, fullMs } = farm
  const disk = disks.diskOf[phase === 'all' ? 'journal' : phase === 'reserve' ? 'audit' : phase]
  const isHeld = phase === 'all' || phase === 'journal'
  await person.start(zone, 10)
  await until(`${zone} is open`, 20_000, () => watch.isOpen(zone))
  const flowing = stream.acked()
  await until('readings are acknowledged', 20_000, () => stream.acked() > flowing)

  disk.fill()
  const filledMs = performance.now()
  const tellingMs = isHeld
    ? timeUntil(2 * SHOWN_WITHIN_MS, async () => (await causes(person)).includes('disk-full'))
    : null
  await pause(ON_ITS_WAY_MS)
  if (phase === 'reserve') disk.fill()
  const start = { acked: stream.acked(), atMs: performance.now() }
  const shuttingMs = timeUntil(20_000, () => !watch.isOpen(zone))
  const stopMs = performance.now()
  const stopResult = await person.stop(zone).then(
    ({ state }) => state,
    (error: Error) => /answered (\d+)/.exec(error.message)?.[1] ?? 'not',
  )
  const answerMs = performance.now() - stopMs
  const shutMs = await shuttingMs
  // the valve's report cannot be written either, so it is not displayed as current
  const shownMs =
    phase === 'reserve' ? null : await timeUntil(20_000, async () => notClosed(await person.field()) === 0)
  const sentAtMs = await tellingMs
  await pause(Math.max(0, fullMs - (performance.now() - filledMs)))
  const ackedMeanwhile = stream.acked() - start.acked
  const heldCount = await behind(farm.port)
  const meanwhileS = (performance.now() - start.atMs) / 1000

  disk.empty()
  const ackedCount = stream.acked()
  const backMs = await timeUntil(2 * RECOVERS_WITHIN_MS, async () =>
    isHeld && stream.acked() === ackedCount ? false : (await behind(farm.port)) <= ratePerS,
  )
  // the person sees the error and presses STOP again
  if (phase === 'reserve') await until('STOP is accepted', 20_000, () => person.stop(zone).catch(() => null))
  const lines = await person.get<{ action: string; subject: string }[]>('/api/audit?limit=500')
  const stops = lines.filter(({ action, subject }) => action === 'request.stop' && subject === zone)
  const name =
    { all: 'everything full', reserve: 'audit and reserve full' }[phase as string] ?? `${phase} full`
  const rate = (value: number) => `${count(value)}/s`
  return [
    isHeld
      ? atMost('F10', `${name}: acknowledged meanwhile`, ackedMeanwhile, 0, count)
      : machineDependent(
          atLeast(
            'F10',
            `${name}: acknowledged meanwhile`,
            ackedMeanwhile / meanwhileS,
            0.9 * ratePerS,
            rate,
          ),
        ),
    // proves that the store was full
    ...(phase === 'series'
      ? [atLeast('F10', `${name}: held in the journal`, heldCount, ratePerS, count)]
      : []),
    infoFigure('F10', `${name}: STOP response`, `${stopResult} after ${seconds(answerMs)}`),
    machineDependent(atMost('F10', `${name}: STOP to closed`, shutMs, CLOSED_WITHIN_MS, seconds)),
    ...(shownMs === null ? [] : [infoFigure('F10', `${name}: until displayed`, seconds(shownMs))]),
    atLeast('F10', `${name}: STOP in the audit`, stops.length, 1, count),
    ...(sentAtMs === null
      ? []
      : [
          machineDependent(
            atMost('F10', `${name}: until the alert is shown`, sentAtMs, SHOWN_WITHIN_MS, seconds),
          ),
        ]),
    machineDependent(atMost('F10', `${name}: space freed to recovered`, backMs, RECOVERS_WITHIN_MS, seconds)),
  ]
}

/** Devices that are disconnected because nothing can be stored reconnect and resend their messages. */
async function keepLoading(stream: Stream, port: number, loadState: { isOver: boolean }): Promise<void> {
  while (!loadState.isOver) {
    await stream.run(port, 600_000, () => loadState.isOver).catch(() => {})
    if (!loadState.isOver) await pause(200)
  }
}

const causes = async (person: Person): Promise<string[]> =>
  (await person.get<Today>('/api/today')).alerts.map(({ cause }) => cause)

const notClosed = ({ zones }: Awaited<ReturnType<Person['field']>>): number =>
  zones.filter(({ position }) => position !== 'closed').length
