/**
 * The types of the API for the dashboard: SI units, mm for water, UTC epoch ms, the farm's time zone named.
 * Every value has its source. Texts travel as key and params, never as sentences. The dashboard imports the
 * types of this file and nothing else of the services.
 */

export type { ApiError } from './http/responses.ts'
export * from './irrigation/command-schemas.ts'
export * from './irrigation/comparison-schemas.ts'
export type { ClaimCode, LabelRead } from './devices/claim-schemas.ts'
export * from './devices/device-schemas.ts'
export * from './screens/field-schemas.ts'
export * from './models/forecast-schemas.ts'
export type { Me, OpenSession } from './auth/session-schemas.ts'
export type { TrustView } from './trust/trust-schemas.ts'
export type { Holding } from './farms/holding-schemas.ts'
export * from './models/model-schemas.ts'
export * from './irrigation/plan-schemas.ts'
export * from './screens/today-schemas.ts'
export * from './http/validation/value-schemas.ts'
export * from './farms/zone-schemas.ts'
// types only: the server validates the forms
export type { StrategyForm, StrategyView, WaterPriceForm } from './irrigation/strategy-schemas.ts'
export type { PastTreatment, PestControlView, TreatmentView } from './pests/treatment-schemas.ts'
export type { ImportPreview, ProductList, ProductView } from './pests/product-schemas.ts'
export type { Hazard, PestsView, Receipt, SprayView, TrapView } from './pests/pest-schemas.ts'
export type {
  Invitation,
  InvitationCode,
  InvitationDetails,
  MembersImported,
  MembersPreview,
  Membership,
  OwnOrganisation,
  AdviceRecipients,
} from './co-op/co-op-schemas.ts'
export type { AuditLine, AuditVerdict } from './audit/audit-schemas.ts'
export type { FieldWorkList, FieldWorkView, NewFieldWork } from './records/field-work-schemas.ts'
export type { DeadLetterGroup, DeadLetterView } from './devices/dead-letter-schemas.ts'
export type {
  ForeignValveList,
  ForeignValveView,
  ValveDriverChoice,
} from './foreign-valves/foreign-valve-schemas.ts'
export type { ForeignDevice } from './integrations/foreign-device-schemas.ts'
export type {
  IntegrationCredentials,
  IntegrationList,
  IntegrationView,
} from './integrations/integration-schemas.ts'
export type {
  AddressRead,
  ProfileFit,
  ProfileList,
  UnassignedDevice,
  UnassignedList,
} from './integrations/unassigned-schemas.ts'
export type { UnreadMessages } from './integrations/unread-schemas.ts'
export type { MemberView } from './auth/account-schemas.ts'
export type { IrrigationList, IrrigationView, NewIrrigation } from './irrigation/irrigation-schemas.ts'
export type {
  TestNotificationResult,
  NotificationSettings,
  ChannelStatus,
  NotificationPreferenceForm,
} from './notifications/notification-schemas.ts'
export type { OutputList, OutputPatch, OutputView } from './devices/output-schemas.ts'
export type { PaddyView, TaskView } from './paddies/paddy-schemas.ts'
export type { PasswordLink, PasswordLinkOwner } from './auth/password-schemas.ts'
export type { PersonPreferences } from './auth/person-schemas.ts'
export type { RecordPhoto } from './photos/photo-schemas.ts'
export type { PumpPatch } from './farms/pump-update.ts'
export type {
  FieldHarvests,
  MemberReport,
  NewLoad,
  ReportOrder,
  SealView,
  SeasonReportView,
  YieldMapView,
} from './reports/report-schemas.ts'
export type { MapView, ShapePreview } from './farms/shape-schemas.ts'
