/**
 * The advice of a paddy: its status, its message, the terms of its decision. The caller supplies the run, if
 * there is one.
 */
import type { FieldStatus, Decision, DecisionTerm } from '../../tables.ts'
import type { PlannedRun, Verdict } from '../advice/decision.ts'
import { counterfactual, verdict } from '../advice/decision.ts'
import { levelAfterFillMm, STRESS_BELOW_MM, type PaddyPlan } from './paddy-plan.ts'
import { toM3 } from './storm.ts'
import { tenth } from '../../runtime/math.ts'

export type AdviceText = {
  status: FieldStatus
  verdict: Verdict
  counterfactuals: Decision['counterfactuals']
}

/** All advice except a run of the inlet: none is planned, or it is blocked. Null: a fill is needed. */
export function describeWithoutFill(plan: PaddyPlan, areaM2: number): AdviceText | null {
  const { levelMm, now } = plan
  const [loMm, hiMm] = plan.targetBandMm ?? [null, null]
  const band = { levelMm, loMm, hiMm }
  const below = counterfactual('level-below', { mm: loMm })
  const leak = describeLeak(plan)
  // a leak is shown before any refill
  if (leak) return leak
  const { storm } = plan
  if (storm?.phase === 'now')
    return {
      status: 'ok',
      verdict: verdict('paddy-storm', {
        levelMm,
        m3: Math.round(toM3(storm.keptMm, areaM2)),
        farmM3: Math.round(storm.farmKeptM3),
        roomMm: tenth(storm.room.roomMm),
      }),
      counterfactuals: counterfactual('level-above', { mm: tenth(levelMm + storm.room.roomMm) }),
    }
  if (plan.verdict === 'fill') return null
  if (plan.board)
    return {
      status: plan.board.reason === 'stage' ? 'soon' : 'act',
      verdict: verdict('paddy-board', { boardMm: plan.board.mm, levelMm, reason: plan.board.reason }),
      counterfactuals: null,
    }
  if (storm?.phase === 'ahead')
    return {
      status: 'soon',
      verdict: verdict('paddy-storm-ahead', {
        levelMm,
        mm: tenth(storm.mm),
        roomMm: tenth(storm.room.roomMm),
        fromMs: storm.fromMs,
        m3: Math.round(toM3(Math.min(storm.room.roomMm, storm.mm), areaM2)),
      }),
      counterfactuals: null,
    }
  if (isTooDry(plan))
    return {
      status: 'act',
      verdict: verdict('paddy-too-dry', band),
      counterfactuals: counterfactual('level-above', { mm: loMm! - STRESS_BELOW_MM }),
    }
  if (plan.hold && plan.verdict !== 'rain')
    return {
      status: 'ok',
      verdict: verdict('paddy-locked', { levelMm, ...plan.hold }),
      counterfactuals: below,
    }
  if (plan.drainage) {
    const { day, days, dryDays } = plan.drainage
    return {
      status: plan.verdict === 'wet' ? 'wet' : 'ok',
      verdict: verdict('paddy-drainage', { levelMm, day, days, dryDays }),
      counterfactuals: counterfactual('stage-change', {}),
    }
  }
  switch (plan.verdict) {
    case 'wet':
      return {
        status: 'wet',
        verdict: verdict('paddy-wet', band),
        counterfactuals: counterfactual('level-below', { mm: hiMm ?? 0 }),
      }
    case 'no-fill':
      return {
        status: 'ok',
        verdict:
          now.stage === 'mid-season-drainage'
            ? verdict('paddy-drainage', { levelMm, day: null, days: null, dryDays: null })
            : verdict('paddy-final', { levelMm }),
        counterfactuals: counterfactual('stage-change', {}),
      }
    case 'rain':
      return {
        status: 'soon',
        verdict: verdict('rain-coming', {
          loMm: plan.rain!.loMm,
          hiMm: plan.rain!.hiMm,
          byMs: plan.rain!.byMs,
        }),
        counterfactuals: below,
      }
    case 'hold':
      if (plan.target.cold)
        return {
          status: 'ok',
          verdict: verdict('paddy-cold', { ...band, meanC: plan.target.cold.meanC }),
          counterfactuals: below,
        }
      return { status: 'ok', verdict: verdict('paddy-hold', band), counterfactuals: below }
    case 'ok':
      return { status: 'ok', verdict: verdict('paddy-ok', band), counterfactuals: below }
    case 'soon':
      return {
        status: 'soon',
        verdict: verdict('paddy-soon', { ...band, days: plan.daysToLow }),
        counterfactuals: below,
      }
  }
}

/** So far below its band that rice is stressed, or that the gauge is wrong; before the harvest that is wanted. */
const isTooDry = ({ levelMm, targetBandMm, now }: PaddyPlan): boolean =>
  targetBandMm !== null && now.stage !== 'final-drainage' && levelMm < targetBandMm[0] - STRESS_BELOW_MM

const describeLeak = ({ now: { loss } }: PaddyPlan): AdviceText | null =>
  loss?.isHigh !== true
    ? null
    : {
        status: 'act',
        verdict: verdict('paddy-leak', { lossMm: tenth(loss.nowMmD), usualMm: tenth(loss.usualMmD) }),
        counterfactuals: null,
      }

/** The message for a run of the inlet or the outlet. `way`: the party that opens it. */
export function describeRun(
  plan: PaddyPlan,
  run: PlannedRun,
  way: 'auto' | 'approve' | 'manual',
  isOutlet: boolean,
): AdviceText {
  const end = ({ auto: '', approve: '-approve', manual: '-manual' } as const)[way]
  const { levelMm, drain } = plan
  const [loMm, hiMm] = plan.targetBandMm ?? [null, null]
  const shared = { mm: run.grossMm, minutes: run.minutes, atMs: run.startMs, levelMm }
  const status = way === 'auto' ? 'soon' : 'act'
  if (isOutlet)
    return {
      status,
      verdict: verdict(`paddy-drain${end}`, {
        ...shared,
        toMm: drain?.toMm ?? null,
        reason: drain?.reason ?? null,
      }),
      counterfactuals: null,
    }
  return {
    status,
    verdict: verdict(`paddy-fill${end}`, {
      ...shared,
      toMm: levelAfterFillMm(plan, run.netMm),
      loMm,
      hiMm,
      lossMm: plan.low?.lossMm ?? null,
      lowMm: plan.low?.levelMm ?? null,
      lowAtMs: plan.low?.atMs ?? null,
    }),
    counterfactuals:
      plan.rainToSkipMm === null
        ? null
        : counterfactual('rain-over', { mm: plan.rainToSkipMm, byMs: run.startMs }),
  }
}

/** The terms with the reasons, before those that add up: at most two, the most important first. */
export function reasonTerms(plan: PaddyPlan, areaM2: number): DecisionTerm[] {
  const { now, target, storm, drainage } = plan
  const [loMm, hiMm] = plan.targetBandMm ?? [null, null]
  const terms: DecisionTerm[] = [
    {
      key: 'paddy-stage',
      mm: null,
      params: { stage: now.stage, reason: target.reason, from: now.from, loMm, hiMm },
    },
  ]
  if (plan.calculatedDays !== null)
    terms.push({ key: 'level-calculated', mm: null, params: { day: now.levelDay } })
  if (storm)
    terms.push({
      key: 'storm-room',
      mm: null,
      params: {
        roomMm: tenth(storm.room.roomMm),
        stormMm: tenth(storm.mm),
        m3: Math.round(
          toM3(storm.phase === 'ahead' ? Math.min(storm.room.roomMm, storm.mm) : storm.keptMm, areaM2),
        ),
        reason: ({ ahead: 'storm-room', now: 'storm-hold', after: 'storm-release' } as const)[storm.phase],
      },
    })
  if (drainage?.creditDays != null)
    terms.push({ key: 'credit-days', mm: null, params: { day: drainage.day, days: drainage.creditDays } })
  if (now.loss?.isHigh)
    terms.push({
      key: 'night-loss',
      mm: null,
      params: { lossMm: tenth(now.loss.nowMmD), usualMm: tenth(now.loss.usualMmD) },
    })
  if (target.hotMeanC !== null)
    terms.push({ key: 'paddy-hot', mm: null, params: { meanC: tenth(target.hotMeanC) } })
  return terms.slice(0, MAX_TERMS)
}
const MAX_TERMS = 2
