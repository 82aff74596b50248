/**
 * A paddy's season, advanced day by day: its development, the stage by development and by reports, and its mid-season
 * drainage.
 */
import { nextDrainage, type Drainage, type DrainageTarget } from './drainage.ts'
import { assertNumbers } from '../finite.ts'
import {
  developmentOf,
  HEADING_CD,
  stageAt,
  startOfStage,
  type GrowthInputs,
  type PaddyStage,
} from './stages.ts'

export interface PaddySeason {
  stage: PaddyStage
  from: 'heat' | 'calendar' | 'person'
  development: number // 0 transplanted, 1 heading, 2 ripe
  /** shift of the development by a person's report, and the key of that report */
  developmentShift: number
  lastReport: string | null
  drainage: Drainage | null // null: not started
}

export interface SeasonDay extends GrowthInputs {
  day: string
  levelMm: number | null // at the end of the day
  headingCd: number | null // of the variety; null: default
  /** a person reported the start of a stage `daysAgo`; null, or a future day (below 0): no report */
  reported: { stage: PaddyStage; day: string; daysAgo: number } | null
  hasTillers: boolean
  isCracked: boolean
  isHeld: boolean
}

const DEFAULT_RATE = 1 / 75 // development a day

/** The season at the end of a day, from that of the day before; null for the day of transplanting. */
export function nextSeason(before: PaddySeason | null, x: SeasonDay, target: DrainageTarget): PaddySeason {
  assertNumbers(x)
  const growth = developmentOf(x, x.headingCd ?? HEADING_CD)
  const report = x.reported !== null && x.reported.daysAgo >= 0 ? x.reported : null
  const reportKey = report && `${report.stage}@${report.day}`
  const isNewReport = report !== null && reportKey !== (before?.lastReport ?? null)
  const developmentShift = isNewReport
    ? stageShift(report, growth.development + (before?.developmentShift ?? 0), growth.development)
    : (before?.developmentShift ?? 0)
  const shifted = Math.min(2, Math.max(0, growth.development + developmentShift))
  // replacing a degree-day sum by the calendar must not reduce the development
  const development = isNewReport ? shifted : Math.max(shifted, before?.development ?? 0)
  const drainage = nextDrainage(
    before?.drainage ?? null,
    {
      day: x.day,
      development,
      levelMm: x.levelMm,
      hasTillers: x.hasTillers,
      isCracked: x.isCracked,
      isHeld: x.isHeld,
      reported: reportedDrainage(report?.stage ?? null),
    },
    target,
  )
  return {
    stage: stageAt(development, {
      isDraining: drainage !== null && (drainage.lastDay === null || drainage.lastDay === x.day),
      hasDrained: drainage?.lastDay != null,
    }),
    from: developmentShift === 0 ? growth.from : 'person',
    development,
    developmentShift,
    lastReport: reportKey ?? before?.lastReport ?? null,
    drainage,
  }
}

/**
 * Drainage is a state of the field, at any development that allows it; any other stage is a development of the rice.
 */
function stageShift(report: { stage: PaddyStage; daysAgo: number }, now: number, growth: number): number {
  const isDrainage = report.stage === 'mid-season-drainage' || report.stage === 'intermittent'
  const isPossible = now >= startOfStage('tillering') && now < startOfStage('panicle')
  if (isDrainage && isPossible) return now - growth
  return Math.min(2, startOfStage(report.stage) + report.daysAgo * DEFAULT_RATE) - growth
}

function reportedDrainage(stage: PaddyStage | null): 'under-way' | 'over' | null {
  if (stage === 'mid-season-drainage') return 'under-way'
  return stage !== null && startOfStage(stage) >= startOfStage('intermittent') ? 'over' : null
}
