/**
 * Checks whether a schedule keeps every rule. Written from the rules alone and in the simplest form, so that an
 * error of a planner is not repeated here: it shares only types with them.
 */
import { runSync, type CooperativeTask } from '../../runtime/cooperative.ts'
import type { Job, Placement, Problem, Span } from './types.ts'

export type ScheduleRule =
  | 'known-job' // each job is placed at most once, and is one of the problem's
  | 'whole-minutes'
  | 'not-before-now'
  | 'not-more-than-wanted'
  | 'minimum-run'
  | 'hours' // the window, the wind, the frost, the rotation, the labour
  | 'one-opening' // without cycles
  | 'cycle-length'
  | 'soak'
  | 'capacity'
  | 'open-valves'
  | 'quota'
  | 'dosing-parts' // a leading and a flushing part of plain water
  | 'dosing-alone' // no other zone of the unit is open while one is fed
  | 'dosing-order'
  | 'limit-missing' // a reduced run has its reason

export interface Violation {
  rule: ScheduleRule
  jobId: string
  text: string
}

const MINUTE = 60_000
const LITRE = 1e-6 // of a sum of products
const minutesOf = (span: Span): number => (span.toMs - span.fromMs) / MINUTE
const overlap = (a: Span, b: Span): boolean => a.fromMs < b.toMs && b.fromMs < a.toMs

interface Open extends Span {
  job: Job | null // null: a fixed flow
  path: readonly string[]
  flowLpm: number
}

/** Every rule that the schedule breaks; none: it is feasible. */
export const violations = (problem: Problem, placements: readonly Placement[]): Violation[] =>
  runSync(violationsTask(problem, placements))

/** As `violations`, cooperatively. */
export function* violationsTask(
  problem: Problem,
  placements: readonly Placement[],
): CooperativeTask<Violation[]> {
  const violations: Violation[] = []
  const reportViolation = (rule: ScheduleRule, jobId: string, text: string): void =>
    void violations.push({ rule, jobId, text })
  const allOpenings: Open[] = problem.fixedFlows.map((flow) => ({ ...flow, job: null }))
  const jobs = new Map(problem.jobs.map((job) => [job.id, job]))
  const placedIds = new Set<string>()
  for (const { jobId, openings, limit } of placements) {
    const job = jobs.get(jobId)
    if (!job || placedIds.has(jobId)) {
      reportViolation('known-job', jobId, job ? 'placed twice' : 'unknown job')
      continue
    }
    placedIds.add(jobId)
    checkAlone(problem, job, openings, reportViolation)
    const givenMinutes = openings.reduce((sum, opening) => sum + minutesOf(opening), 0)
    if (givenMinutes < job.minutes && limit === null)
      reportViolation('limit-missing', jobId, `${givenMinutes} of ${job.minutes} minutes, and no limit`)
    for (const opening of openings)
      allOpenings.push({ ...opening, job, path: job.path, flowLpm: job.flowLpm })
    yield
  }
  for (const job of problem.jobs)
    if (!placedIds.has(job.id)) reportViolation('limit-missing', job.id, 'not placed, and no limit')
  yield* checkResources(problem, allOpenings, reportViolation)
  yield* checkDosing(problem, allOpenings, reportViolation)
  return violations
}

type ReportViolation = (rule: ScheduleRule, jobId: string, text: string) => void

/** The rules of a job's openings that do not depend on other flows. */
function checkAlone(
  problem: Problem,
  job: Job,
  openings: readonly Span[],
  reportViolation: ReportViolation,
): void {
  let total = 0
  for (const [i, opening] of openings.entries()) {
    const minutes = minutesOf(opening)
    total += minutes
    if (!Number.isInteger(minutes) || !Number.isInteger(opening.fromMs / MINUTE))
      reportViolation('whole-minutes', job.id, `${minutes} minutes from ${opening.fromMs}`)
    if (opening.fromMs < problem.fromMs)
      reportViolation('not-before-now', job.id, `opens at ${opening.fromMs}, it is ${problem.fromMs}`)
    if (minutes < Math.max(1, job.minMinutes))
      reportViolation('minimum-run', job.id, `${minutes} minutes, at least ${job.minMinutes}`)
    for (const rule of job.rules) {
      const isInside = rule.spans.some((span) => span.fromMs <= opening.fromMs && opening.toMs <= span.toMs)
      if (!isInside) reportViolation('hours', job.id, `${rule.limit}: ${opening.fromMs} to ${opening.toMs}`)
    }
    if (job.cycle && minutes > job.cycle.maxMinutes)
      reportViolation('cycle-length', job.id, `${minutes} minutes, at most ${job.cycle.maxMinutes}`)
    const before = openings[i - 1]
    if (before && opening.fromMs - before.toMs < (job.cycle?.soakMinutes ?? 0) * MINUTE)
      reportViolation('soak', job.id, `shut for ${(opening.fromMs - before.toMs) / MINUTE} minutes`)
    if (before && opening.fromMs < before.toMs) reportViolation('soak', job.id, 'openings overlap')
    const { dosing } = job
    if (dosing && dosing.order !== null && minutes <= dosing.leadMinutes + dosing.flushMinutes)
      reportViolation('dosing-parts', job.id, `${minutes} minutes leave none to feed in`)
  }
  if (total > job.minutes)
    reportViolation('not-more-than-wanted', job.id, `${total} of ${job.minutes} minutes`)
  if (!job.cycle && openings.length > 1) reportViolation('one-opening', job.id, `${openings.length} openings`)
}

/** Flow and valves at every instant of a planned opening, and the water of every quota. */
function* checkResources(
  problem: Problem,
  openings: readonly Open[],
  reportViolation: ReportViolation,
): CooperativeTask<void> {
  for (const opening of openings)
    for (const id of opening.job?.path ?? [])
      if (!problem.resources.some((resource) => resource.id === id))
        reportViolation('capacity', opening.job!.id, `${id} is unknown and delivers nothing`)
  for (const resource of problem.resources) {
    const through = openings
      .filter(({ path }) => path.includes(resource.id))
      .map((opening) => ({ ...opening, toMs: opening.toMs + resource.changeoverMs }))
    // flow and valves rise only where something opens
    for (const { fromMs: atMs } of through) {
      yield
      const together = through.filter(({ fromMs, toMs }) => fromMs <= atMs && atMs < toMs)
      const planned = together.filter(({ job }) => job !== null)
      // fixed flows may exceed the limit by themselves: that is not the plan's error
      if (planned.length === 0) continue
      const jobId = planned.at(-1)!.job!.id
      const flowLpm = together.reduce((sum, opening) => sum + opening.flowLpm, 0)
      if (flowLpm > resource.capacityLpm * (1 + 1e-6))
        reportViolation(
          'capacity',
          jobId,
          `${resource.id}: ${flowLpm} L/min of ${resource.capacityLpm} at ${atMs}`,
        )
      if (together.length > resource.maxOpen)
        reportViolation(
          'open-valves',
          jobId,
          `${resource.id}: ${together.length} of ${resource.maxOpen} at ${atMs}`,
        )
    }
    for (const quota of resource.quotas) {
      const countedOpenings = openings.filter(
        ({ job, path, fromMs }) =>
          job !== null && path.includes(resource.id) && quota.fromMs <= fromMs && fromMs < quota.toMs,
      )
      const litres = countedOpenings.reduce((sum, opening) => sum + minutesOf(opening) * opening.flowLpm, 0)
      if (countedOpenings.length > 0 && litres > quota.litres + LITRE * (1 + litres))
        reportViolation(
          'quota',
          countedOpenings.at(-1)!.job!.id,
          `${resource.id}: ${litres} of ${quota.litres} L`,
        )
    }
  }
}

/** Zones of one dosing unit, in pairs. */
function* checkDosing(
  problem: Problem,
  openings: readonly Open[],
  reportViolation: ReportViolation,
): CooperativeTask<void> {
  const feedOf = ({ job, fromMs, toMs }: Open): Span => ({
    fromMs: fromMs + job!.dosing!.leadMinutes * MINUTE,
    toMs: toMs - job!.dosing!.flushMinutes * MINUTE,
  })
  const dosed = openings.filter(({ job }) => job?.dosing && job.dosing.order !== null)
  for (const feeding of dosed) {
    const job = feeding.job!
    const feed = feedOf(feeding)
    yield
    for (const other of openings) {
      if (other.job === job || other.job?.dosing?.unitId !== job.dosing!.unitId) continue
      if (overlap(feed, other)) reportViolation('dosing-alone', job.id, `feeds ${other.job.id} too`)
      const { order } = other.job.dosing
      if (order !== null && order < job.dosing!.order! && feedOf(other).toMs > feed.fromMs)
        reportViolation('dosing-order', job.id, `is fed before ${other.job.id}`)
    }
  }
  for (const flow of problem.fixedFlows)
    for (const opening of openings)
      if (flow.unitId !== null && opening.job?.dosing?.unitId === flow.unitId && overlap(flow, opening))
        reportViolation('dosing-alone', opening.job.id, 'opens together with a fixed zone of its dosing unit')
}
