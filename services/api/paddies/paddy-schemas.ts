/** A paddy: settings and display. */
import Type, { type Static } from 'typebox'
import { paddyStages } from '../../agronomy/paddy/stages.ts'
import {
  AtMs,
  Day,
  Form,
  Id,
  Num,
  OneOf,
  OrNull,
  Params,
  Text,
  FutureInstant,
} from '../http/validation/schema-primitives.ts'

const Stage = OneOf(...paddyStages)
const LevelMm = Type.Number({ minimum: -1000, maximum: 1000 })
const HeightMm = Type.Number({ minimum: 0, maximum: 1000 })
// lower and upper level
const Band = Type.Array(LevelMm, { minItems: 2, maxItems: 2 })
const Bands = Type.Object(
  Object.fromEntries(paddyStages.map((stage) => [stage, Type.Optional(Band)])) as Record<
    (typeof paddyStages)[number],
    Type.TOptional<typeof Band>
  >,
  { additionalProperties: false },
)
const Days = Type.Integer({ minimum: 0, maximum: 60 })

/**
 * Observations and settings of a paddy; null clears one. Construction (bund, freeboard, outlet, bands, degree
 * days to heading) needs an agronomist; the rest an operator.
 */
export const PaddyPatch = Form(
  {
    bundMm: Type.Optional(Type.Number({ minimum: 50, maximum: 1000 })),
    freeboardMm: Type.Optional(HeightMm),
    outlet: Type.Optional(OneOf('board', 'gate', 'none')),
    bands: Type.Optional(OrNull(Bands)),
    headingCd: Type.Optional(OrNull(Type.Number({ minimum: 300, maximum: 3000 }))),
    boardMm: Type.Optional(OrNull(HeightMm)),
    stage: Type.Optional(OrNull(Form({ stage: Stage, fromDay: Day }))),
    dryDays: Type.Optional(OrNull(Days)),
    baselineDays: Type.Optional(OrNull(Type.Number({ minimum: 0, maximum: 60 }))),
    tillersDay: Type.Optional(OrNull(Day)),
    crackedDay: Type.Optional(OrNull(Day)),
    herbicideDay: Type.Optional(OrNull(Day)),
    holdDays: Type.Optional(Type.Integer({ minimum: 0, maximum: 30 })),
    observedLevelMm: Type.Optional(OrNull(LevelMm)), // now
    storm: Type.Optional(OneOf('off', 'approve', 'auto')),
    mayCoolAtNight: Type.Optional(Type.Boolean()),
    flushUntilMs: Type.Optional(OrNull(FutureInstant)),
  },
  { minProperties: 1 },
)
export type PaddyPatch = Static<typeof PaddyPatch>

export const TaskView = Type.Object({
  id: Id,
  fieldId: Id,
  kind: Text,
  params: Params,
  dueMs: OrNull(AtMs),
  createdAtMs: AtMs,
  doneAtMs: OrNull(AtMs), // null: open
})
export type TaskView = Static<typeof TaskView>

export const PaddyView = Type.Object({
  fieldId: Id,
  bundMm: Num,
  freeboardMm: Num,
  outlet: OneOf('board', 'gate', 'none'),
  boardMm: OrNull(Num),
  storm: OneOf('off', 'approve', 'auto'),
  herbicide: OrNull(Type.Object({ day: Num, days: Num })), // day n of n days
  stage: OrNull(Text), // null: no estimate yet
  stageFrom: OrNull(OneOf('heat', 'calendar', 'person')),
  /** evidence of mid-season drainage: its days, and the level at the end of each; null: not started */
  drainage: OrNull(
    Type.Object({
      fromDay: Day,
      lastDay: OrNull(Day),
      days: Num,
      dryDays: Num,
      unknownDays: Num,
      targetDays: Num,
      creditDays: OrNull(Num),
      ended: OrNull(Text),
      levels: Type.Array(Type.Object({ day: Day, levelMm: OrNull(Num) })),
    }),
  ),
  loss: OrNull(Type.Object({ usualMmD: Num, nowMmD: Num, isHigh: Type.Boolean() })),
  inletMmH: OrNull(Num),
  outletMmH: OrNull(Num),
  /** storage for a storm, within the limits of the stage and the bund; null when the level is unknown */
  storage: OrNull(Type.Object({ roomMm: Num, roomM3: Num, keptM3: Num })),
  tasks: Type.Array(TaskView),
})
export type PaddyView = Static<typeof PaddyView>
