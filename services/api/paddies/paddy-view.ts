/** One paddy: its construction, its drainage by day, its losses, and its storage for a storm. */
import { dayOf, daysBetween, type AtMs } from '../../../broker/contract/time.ts'
import { depthsOf } from '../../agronomy/paddy/depths.ts'
import { creditDays, DEFAULT_DRY_DAYS } from '../../agronomy/paddy/drainage.ts'
import { holdDay, maxPondingMm } from '../../agronomy/paddy/defaults.ts'
import {
  readPaddyBands,
  readPaddyNow,
  readTaskParams,
  type FieldDayRow,
  type FieldRow,
  type FieldStateRow,
  type PaddyRow,
  type SeasonRow,
  type TaskRow,
} from '../../tables.ts'
import type { PaddyView, TaskView } from './paddy-schemas.ts'

export interface PaddyRows {
  field: FieldRow
  timeZone: string
  paddy: PaddyRow
  season: SeasonRow | null
  state: FieldStateRow | null
  days: Pick<FieldDayRow, 'day' | 'levelMm'>[] // of its drainage, in order
  tasks: TaskRow[]
}

/**
 * Levels in mm above the soil surface. `storage`: the room for a storm in mm and m3, null while the water level or
 * the stage is unknown.
 */
export function paddyView(rows: PaddyRows, nowMs: AtMs): PaddyView {
  const { field, paddy, state, season, timeZone } = rows
  const now = state?.paddy ? readPaddyNow(state.paddy) : null
  const depths = now && depthsOf(now.stage, paddy.bands === null ? null : readPaddyBands(paddy.bands))
  const levelMm = state?.levelMm ?? null
  const today = dayOf(nowMs, timeZone)
  const heldTarget =
    season &&
    holdDay(
      {
        sinceHerbicideDays: paddy.herbicideDay === null ? null : daysBetween(paddy.herbicideDay, today),
        sinceTransplantingDays: daysBetween(season.plantedDay, today),
      },
      paddy.holdDays,
    )
  const m3 = (mm: number): number => Math.round((mm * field.areaM2) / 1000)
  const roomMm =
    depths && levelMm !== null
      ? Math.max(0, Math.min(depths.stormMaxMm, maxPondingMm(paddy)) - Math.max(0, levelMm))
      : null
  const { drainage } = now ?? { drainage: null }
  return {
    fieldId: field.id,
    bundMm: paddy.bundMm,
    freeboardMm: paddy.freeboardMm,
    outlet: paddy.outlet,
    boardMm: paddy.boardMm,
    storm: paddy.storm,
    herbicide: heldTarget === null ? null : { day: heldTarget, days: paddy.holdDays },
    stage: now?.stage ?? null,
    stageFrom: now?.from ?? null,
    drainage: drainage && {
      fromDay: drainage.fromDay,
      lastDay: drainage.lastDay,
      days: drainage.days,
      dryDays: drainage.dryDays,
      unknownDays: drainage.unknownDays,
      targetDays: paddy.dryDays ?? DEFAULT_DRY_DAYS,
      creditDays: creditDays({
        dryDays: paddy.dryDays ?? DEFAULT_DRY_DAYS,
        baselineDays: paddy.baselineDays,
      }),
      ended: drainage.endReason,
      levels: rows.days.map(({ day, levelMm: mm }) => ({
        day,
        levelMm: mm === null ? null : Math.round(mm),
      })),
    },
    loss: now?.loss ?? null,
    inletMmH: now?.inletMmH ?? null,
    outletMmH: now?.outletMmH ?? null,
    storage:
      roomMm === null || levelMm === null || !depths
        ? null
        : {
            roomMm,
            roomM3: m3(roomMm),
            keptM3: m3(Math.max(0, levelMm - Math.max(0, depths.targetBandMm?.[1] ?? 0))),
          },
    tasks: rows.tasks.map(taskView),
  }
}

export const taskView = ({
  id,
  fieldId,
  kind,
  params,
  state,
  dueMs,
  createdAtMs,
  endedAtMs,
}: TaskRow): TaskView => ({
  id,
  fieldId,
  kind,
  params: readTaskParams(params),
  dueMs,
  createdAtMs,
  doneAtMs: state === 'done' ? endedAtMs : null,
})
