/** One `Resource` per path for the whole app, so that a screen that opens again shows its data at once. */
import type {
  AuditLine,
  AuditVerdict,
  DeadLetterGroup,
  DeviceDetail,
  DevicePhoto,
  DeviceView,
  FieldDetail,
  FieldHarvests,
  FieldWorkList,
  IrrigationList,
  ForecastSkillView,
  ForeignValveList,
  IntegrationList,
  ProfileList,
  UnassignedList,
  UnreadMessages,
  Holding,
  Invitation,
  MemberView,
  Membership,
  MapView,
  ModelCard,
  NotificationSettings,
  OutputList,
  OwnOrganisation,
  PaddyView,
  PestControlView,
  PestsView,
  PlanView,
  StrategyView,
  ProductList,
  SeasonReportView,
  DecisionView,
  AdviceRecipients,
  YieldMapView,
} from '../../../services/api/schemas.ts'
import { Resource } from './cache.svelte.ts'

const byPath = new Map<string, Resource<unknown>>()

function resource<T>(path: string): Resource<T> {
  let existing = byPath.get(path)
  if (!existing) byPath.set(path, (existing = new Resource<unknown>(path)))
  return existing as Resource<T>
}

export const ranges = ['24h', '7d', '30d', 'season'] as const
export type Range = (typeof ranges)[number]

const part = encodeURIComponent
export const fieldDetail = (id: string, range: Range) =>
  resource<FieldDetail>(`/api/fields/${part(id)}?range=${range}`)
export const pestControl = (id: string) => resource<PestControlView>(`/api/fields/${part(id)}/pest-control`)
export const pestsView = () => resource<PestsView>('/api/pests')
export const strategyOf = (id: string) => resource<StrategyView>(`/api/fields/${part(id)}/strategy`)
export const decisionView = (id: string) => resource<DecisionView>(`/api/decisions/${part(id)}`)
/** `day` null: today on the farm. */
export const planOf = (day: string | null) =>
  resource<PlanView>('/api/plan' + (day === null ? '' : `?day=${part(day)}`))
export const modelCardOf = (id: string) => resource<ModelCard>(`/api/models/${part(id)}`)
export const outputsOf = (id: string) => resource<OutputList>(`/api/fields/${part(id)}/outputs`)
export const paddyOf = (id: string) => resource<PaddyView>(`/api/fields/${part(id)}/paddy`)
export const holding = () => resource<Holding>('/api/farms')
export const fieldWork = (id: string) => resource<FieldWorkList>(`/api/fields/${part(id)}/work`)
export const fieldIrrigations = (id: string) =>
  resource<IrrigationList>(`/api/fields/${part(id)}/irrigations`)
export const fieldHarvests = (id: string) => resource<FieldHarvests>(`/api/fields/${part(id)}/loads`)
/** `year` null: the current one. `farmId`: the farm whose fields are shown. */
export const seasonReport = (...season: SeasonQuery) =>
  resource<SeasonReportView>('/api/reports/season' + seasonQuery(season))
export const yieldMap = (...season: SeasonQuery) =>
  resource<YieldMapView>('/api/reports/yields' + seasonQuery(season))
type SeasonQuery = [year: number | null, crop: string | null, farmId: string | null]
function seasonQuery([year, crop, farmId]: SeasonQuery): string {
  const parameters = Object.entries({ year, crop, farmId }).filter(([, value]) => value !== null)
  return parameters.length === 0
    ? ''
    : `?${parameters.map(([name, value]) => `${name}=${part(value!)}`).join('&')}`
}
export const fieldMap = () => resource<MapView>('/api/map')
export const productList = () => resource<ProductList>('/api/products')
export const forecastSkills = () => resource<ForecastSkillView[]>('/api/forecast-skill')
export const notificationSettings = () => resource<NotificationSettings>('/api/notifications')
export const deadLetterReasons = () => resource<DeadLetterGroup[]>('/api/dead-letters/reasons')
export const deviceDetail = (id: string) => resource<DeviceDetail>(`/api/devices/${part(id)}`)
export const devicePhoto = (id: string) => resource<DevicePhoto>(`/api/devices/${part(id)}/photo`)
export const auditLines = (query: string) => resource<AuditLine[]>(`/api/audit?${query}`)
export const chainVerdict = () => resource<AuditVerdict>('/api/audit/verify')
export const invitationList = () => resource<Invitation[]>('/api/invitations')
export const adviceRecipients = () => resource<AdviceRecipients>('/api/memberships/advice-recipients')
export const membershipList = () => resource<Membership[]>('/api/memberships')
export const ownOrganisations = () => resource<OwnOrganisation[]>('/api/me/organisations')
export const memberList = () => resource<MemberView[]>('/api/members')
export const integrationList = () => resource<IntegrationList>('/api/integrations')
export const unassignedDevices = () => resource<UnassignedList>('/api/unassigned-devices')
export const hiddenDevices = () => resource<UnassignedList>('/api/unassigned-devices?hidden=yes')
export const profileList = () => resource<ProfileList>('/api/device-profiles')
export const foreignValves = (id: string) => resource<ForeignValveList>(`/api/devices/${part(id)}/valves`)
export const unreadMessages = () => resource<UnreadMessages[]>('/api/unread-messages')
export const deviceList = () => resource<DeviceView[]>('/api/devices')
