/** The litres of a valve of another make, from what its own messages count. Pure. */
import { TIMED_CAP_MS } from '../../broker/contract/valve-device/device.ts'
import type { ForeignValue } from '../integrations/foreign-message.ts'

/** What was counted last. */
export interface LitreTrack {
  /** a flow holds until the next one */
  flow: { lpm: number; fromMonoMs: number; untilMonoMs: number } | null
  total: number | null
}
export const newLitreTrack: LitreTrack = { flow: null, total: null }

/**
 * A gateway repeats an old flow in every message, so an equal one is no news: a steady flow is reported once and holds until
 * it changes, at most for the longest run.
 */
const FLOW_HOLDS_MS = TIMED_CAP_MS

/** The litres until now at the flow of the last message. */
export function countFlow(track: LitreTrack, monoMs: number): { track: LitreTrack; litres: number } {
  const { flow } = track
  if (flow === null) return { track, litres: 0 }
  const untilMonoMs = Math.min(monoMs, flow.untilMonoMs)
  const litres = (Math.max(0, untilMonoMs - flow.fromMonoMs) * flow.lpm) / 60_000
  return {
    track: { ...track, flow: { ...flow, fromMonoMs: Math.max(flow.fromMonoMs, untilMonoMs) } },
    litres,
  }
}

/** Counts the values of a message that are of this valve; null litres: it has no meter. `isOnly`: it has no sisters. */
export function countValues(
  before: LitreTrack,
  values: readonly ForeignValue[],
  { valve, isOnly, monoMs }: { valve: string; isOnly: boolean; monoMs: number },
): { track: LitreTrack; litres: number | null } {
  const counted = countFlow(before, monoMs)
  let track = counted.track
  let litres = before.flow === null ? null : counted.litres
  for (const { quantity, value, isGrowth, atMs } of values) {
    // a value with a time of its own is from the history of the device
    const [name, instance] = quantity.split('/')
    if (value === null || atMs !== null || !(isOnly || instance === valve)) continue
    if (name === 'water.flow') {
      track = { ...track, flow: { lpm: value, fromMonoMs: monoMs, untilMonoMs: monoMs + FLOW_HOLDS_MS } }
      litres ??= 0
    }
    if (name !== 'water.total') continue
    const growth = isGrowth ? value : track.total === null ? 0 : Math.max(0, value - track.total)
    litres = (litres ?? 0) + growth
    if (!isGrowth) track = { ...track, total: value }
  }
  return { track, litres }
}
