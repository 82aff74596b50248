/**
 * Row types of the state store, by area in tables/. Portable column types only: text, integer, bigint (ms), double,
 * JSON as text; booleans are 0 or 1. The baseline in adapters/migrations/ creates exactly these tables. In SQL the
 * names are snake_case.
 *
 * `org` is the organisation's name in topics (better-auth's organization.slug). Organisations never share a row.
 */
import type { FarmRow, FieldLineageRow, FieldRow, SeasonRow } from './tables/farm.ts'
import type { ZoneRow, PumpRow } from './tables/water.ts'
import type {
  ClaimRow,
  DeadLetterRow,
  DevicePhotoRow,
  DeviceRow,
  IngestNoteRow,
  ValveSequenceRow,
  ValveStateRow,
} from './tables/device.ts'
import type { FieldDayRow, FieldStateRow } from './tables/field-state.ts'
import type {
  AssignedAddressRow,
  HiddenAddressRow,
  UnassignedMessageRow,
  IntegrationRow,
  IntegrationTrafficRow,
  StoredMessageRow,
} from './tables/integration.ts'
import type { ForeignControllerRow, ForeignValveRow } from './tables/foreign-valve.ts'
import type { FieldWaterRow } from './tables/field-water.ts'
import type { PaddyRow } from './tables/paddy.ts'
import type { AdviceRow, DecisionRow, TaskRow } from './tables/advice.ts'
import type { RunRow, RequestRow, CommandRow, IrrigationRow, UnfinishedRunDecisionRow } from './tables/run.ts'
import type { ConsentRow, InvitationCodeRow, MembershipRow } from './tables/co-op.ts'
import type { AlertRow, AuditRow, JobRunRow, SettingRow } from './tables/server.ts'
import type { SoilCalibrationRow, ModelRow, PredictionRow } from './tables/model.ts'
import type { DegreeDayTrackerRow, DiseaseDayRow, PestEconomicsRow } from './tables/risk.ts'
import type { ProductRow, ProductUseRow, TreatmentRow } from './tables/treatment.ts'
import type { HarvestLoadRow } from './tables/harvest.ts'
import type { FieldWorkRow } from './tables/field-work.ts'
import type { RecordPhotoRow } from './tables/record-photo.ts'
import type { ReportOrderRow } from './tables/report-order.ts'
import type { ForecastDayRow, ForecastSkillRow } from './tables/forecast.ts'
import type { FixedScheduleRow, WaterComparisonRow } from './tables/water-comparison.ts'
import type { AuxOutputRow, AuxOutputRunRow } from './tables/output.ts'
import type { PasswordLinkRow, PersonRow } from './tables/person.ts'
import type { ScoutingCountRow } from './tables/scouting-count.ts'
import type { StrategyRow } from './tables/strategy.ts'
import type {
  NotificationRow,
  NotificationPreferenceRow,
  PushDeviceRow,
  WebhookRow,
} from './tables/notification.ts'

export * from './tables/advice.ts'
export * from './tables/device.ts'
export * from './tables/farm.ts'
export * from './tables/field-state.ts'
export * from './tables/field-water.ts'
export * from './tables/field-work.ts'
export * from './tables/forecast.ts'
export * from './tables/foreign-valve.ts'
export * from './tables/harvest.ts'
export * from './tables/integration.ts'
export { toJson, unlessInvalid, type Json, type Params } from './tables/json.ts'
export * from './tables/model.ts'
export * from './tables/notification.ts'
export * from './tables/output.ts'
export * from './tables/paddy.ts'
export * from './tables/person.ts'
export * from './tables/record-photo.ts'
export * from './tables/report-order.ts'
export * from './tables/risk.ts'
export * from './tables/run.ts'
export * from './tables/server.ts'
export * from './tables/strategy.ts'
export * from './tables/treatment.ts'
export * from './tables/water.ts'
export * from './tables/water-comparison.ts'
export type * from './tables/co-op.ts'
export type * from './tables/scouting-count.ts'

/** Every table by its name. */
export interface Tables {
  farm: FarmRow
  field: FieldRow
  fieldLineage: FieldLineageRow
  season: SeasonRow
  harvestLoad: HarvestLoadRow
  fieldWork: FieldWorkRow
  recordPhoto: RecordPhotoRow
  reportOrder: ReportOrderRow
  degreeDayTracker: DegreeDayTrackerRow
  zone: ZoneRow
  pump: PumpRow
  device: DeviceRow
  claim: ClaimRow
  devicePhoto: DevicePhotoRow
  valveState: ValveStateRow
  valveSequence: ValveSequenceRow
  ingestNote: IngestNoteRow
  deadLetter: DeadLetterRow
  integration: IntegrationRow
  integrationTraffic: IntegrationTrafficRow
  hiddenAddress: HiddenAddressRow
  unassignedMessage: UnassignedMessageRow
  assignedAddress: AssignedAddressRow
  storedMessage: StoredMessageRow
  foreignController: ForeignControllerRow
  foreignValve: ForeignValveRow
  fieldDay: FieldDayRow
  fieldState: FieldStateRow
  fieldWater: FieldWaterRow
  advice: AdviceRow
  decision: DecisionRow
  run: RunRow
  request: RequestRow
  command: CommandRow
  irrigation: IrrigationRow
  alert: AlertRow
  audit: AuditRow
  soilCalibration: SoilCalibrationRow
  model: ModelRow
  prediction: PredictionRow
  diseaseDay: DiseaseDayRow
  paddy: PaddyRow
  task: TaskRow
  product: ProductRow
  productUse: ProductUseRow
  treatment: TreatmentRow
  forecastDay: ForecastDayRow
  forecastSkill: ForecastSkillRow
  fixedSchedule: FixedScheduleRow
  waterComparison: WaterComparisonRow
  pestEconomics: PestEconomicsRow
  auxOutput: AuxOutputRow
  auxOutputRun: AuxOutputRunRow
  strategy: StrategyRow
  scoutingCount: ScoutingCountRow
  notificationPreference: NotificationPreferenceRow
  pushDevice: PushDeviceRow
  webhook: WebhookRow
  notification: NotificationRow
  person: PersonRow
  passwordLink: PasswordLinkRow
  unfinishedRunDecision: UnfinishedRunDecisionRow
  membership: MembershipRow
  consent: ConsentRow
  invitationCode: InvitationCodeRow
  jobRun: JobRunRow
  setting: SettingRow
}
