/**
 * The water of one controller in memory: the positions of its valves and the points of its meters, on its own clock
 * since boot. Pure: a message and a track in, a new track out. Meters: those of its telemetry (of one valve or the
 * main), and the litres of each run in its state message of every minute. Messages of another boot or out of order are
 * dropped.
 */
import type { Heartbeat, Measurement, State, Telemetry } from '../../../broker/contract/messages.ts'
import { isPossible } from '../../../broker/contract/quantities.ts'
import { HOUR_MS, MINUTE_MS } from '../../../broker/contract/time.ts'
import type { ExpectedFlow } from './flow-limits.ts'
import {
  SHUT_SETTLE_MS,
  watchMeter,
  type FlowVerdict,
  type MeterPoint,
  type ValveShift,
} from './flow-watch.ts'

export interface MeterTrack {
  /** null: the main meter */
  valve: string | null
  points: readonly MeterPoint[]
  pulseLitres: number | null // upper bound
  hasCounted: boolean
}

export interface FlowTrack {
  sess: string | null
  boot: number | null // of the telemetry
  sv: number
  stateMonoMs: number
  shifts: readonly ValveShift[]
  runs: string // the open runs, by valve and sequence number
  feedback: readonly string[] // valves that are open by their feedback
  knownUntilMonoMs: number
  meters: ReadonlyMap<string, MeterTrack>
}

export const newTrack: FlowTrack = {
  sess: null,
  boot: null,
  sv: 0,
  stateMonoMs: -1,
  shifts: [],
  runs: '',
  feedback: [],
  knownUntilMonoMs: -1,
  meters: new Map(),
}

/** Key of the litres counted for all open runs together; followed by the valves. */
const RUNS = '*runs'
const MAIN = '*main'
const KEPT_MS = 9 * HOUR_MS
const SHIFTS_KEPT = 50
const NEWEST_KEPT = 60
const THINNED_MS = 5 * MINUTE_MS
// a longer gap between flow readings gives no litres
const FLOW_GAP_MS = 10 * MINUTE_MS
// maximum delay of a heartbeat; a larger one means another boot
const AHEAD_MS = 5_000
// a state is sent before the heartbeat that follows it, but an acknowledged message may take longer: on a bad link it
// is sent again after some seconds, while the heartbeat gets through
const STATE_DELAY_MS = 10_000

/** Updates the positions of all valves. After a reboot only the kind of each meter is kept. */
export function trackState(previous: FlowTrack, state: State): FlowTrack {
  const isSameBoot = previous.sess !== null && !isOtherBoot(previous, state)
  if (isSameBoot && state.sess === previous.sess && state.sv < previous.sv) return previous
  const track = isSameBoot ? previous : resetWater({ ...newTrack, meters: previous.meters })
  const openNow = openForWater(state)
  const runs = openNow.map(({ id, seq }) => `${id} ${seq}`).join()
  const next: FlowTrack = {
    ...track,
    sess: state.sess,
    sv: state.sv,
    stateMonoMs: state.monoMs,
    runs,
    feedback: state.valves.filter(({ fb, kind }) => fb === 'open' && kind === undefined).map(({ id }) => id),
    knownUntilMonoMs: Math.max(track.knownUntilMonoMs, state.monoMs),
  }
  const isUnbroken = track.sess === state.sess && state.sv <= track.sv + 1
  if (track.shifts.length > 0 && isUnbroken && runs === track.runs) return countRuns(next, state)
  // a change in between was missed: water in that time is not significant
  const isOtherSet = track.runs !== '' && runs !== '' && !isPartOf(track.runs, runs)
  const isContinuous = track.shifts.length > 0 && isUnbroken && !isOtherSet
  // the time in the last reported position is unknown as well
  const base = isContinuous ? next : { ...resetWater(next), shifts: [] }
  const shift = { monoMs: state.monoMs, open: openNow.map(({ id }) => id) }
  const shifts = [...base.shifts, shift].slice(-SHIFTS_KEPT)
  const shifted = { ...base, shifts, meters: endRuns(base.meters) }
  return countRuns(shifted, state)
}

/** By the boot count in the session name, if present; a device clock that goes back also shows a reboot. */
function isOtherBoot(previous: FlowTrack, { sess, monoMs }: State): boolean {
  const [previousBoot, currentBoot] = [bootOf(previous.sess), bootOf(sess)]
  return (
    monoMs < previous.stateMonoMs ||
    (previousBoot !== null && currentBoot !== null && previousBoot !== currentBoot)
  )
}

const bootOf = (sess: string | null): number | null => {
  const count = /^b(\d+)\./.exec(sess ?? '')?.[1]
  return count === undefined ? null : Number(count)
}

/** Whether one set of runs contains the other: then runs only started, or only ended, between the two states. */
const isPartOf = (previous: string, now: string): boolean => {
  const [a, b] = [previous.split(','), now.split(',')]
  return a.every((run) => b.includes(run)) || b.every((run) => a.includes(run))
}

/** Outputs without water, such as a siren, have a `kind`. */
const openForWater = ({ valves }: State): State['valves'] =>
  valves.filter(({ pos, kind }) => pos === 'open' && kind === undefined)

function countRuns(track: FlowTrack, state: State): FlowTrack {
  const openNow = openForWater(state)
  const litres = openNow.map((valve) => valve.litres ?? null)
  if (litres.length === 0 || !litres.every((value) => isPossible('water.total', value))) return track
  const point = { monoMs: state.monoMs, litres: litres.reduce<number>((sum, value) => sum + value!, 0) }
  return withPoint(track, `${RUNS} ${openNow.map(({ id }) => id).join()}`, null, point)
}

/** Restarts the litres at zero for other runs; the kind of the meter is kept. */
const endRuns = (meters: ReadonlyMap<string, MeterTrack>): Map<string, MeterTrack> =>
  new Map(
    [...meters].map(([key, meter]) => [
      key,
      key.startsWith(RUNS) ? { ...emptied(meter), hasCounted: false } : meter,
    ]),
  )

/** A heartbeat confirms the positions until now: the device reports a change before its next heartbeat. */
export function trackHeartbeat(track: FlowTrack, { sess, monoMs }: Heartbeat): FlowTrack {
  if (sess !== track.sess) return track
  const untilMonoMs = Math.max(track.knownUntilMonoMs, monoMs - STATE_DELAY_MS)
  return { ...track, knownUntilMonoMs: untilMonoMs }
}

/** `nowMonoMs`: the current time on the controller's clock. */
export function trackTelemetry(previous: FlowTrack, telemetry: Telemetry, nowMonoMs: number): FlowTrack {
  // of an earlier boot, by the session or by previous readings
  if (telemetry.boot < Math.max(bootOf(previous.sess) ?? 0, previous.boot ?? 0)) return previous
  if (telemetry.monoMs > nowMonoMs + AHEAD_MS) return previous
  let track = previous
  if (previous.boot !== null && telemetry.boot > previous.boot) {
    // the state of the new boot may have arrived first: only the meters restart
    track = {
      ...previous,
      meters: new Map([...previous.meters].map(([key, meter]) => [key, emptied(meter)])),
    }
  }
  track = { ...track, boot: telemetry.boot }
  for (const measurement of telemetry.measurements) track = trackMeter(track, measurement, telemetry.monoMs)
  return track
}

function trackMeter(track: FlowTrack, { metering, tilth }: Measurement, monoMs: number): FlowTrack {
  const valve = tilth?.valve ?? null
  const total = metering?.water?.total
  const flow = tilth?.flow
  // ingest rejects such a message by name
  if (total != null && !isPossible('water.total', total)) return track
  if (flow != null && !isPossible('water.flow', flow)) return track
  const key = valve ?? MAIN
  if (total != null) return withPoint(track, key, valve, { monoMs, litres: total })
  if (total === null || flow == null) return track
  // a meter that only reports flow: integrated where it is read often enough
  const last = track.meters.get(`${key} flow`)?.points.at(-1)
  const gapMs = last === undefined ? Infinity : monoMs - last.monoMs
  const litres = gapMs > FLOW_GAP_MS ? 0 : last!.litres + (flow * gapMs) / MINUTE_MS
  const from = gapMs > FLOW_GAP_MS ? dropPoints(track, `${key} flow`) : track
  return withPoint(from, `${key} flow`, valve, { monoMs, litres })
}

function withPoint(track: FlowTrack, key: string, valve: string | null, point: MeterPoint): FlowTrack {
  const meter = track.meters.get(key) ?? { valve, points: [], pulseLitres: null, hasCounted: false }
  const last = meter.points.at(-1)
  if (last && point.monoMs <= last.monoMs) return track
  const counted = last ? point.litres - last.litres : 0
  // a counter that falls has restarted
  const points = counted < 0 ? [point] : thinned([...meter.points, point])
  const next: MeterTrack = {
    valve,
    points,
    // no pulse is larger than the smallest increment, of litres or gallons
    pulseLitres: counted > 0 ? Math.min(meter.pulseLitres ?? Infinity, counted) : meter.pulseLitres,
    hasCounted: meter.hasCounted || counted > 0,
  }
  return { ...track, meters: new Map(track.meters).set(key, next) }
}

/** All of the newest points and a thinned set of older ones: enough to detect a seep over hours. */
function thinned(points: readonly MeterPoint[]): MeterPoint[] {
  const lastMs = points.at(-1)!.monoMs
  const older = points.slice(0, -NEWEST_KEPT).filter(({ monoMs }) => lastMs - monoMs <= KEPT_MS)
  const base: MeterPoint[] = []
  for (const point of older)
    if (base.length === 0 || point.monoMs - base.at(-1)!.monoMs >= THINNED_MS) base.push(point)
  return [...base, ...points.slice(-NEWEST_KEPT)]
}

const emptied = (meter: MeterTrack): MeterTrack => ({ ...meter, points: [] })

/**
 * Drops the water counted so far; the kind of each meter is kept. Used after an inspection, or when the positions are
 * uncertain.
 */
export const resetWater = (track: FlowTrack): FlowTrack => ({
  ...track,
  shifts: track.shifts.slice(-1),
  meters: new Map([...track.meters].map(([key, meter]) => [key, emptied(meter)])),
})

/** After an inspection without a fault: the meter is not trusted until it counts again. */
export const distrustMeters = (track: FlowTrack): FlowTrack => ({
  ...track,
  meters: new Map([...track.meters].map(([key, meter]) => [key, { ...meter, hasCounted: false }])),
})

const dropPoints = (track: FlowTrack, key: string): FlowTrack => {
  const meter = track.meters.get(key)
  return meter ? { ...track, meters: new Map(track.meters).set(key, emptied(meter)) } : track
}

/**
 * The verdicts of all meters: single valves first, then several valves, and slow leaks, which block nothing, last.
 * `counted`: valves with metered water before, so that a meter that does not move is significant, with the smallest
 * recorded run in litres: no pulse is larger.
 */
export function judgeTrack(
  track: FlowTrack,
  expected: ReadonlyMap<string, ExpectedFlow>,
  counted: ReadonlyMap<string, number>,
): readonly FlowVerdict[] {
  const open = track.shifts.at(-1)?.open ?? []
  const recorded = open.reduce((litres, id) => litres + (counted.get(id) ?? Infinity), 0)
  const ofMeters = [...track.meters]
    .toSorted(([, a], [, b]) => Number(a.valve === null) - Number(b.valve === null))
    .flatMap(([key, { valve, points, pulseLitres: seenLitres, hasCounted }]) => {
      // this meter may have another pulse than the one that counts the runs
      const pulseLitres = seenLitres ?? (key.startsWith(RUNS) ? recorded : null)
      const knownToCount = valve === null ? open.every((id) => counted.has(id)) : counted.has(valve)
      const verdict = watchMeter({
        valve,
        points,
        pulseLitres,
        shifts: track.shifts,
        knownUntilMonoMs: track.knownUntilMonoMs,
        expected,
        hasCounted: hasCounted || (open.length > 0 && knownToCount),
      })
      return verdict ?? []
    })
  const isLeak = ({ kind }: FlowVerdict) => kind === 'leak'
  const acute = ofMeters.filter((verdict) => !isLeak(verdict))
  return [...watchFeedback(track), ...acute, ...ofMeters.filter(isLeak)]
}

/** Driven closed but measured open by its feedback; needs no meter. */
function watchFeedback({ shifts, feedback, stateMonoMs }: FlowTrack): FlowVerdict[] {
  const now = shifts.at(-1)
  if (!now || stateMonoMs < now.monoMs + SHUT_SETTLE_MS) return []
  const valves = feedback.filter((id) => !now.open.includes(id))
  return valves.length === 0 ? [] : [{ kind: 'stuck', valves, lpm: null, expectedLpm: 0 }]
}
