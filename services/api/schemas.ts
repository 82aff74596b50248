/**
 * What the API says to the dashboard and to anyone's program: SI inside, mm for water, UTC epoch ms, the farm's zone
 * named. Every number says where it came from. Texts travel as key and params, never as sentences.
 * The dashboard imports the types of this file and nothing else of the services.
 */
import Type from 'typebox'
import { Params, Text } from './schema-parts.ts'

export * from './command-schemas.ts'
export * from './comparison-schemas.ts'
export type { ClaimCode, LabelRead } from './claim-forms.ts'
export * from './device-schemas.ts'
export * from './field-schemas.ts'
export * from './forecast-schemas.ts'
export * from './holding-schemas.ts'
export * from './model-schemas.ts'
export * from './plan-schemas.ts'
export * from './today-schemas.ts'
export * from './value-schemas.ts'
export * from './zone-schemas.ts'
// types alone: the forms of pest control are the server's own
export type { StrategyForm, StrategyView, WaterPriceForm } from './strategy-schemas.ts'
export type { PastTreatment, PestControlView, TreatmentView } from './pest-schemas.ts'
export type { ImportPreview, ProductList } from './product-schemas.ts'
export type { Hazard, PestsView, Received, SprayView, TrapView } from './pests-schemas.ts'
export type {
  Invitation,
  InvitationCode,
  InvitedTo,
  MembersImported,
  MembersPreview,
  Membership,
  OwnOrganisation,
  WhoIsTold,
} from './co-op/schemas.ts'
export type { AuditLine, AuditVerdict } from './audit-schemas.ts'
export type { FieldWorkList, FieldWorkView, NewFieldWork } from './field-work-schemas.ts'
export type { DeadLetterGroup, DeadLetterView, MemberView } from './forms.ts'
export type { IrrigationList, IrrigationView, NewIrrigation } from './irrigation-schemas.ts'
export type { NoticeTested, NoticeView, NoticeWay, NoticeWishForm } from './notice-schemas.ts'
export type { OutputList, OutputPatch, OutputView } from './output-schemas.ts'
export type { PaddyView, TaskView } from './paddy-schemas.ts'
export type { PasswordLink, PasswordOf } from './password-schemas.ts'
export type { Desk, PersonChoices } from './person-schemas.ts'
export type { RecordPhoto } from './photo-schemas.ts'
export type { PumpPatch } from './pump-change.ts'
export type {
  FieldHarvests,
  MemberReport,
  NewLoad,
  ReportOrder,
  SeasonReportView,
  YieldMapView,
} from './report-schemas.ts'
export type { MapView, ShapePreview } from './shape-schemas.ts'

/** Every error the API answers. `error` is a code of services/errors.ts; `params`: what its sentence speaks of. */
export const ApiError = Type.Object({ error: Text, message: Text, params: Type.Optional(Params) })
