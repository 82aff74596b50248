/**
 * Evaluates every enabled output every five minutes, writes its state, and its next run where it should be on.
 * Dispatch opens runs under its interlocks; without this job an output switches off within one run.
 */
import { randomUUID } from 'node:crypto'
import {
  DAY_MS,
  dayOf,
  HOUR_MS,
  MINUTE_MS,
  startOfDay,
  type AtMs,
  type Clock,
} from '../../../broker/contract/time.ts'
import type { Bus, Job, Logger, SeriesStore, State } from '../../ports.ts'
import { inOrg } from '../../runtime/transactions.ts'
import {
  readOutputReason,
  toJson,
  type FarmRow,
  type FieldRow,
  type AuxOutputRow,
  type OutputReason,
  type AuxOutputRunRow,
} from '../../tables.ts'
import { publishChange } from '../../runtime/change-events.ts'
import { readNoEntryWindows } from '../pest/read-field.ts'
import { readAirNow } from '../pest/read-station.ts'
import { decideOutput, type OutputConditions } from './decide-output.ts'
import { nextOutputRun, usedMinutes, type OutputRunChanges } from './next-output-run.ts'

const EVERY_MS = 5 * MINUTE_MS
/** No air is moved before a spray either: droplets would dry or drift. */
const BEFORE_SPRAY_MS = HOUR_MS
const RUN_RETENTION_MS = 90 * DAY_MS

interface Deps {
  state: State
  series: SeriesStore
  bus: Bus
  clock: Clock
  log: Logger
}

/**
 * The error of one output is logged and does not affect the others. Once a day it deletes runs older than 90 days.
 */
export const outputsJob = (deps: Deps): Job => ({
  name: 'outputs',
  lastDue: (nowMs) => Math.floor(nowMs / EVERY_MS) * EVERY_MS,
  async run() {
    await evaluateOutputs(deps)
  },
})

/** Evaluates all enabled outputs once. */
async function evaluateOutputs(deps: Deps): Promise<void> {
  const { state, clock, log } = deps
  const nowMs = clock.now()
  const outputs = await state
    .selectFrom('auxOutput')
    .selectAll()
    .where('isOn', '=', 1)
    .orderBy('id')
    .execute()
  const changed = new Map<string, Set<string>>()
  for (const output of outputs)
    try {
      if (await evaluateOutput(deps, output, nowMs))
        changed.set(output.org, (changed.get(output.org) ?? new Set()).add(output.fieldId))
    } catch (error) {
      log.error(
        { output: output.id, error },
        'an output could not be evaluated; it is retried at the next run',
      )
    }
  for (const [org, fields] of changed) await publish(deps, org, [...fields])
  if (nowMs % DAY_MS < EVERY_MS)
    await state
      .deleteFrom('auxOutputRun')
      .where('fromMs', '<', nowMs - RUN_RETENTION_MS)
      .execute()
}

/** True where dispatch has something to do, or a person something to see. */
async function evaluateOutput({ state, series }: Deps, output: AuxOutputRow, nowMs: AtMs): Promise<boolean> {
  const place = await readPlace(state, output)
  if (!place) return false
  const { farm, field } = place
  const { timeZone } = farm
  const turns = await state
    .selectFrom('auxOutputRun')
    .selectAll()
    .where('outputId', '=', output.id)
    .where('fromMs', '>=', nowMs - 2 * DAY_MS)
    .orderBy('fromMs')
    .execute()
  const used = usedMinutes(turns, startOfDay(dayOf(nowMs, timeZone), timeZone))
  const conditions: OutputConditions = {
    nowMs,
    timeZone,
    usedMinutes: used,
    place: { latDeg: farm.latDeg, lonDeg: farm.lonDeg, elevationM: farm.elevationM },
    trackers: await state
      .selectFrom('degreeDayTracker')
      .selectAll()
      .where('fieldId', '=', field.id)
      .execute(),
    air: await readAirNow({ state, series }, field, nowMs),
    sprayUntilMs: await sprayUntilMs(state, field, nowMs),
    isOnNow: turns.some((turn) => turn.state === 'sent'),
  }
  const verdict = decideOutput(output, conditions)
  const lookAgainMs = nowMs + EVERY_MS
  const context = { nowMs, lookAgainMs, timeZone, usedMinutes: used, newId: randomUUID }
  const reason = toJson<OutputReason>({ key: verdict.key, params: verdict.params })
  return write(state, output, reason, nextOutputRun(output, turns, verdict, context))
}

async function readPlace(
  state: State,
  { org, farmId, fieldId }: AuxOutputRow,
): Promise<{ farm: FarmRow; field: FieldRow } | null> {
  const readRow = <T extends 'farm' | 'field'>(table: T, id: string) =>
    state
      .selectFrom(table as 'farm')
      .selectAll()
      .where('org', '=', org)
      .where('id', '=', id)
      .executeTakeFirst()
  const farm = await readRow('farm', farmId)
  const field = (await readRow('field', fieldId)) as unknown as FieldRow | undefined
  return farm && field ? { farm, field } : null
}

async function sprayUntilMs(state: State, { org, id }: FieldRow, nowMs: AtMs): Promise<AtMs | null> {
  const restrictions = await readNoEntryWindows(state, org, [id], nowMs)
  const now = restrictions.filter(({ fromMs, toMs }) => fromMs - BEFORE_SPRAY_MS <= nowMs && nowMs < toMs)
  return now.length === 0 ? null : Math.max(...now.map(({ toMs }) => toMs))
}

async function write(
  state: State,
  output: AuxOutputRow,
  reason: NonNullable<AuxOutputRow['reason']>,
  { insert, end, skip }: OutputRunChanges,
): Promise<boolean> {
  const isUnchanged =
    output.reason !== null && readOutputReason(output.reason).key === readOutputReason(reason).key
  await inOrg(state, output.org, async (rows) => {
    if (output.reason !== reason)
      await rows.updateTable('auxOutput').set({ reason }).where('id', '=', output.id).execute()
    if (insert) await rows.insertInto('auxOutputRun').values(insert).execute()
    await set(end, 'sent', 'ending')
    await set(skip, 'due', 'skipped')
    async function set(ids: string[], from: AuxOutputRunRow['state'], to: AuxOutputRunRow['state']) {
      if (ids.length === 0) return
      const { key } = readOutputReason(reason)
      await rows
        .updateTable('auxOutputRun')
        .set({ state: to, endReason: key })
        .where('id', 'in', ids)
        .where('state', '=', from)
        .execute()
    }
  })
  return !isUnchanged || insert !== null || end.length > 0 || skip.length > 0
}

async function publish({ bus, clock, log }: Deps, org: string, fields: string[]): Promise<void> {
  // the planner recognises its own events by this prefix, and does not run again
  const change = { event: 'plan', atMs: clock.now(), fields, id: 'plan:outputs' } as const
  await publishChange(bus, org, change).catch((error: unknown) =>
    log.warn({ error, org }, 'a change of outputs could not be published'),
  )
}
