/** One `Resource` per path for the whole app, so that a screen that is opened again stands at once. */
import type {
  DeadLetterGroup,
  DeviceView,
  FieldDetail,
  ForecastSkillView,
  Holding,
  MapView,
  ModelCard,
  NoticeView,
  OutputList,
  PaddyView,
  PestControlView,
  PestsView,
  PlanView,
  StrategyView,
  ProductList,
  WhyView,
} from '../../../services/api/schemas.ts'
import { Resource } from './resource.svelte.ts'

const known = new Map<string, Resource<unknown>>()

function resource<T>(path: string): Resource<T> {
  let found = known.get(path)
  if (!found) known.set(path, (found = new Resource<unknown>(path)))
  return found as Resource<T>
}

export const ranges = ['24h', '7d', '30d', 'season'] as const
export type Range = (typeof ranges)[number]

const part = encodeURIComponent
export const fieldDetail = (id: string, range: Range) =>
  resource<FieldDetail>(`/api/fields/${part(id)}?range=${range}`)
export const pestControl = (id: string) => resource<PestControlView>(`/api/fields/${part(id)}/pest-control`)
export const pestsView = () => resource<PestsView>('/api/pests')
export const strategyOf = (id: string) => resource<StrategyView>(`/api/fields/${part(id)}/strategy`)
export const whyView = (id: string) => resource<WhyView>(`/api/whys/${part(id)}`)
export const planOf = (day: string) => resource<PlanView>(`/api/plan?day=${part(day)}`)
export const modelCardOf = (id: string) => resource<ModelCard>(`/api/models/${part(id)}`)
export const outputsOf = (id: string) => resource<OutputList>(`/api/fields/${part(id)}/outputs`)
export const paddyOf = (id: string) => resource<PaddyView>(`/api/fields/${part(id)}/paddy`)
export const holding = () => resource<Holding>('/api/farms')
export const fieldMap = () => resource<MapView>('/api/map')
export const productList = () => resource<ProductList>('/api/products')
export const forecastSkills = () => resource<ForecastSkillView[]>('/api/forecast-skill')
export const noticeView = () => resource<NoticeView>('/api/notices')
export const letterReasons = () => resource<DeadLetterGroup[]>('/api/dead-letters/reasons')
export const deviceList = () => resource<DeviceView[]>('/api/devices')
