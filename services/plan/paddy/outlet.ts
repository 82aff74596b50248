/**
 * The action of a paddy's outlet: drain, hold, and the height of its board. Pure. A lock (herbicide, a stored
 * storm) drains nothing.
 */
import type { OutletReasonKey } from './message-keys.ts'
import type { Storm, StormRoom } from './storm.ts'
import type { PaddyTarget } from './target.ts'
import { tenth } from '../../runtime/math.ts'

export interface Drain {
  mm: number
  toMm: number
  reason: OutletReasonKey
}

/** less is noise of a gauge, or percolates */
const MIN_DRAIN_MM = 10
const PUDDLE_MM = 5
/** a run drains no more of a stored storm: ditches that carry a town's runoff are spared */
const RELEASE_MM = 30

/** The water to drain and its reason; null: the outlet stays closed. */
export function drainTarget(
  levelMm: number,
  target: PaddyTarget,
  x: {
    isDraining: boolean
    isFinal: boolean
    storm: Storm | null
    room: StormRoom | null
    stormMaxMm: number
  },
): Drain | null {
  const { storm, room, stormMaxMm } = x
  if (target.isLocked) return null
  const down = (toMm: number, reason: OutletReasonKey, mostMm = Infinity): Drain | null => {
    const mm = tenth(Math.min(levelMm - toMm, mostMm))
    return mm <= 0 ? null : { mm, toMm: tenth(levelMm - mm), reason }
  }
  // water deeper than the rice tolerates is not stored
  if (storm?.phase === 'now') return levelMm > stormMaxMm + MIN_DRAIN_MM ? down(stormMaxMm, 'too-deep') : null
  if (storm?.phase === 'ahead' && room && room.letOutMm >= MIN_DRAIN_MM)
    return down(levelMm - room.letOutMm, 'storm-room')
  if (x.isDraining || x.isFinal)
    return levelMm > PUDDLE_MM ? down(0, x.isFinal ? 'final' : 'mid-season') : null
  const restMm = Math.max(0, target.targetBandMm?.[1] ?? 0)
  if (storm?.phase === 'after' && levelMm > restMm + MIN_DRAIN_MM)
    return down(restMm, 'storm-release', RELEASE_MM)
  return levelMm > target.drainAboveMm ? down(restMm, 'too-deep') : null
}

export interface Board {
  mm: number
  reason: OutletReasonKey
}

/** a smaller difference is not worth a walk */
const SAME_BOARD_MM = 30
const HELD_ABOVE_MM = 50
const routineReasons: readonly OutletReasonKey[] = ['stage', 'too-deep']

/**
 * The height at which a person should set the board, if it is worth a walk; null: it is right, or it has no board.
 * With an unknown board height only urgent work is requested.
 */
export function boardSetting(
  levelMm: number,
  target: PaddyTarget,
  x: {
    outlet: 'board' | 'gate' | 'none'
    boardMm: number | null
    isDraining: boolean
    isFinal: boolean
    storm: Storm | null
    stormMaxMm: number
    drain: Drain | null
  },
): Board | null {
  if (x.outlet !== 'board') return null
  const goal = targetBoard(levelMm, target, x)
  const mm = Math.round(Math.min(goal.mm, target.maxLevelMm))
  if (x.boardMm === null) {
    const isPressing = !routineReasons.includes(goal.reason) && (goal.mm > 0 || levelMm > PUDDLE_MM)
    return isPressing ? { mm, reason: goal.reason } : null
  }
  return Math.abs(mm - x.boardMm) < SAME_BOARD_MM ? null : { mm, reason: goal.reason }
}

function targetBoard(
  levelMm: number,
  target: PaddyTarget,
  x: Omit<Parameters<typeof boardSetting>[2], 'outlet' | 'boardMm'>,
): Board {
  if (target.isLocked)
    return { mm: Math.max(levelMm, target.targetBandMm?.[1] ?? 0) + HELD_ABOVE_MM, reason: 'herbicide' }
  if (x.drain?.reason === 'storm-room') return { mm: x.drain.toMm, reason: 'storm-room' }
  if (x.storm?.phase === 'now' || x.storm?.phase === 'ahead')
    return { mm: x.stormMaxMm, reason: 'storm-hold' }
  if (x.isDraining) return { mm: 0, reason: 'mid-season' }
  if (x.isFinal) return { mm: 0, reason: 'final' }
  // gradually: the board is lowered by the drainage of one day
  if (x.drain?.reason === 'storm-release') return { mm: x.drain.toMm, reason: 'storm-release' }
  return { mm: target.drainAboveMm, reason: 'stage' }
}
