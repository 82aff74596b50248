/**
 * Flow supervision: compares the reported valve states with the meters and acts on a mismatch. A single identified
 * valve is closed and held. If the valve is unknown, or closing it does not help, all valves of the controller are
 * closed and held, including the main valve. Closing comes before writing.
 */
import { quantities } from '../../../broker/contract/quantities.ts'
import type { Heartbeat, State, Telemetry } from '../../../broker/contract/messages.ts'
import {
  activeCommandsOf,
  type DispatchState,
  type FlowLatch,
  type FlowState,
  type DispatchServices,
} from '../dispatch-state.ts'
import {
  supervisionOutcome,
  isControllerHeld,
  latch,
  latchesOf,
  latchOn,
  writeLatches,
} from './flow-latch.ts'
import { isExplained, isExplainedByLeaks } from './flow-attribution.ts'
import type { FlowRates } from './flow-limits.ts'
import { loadFlowRates, noRates } from './flow-rates.ts'
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

/** `latches`: those that were loaded from the store at the start. */
export const newFlowState = (latches: Map<string, FlowLatch> = new Map()): FlowState => ({
  tracks: new Map(),
  rates: new Map(),
  latches,
})

const trackOf = (dispatch: Pick<DispatchState, 'flow'>, device: string): FlowTrack =>
  dispatch.flow.tracks.get(device) ?? newTrack

/** Handles the current state of a controller. */
export async function superviseState(dispatch: DispatchState, from: Address, state: State): Promise<void> {
  const previous = trackOf(dispatch, from.device)
  const track = trackState(previous, state)
  dispatch.flow.tracks.set(from.device, track)
  if (track === previous) return
  // read again with every opening: the learned rate or the entered rate may have changed
  if (track.runs !== previous.runs && track.runs !== '') dispatch.flow.rates.delete(from.device)
  await judgeController(dispatch, from)
}

/** Handles a heartbeat of the current session. */
export async function superviseHeartbeat(
  dispatch: DispatchState,
  from: Address,
  heartbeat: Heartbeat,
): Promise<void> {
  const previous = dispatch.flow.tracks.get(from.device)
  if (!previous || previous.meters.size === 0) return
  const track = trackHeartbeat(previous, heartbeat)
  dispatch.flow.tracks.set(from.device, track)
  const isNews = [...track.meters.values()].some(
    ({ points }) => (points.at(-1)?.monoMs ?? -1) > previous.knownUntilMonoMs,
  )
  if (isNews) await judgeController(dispatch, from)
}

/** Handles meter readings of a controller. The reading of its clock is known only from its heartbeats. */
export async function superviseTelemetry(
  dispatch: DispatchState,
  from: Address,
  telemetry: Telemetry,
): Promise<void> {
  const link = dispatch.connections.get(from.device)
  if (link === undefined || link.org !== from.org || link.heartbeat === null) return
  const { monoMs, receivedAtMs: heardAtMs } = link.heartbeat
  const nowMonoMs = monoMs + Math.max(0, dispatch.clock.now() - heardAtMs)
  dispatch.flow.tracks.set(from.device, trackTelemetry(trackOf(dispatch, from.device), telemetry, nowMonoMs))
  await judgeController(dispatch, from)
}

async function judgeController(dispatch: DispatchState, from: Address): Promise<void> {
  if (isControllerHeld(dispatch, from.device)) return
  const { expected, meteredLitres } = await ratesOf(dispatch, from.device)
  for (const verdict of judgeTrack(trackOf(dispatch, from.device), expected, meteredLitres)) {
    if (isControllerHeld(dispatch, from.device)) return
    const foundAt = (valve: string) => latchOn(dispatch, from.device, valve)?.kind
    if (!isExplained(verdict, foundAt) && !isExplainedByLeaks(verdict, leakFlowsLpm(dispatch, from.device)))
      await actOnVerdict(dispatch, from, verdict)
  }
}

/** Without the store the rates are unknown; the checks without rates still run. */
async function ratesOf(
  dispatch: DispatchServices & Pick<DispatchState, 'flow'>,
  device: string,
): Promise<FlowRates> {
  const cached = dispatch.flow.rates.get(device)
  if (cached) return cached
  try {
    const rates = await loadFlowRates(dispatch.state, device, dispatch.clock.now())
    dispatch.flow.rates.set(device, rates)
    return rates
  } catch (error) {
    dispatch.log.warn({ device, error }, 'the expected flow of the valves could not be read')
    return noRates
  }
}

/** Flows of the leaks found at single valves, L/min. */
const leakFlowsLpm = (dispatch: Pick<DispatchState, 'flow'>, device: string): number[] =>
  latchesOf(dispatch, device).flatMap(({ cause, valve, params }) =>
    cause === 'flow-leak' && valve !== null ? Number(params['lpm'] ?? 0) : [],
  )

const singleValveKinds = new Set<FlowKind>(['no-flow', 'low', 'high'])

/** Closes first, then writes. */
async function actOnVerdict(
  dispatch: DispatchState,
  { org, device }: Address,
  verdict: FlowVerdict,
): Promise<void> {
  const { kind, valves, lpm, expectedLpm } = verdict
  const isZone = valves.length === 1 && singleValveKinds.has(kind)
  const action = kind === 'leak' ? 'reported' : isZone ? 'zone-shut' : 'main-shut'
  const isNew = latch(dispatch, {
    org,
    device,
    kind,
    sinceMs: dispatch.clock.now(),
    isWritten: false,
    // each valve has its own leak alert: a second leak may start while the first is inspected
    valve: isZone || (kind === 'leak' && valves.length === 1) ? valves[0]! : null,
    cause: kind === 'leak' ? 'flow-leak' : 'flow-alarm',
    params: {
      flow: kind,
      done: action,
      at: valves.length === 0 ? null : valves.join(' '),
      lpm: lpm === null ? null : roundTenth(lpm),
      expectedLpm: expectedLpm === null ? null : roundTenth(expectedLpm),
    },
  })
  if (!isNew) return
  dispatch.log.error({ org, device, ...verdict, done: action }, 'the flow is out of range')
  if (kind !== 'leak') {
    await forceClose(dispatch, { org, device, valve: isZone ? valves[0]! : '*', isStop: false })
    for (const openCommand of activeCommandsOf(dispatch, device)) {
      if (isZone && openCommand.row.valve !== valves[0]) continue
      if (!openCommand.lifecycle.isStopped)
        openCommand.stoppedBySupervision = supervisionOutcome(kind, valves, openCommand.row.valve)
      openCommand.stoppedBy ??= 'flow'
      await advanceCommand(dispatch, openCommand, { type: 'stop' })
    }
  }
  await writeLatches(dispatch)
}

/** Call it after an inspection: earlier flow no longer counts. */
export function restartSupervision(
  dispatch: Pick<DispatchState, 'flow'>,
  device: string,
  kinds: readonly FlowKind[],
): void {
  const track = dispatch.flow.tracks.get(device)
  dispatch.flow.rates.delete(device)
  if (!track) return
  const forgot = resetWater(track)
  dispatch.flow.tracks.set(device, kinds.includes('no-flow') ? distrustMeters(forgot) : forgot)
}

// two counts a millisecond apart give any flow: shown up to what a sensor can report
const roundTenth = (lpm: number): number =>
  Math.round(Math.min(lpm, quantities['water.flow'].absurdAbove) * 10) / 10
