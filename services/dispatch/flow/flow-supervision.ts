/**
 * Flow supervision at work: what controllers say of their valves and meters is held against each other, and what does
 * not fit is acted upon. One valve that can be told is shut and held; where it cannot be told, or shutting it does not
 * help, everything of the controller is shut, its main valve with it, and held. Acting comes before writing.
 */
import type { Heartbeat, State, Telemetry } from '../../../broker/contract/messages.ts'
import { liveCommandsOf, type DispatchState } from '../dispatch-state.ts'
import {
  supervisionOutcome,
  isControllerHeld,
  latch,
  latchesOf,
  latchOn,
  writeLatches,
  type FlowLatch,
} from './flow-latch.ts'
import { isExplained, isExplainedByLeaks } from './flow-attribution.ts'
import { loadFlowRates, noRates, type FlowRates } from './flow-rates.ts'
import {
  distrustMeters,
  resetWater,
  judgeTrack,
  newTrack,
  trackHeartbeat,
  trackState,
  trackTelemetry,
  type FlowTrack,
} from './flow-track.ts'
import type { FlowKind, FlowVerdict } from './flow-watch.ts'
import { forceClose } from '../controllers/forced-close.ts'
import type { Address } from '../outbox.ts'
import { advanceCommand } from '../runs/supervise-run.ts'

export interface FlowState {
  tracks: Map<string, FlowTrack> // by controller
  rates: Map<string, FlowRates> // by controller
  latches: Map<string, FlowLatch>
}

export const newFlowState = (latches: Map<string, FlowLatch> = new Map()): FlowState => ({
  tracks: new Map(),
  rates: new Map(),
  latches,
})

const trackOf = (desk: DispatchState, device: string): FlowTrack => desk.flow.tracks.get(device) ?? newTrack

/** The state of a controller that has become the truth. */
export async function superviseState(desk: DispatchState, from: Address, state: State): Promise<void> {
  const before = trackOf(desk, from.device)
  const track = trackState(before, state)
  desk.flow.tracks.set(from.device, track)
  if (track === before) return
  // asked anew with every opening: a night may have taught more, a person may have entered another rate
  if (track.runs !== before.runs && track.runs !== '') desk.flow.rates.delete(from.device)
  await judgeController(desk, from)
}

/** A heartbeat of the session that is heard now. */
export async function superviseHeartbeat(
  desk: DispatchState,
  from: Address,
  heartbeat: Heartbeat,
): Promise<void> {
  const before = desk.flow.tracks.get(from.device)
  if (!before || before.meters.size === 0) return
  const track = trackHeartbeat(before, heartbeat)
  desk.flow.tracks.set(from.device, track)
  const isNews = [...track.meters.values()].some(
    ({ points }) => (points.at(-1)?.monoMs ?? -1) > before.knownUntilMonoMs,
  )
  if (isNews) await judgeController(desk, from)
}

/** Readings of a controller's meters. Where its clock stands is known from its heartbeats alone. */
export async function superviseTelemetry(desk: DispatchState, from: Address, told: Telemetry): Promise<void> {
  const link = desk.connections.get(from.device)
  if (link === undefined || link.org !== from.org || link.heartbeat === null) return
  const { monoMs, receivedAtMs: heardAtMs } = link.heartbeat
  const nowMonoMs = monoMs + Math.max(0, desk.clock.now() - heardAtMs)
  desk.flow.tracks.set(from.device, trackTelemetry(trackOf(desk, from.device), told, nowMonoMs))
  await judgeController(desk, from)
}

async function judgeController(desk: DispatchState, from: Address): Promise<void> {
  if (isControllerHeld(desk, from.device)) return
  const { expected, meteredLitres: counted } = await ratesOf(desk, from.device)
  for (const verdict of judgeTrack(trackOf(desk, from.device), expected, counted)) {
    if (isControllerHeld(desk, from.device)) return
    const foundAt = (valve: string) => latchOn(desk, from.device, valve)?.kind
    if (!isExplained(verdict, foundAt) && !isExplainedByLeaks(verdict, leakFlowsLpm(desk, from.device)))
      await actOnVerdict(desk, from, verdict)
  }
}

/** Without the store nothing is known of the rates, and what needs none is judged all the same. */
async function ratesOf(desk: DispatchState, device: string): Promise<FlowRates> {
  const known = desk.flow.rates.get(device)
  if (known) return known
  try {
    const rates = await loadFlowRates(desk.state, device, desk.clock.now())
    desk.flow.rates.set(device, rates)
    return rates
  } catch (error) {
    desk.log.warn({ device, error }, 'the flow that is expected of its valves could not be read')
    return noRates
  }
}

/** L/min of the leaks that were told of single valves. */
const leakFlowsLpm = (desk: DispatchState, device: string): number[] =>
  latchesOf(desk, device).flatMap(({ cause, valve, params }) =>
    cause === 'flow-leak' && valve !== null ? Number(params['lpm'] ?? 0) : [],
  )

const singleValveKinds = new Set<FlowKind>(['no-flow', 'low', 'high'])

/** Shut first, then written. */
async function actOnVerdict(
  desk: DispatchState,
  { org, device }: Address,
  verdict: FlowVerdict,
): Promise<void> {
  const { kind, valves, lpm, expectedLpm } = verdict
  const isZone = valves.length === 1 && singleValveKinds.has(kind)
  const done = kind === 'leak' ? 'told' : isZone ? 'zone-shut' : 'main-shut'
  const isNew = latch(desk, {
    org,
    device,
    kind,
    sinceMs: desk.clock.now(),
    isWritten: false,
    // each leak of a valve is told for itself: while the first is looked for, a second may begin
    valve: isZone || (kind === 'leak' && valves.length === 1) ? valves[0]! : null,
    cause: kind === 'leak' ? 'flow-leak' : 'flow-alarm',
    params: {
      flow: kind,
      done,
      at: valves.length === 0 ? null : valves.join(' '),
      lpm: lpm === null ? null : round(lpm),
      expectedLpm: expectedLpm === null ? null : round(expectedLpm),
    },
  })
  if (!isNew) return
  desk.log.error({ org, device, ...verdict, done }, 'the flow is not as it should be')
  if (kind !== 'leak') {
    await forceClose(desk, org, device, isZone ? valves[0]! : '*')
    for (const live of liveCommandsOf(desk, device)) {
      if (isZone && live.row.valve !== valves[0]) continue
      if (!live.life.isStopped) live.stoppedBySupervision = supervisionOutcome(kind, valves, live.row.valve)
      live.stoppedBy ??= 'flow'
      await advanceCommand(desk, live, { type: 'stop' })
    }
  }
  await writeLatches(desk)
}

/** A person has looked: what flowed until now counts no more. */
export function restartSupervision(desk: DispatchState, device: string, kinds: readonly FlowKind[]): void {
  const track = desk.flow.tracks.get(device)
  desk.flow.rates.delete(device)
  if (!track) return
  const forgot = resetWater(track)
  desk.flow.tracks.set(device, kinds.includes('no-flow') ? distrustMeters(forgot) : forgot)
}

const round = (lpm: number): number => Math.round(lpm * 10) / 10
