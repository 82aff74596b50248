/** All routes of the API. */
import type { App, Context } from './http/context.ts'
import { accountRoutes } from './auth/account-routes.ts'
import { auditRoutes } from './audit/audit-routes.ts'
import { claimRoutes } from './devices/claim-routes.ts'
import { coOpRoutes } from './co-op/co-op-routes.ts'
import { correctionRoutes } from './farms/correction-routes.ts'
import { deadLetterRoutes } from './devices/dead-letter-routes.ts'
import { devicePlaceRoutes } from './devices/device-place-routes.ts'
import { deviceRoutes } from './devices/device-routes.ts'
import { drainageRoutes } from './reports/drainage-routes.ts'
import { eventRoutes } from './http/event-routes.ts'
import { farmRoutes } from './farms/farm-routes.ts'
import { fieldRoutes } from './screens/field-routes.ts'
import { fieldSplitRoutes } from './farms/field-split-routes.ts'
import { fieldWorkRoutes } from './records/field-work-routes.ts'
import { foreignValveRoutes } from './foreign-valves/foreign-valve-routes.ts'
import { forecastSkillRoutes } from './models/forecast-skill-routes.ts'
import { harvestRoutes } from './records/harvest-routes.ts'
import { healthRoutes } from './http/health-routes.ts'
import { historyRoutes } from './screens/history-routes.ts'
import { integrationRoutes } from './integrations/integration-routes.ts'
import { irrigationRoutes } from './irrigation/irrigation-routes.ts'
import { memberImportRoutes } from './co-op/member-import-routes.ts'
import { modelRoutes } from './models/model-routes.ts'
import { ngsiLdRoutes } from './screens/ngsi-ld-routes.ts'
import { notificationRoutes } from './notifications/notification-routes.ts'
import { outputRoutes } from './devices/output-routes.ts'
import { paddyRoutes } from './paddies/paddy-routes.ts'
import { passwordRoutes } from './auth/password-routes.ts'
import { pestEconomicsRoutes } from './pests/pest-economics-routes.ts'
import { pestRoutes } from './pests/pest-routes.ts'
import { productRoutes } from './pests/product-routes.ts'
import { profileRoutes } from './auth/profile-routes.ts'
import { pumpRoutes } from './farms/pump-routes.ts'
import { recordPhotoRoutes } from './photos/photo-routes.ts'
import { erasureRoutes } from './erasure/erasure-routes.ts'
import { recordRoutes } from './records/record-routes.ts'
import { reportRoutes } from './reports/report-routes.ts'
import { requestRoutes } from './irrigation/request-routes.ts'
import { scoutingRoutes } from './pests/scouting-routes.ts'
import { seasonRoutes } from './farms/season-routes.ts'
import { shapeRoutes } from './farms/shape-routes.ts'
import { strategyRoutes } from './irrigation/strategy-routes.ts'
import { taskRoutes } from './paddies/task-routes.ts'
import { todayRoutes } from './screens/today-routes.ts'
import { treatmentRoutes } from './pests/treatment-routes.ts'
import { trustRoutes } from './trust/trust-routes.ts'
import { unassignedRoutes } from './integrations/unassigned-routes.ts'
import { unfinishedRunRoutes } from './irrigation/unfinished-run-routes.ts'
import { unreadRoutes } from './integrations/unread-routes.ts'
import { zoneRoutes } from './farms/zone-routes.ts'

const slices = [
  healthRoutes,
  trustRoutes,
  accountRoutes,
  passwordRoutes,
  profileRoutes,
  auditRoutes,
  coOpRoutes,
  memberImportRoutes,
  todayRoutes,
  fieldRoutes,
  fieldSplitRoutes,
  forecastSkillRoutes,
  strategyRoutes,
  modelRoutes,
  requestRoutes,
  unfinishedRunRoutes,
  paddyRoutes,
  taskRoutes,
  outputRoutes,
  pestRoutes,
  treatmentRoutes,
  pestEconomicsRoutes,
  scoutingRoutes,
  productRoutes,
  zoneRoutes,
  deviceRoutes,
  devicePlaceRoutes,
  claimRoutes,
  integrationRoutes,
  foreignValveRoutes,
  unassignedRoutes,
  unreadRoutes,
  farmRoutes,
  pumpRoutes,
  seasonRoutes,
  correctionRoutes,
  shapeRoutes,
  recordRoutes,
  erasureRoutes,
  reportRoutes,
  drainageRoutes,
  harvestRoutes,
  fieldWorkRoutes,
  irrigationRoutes,
  recordPhotoRoutes,
  historyRoutes,
  deadLetterRoutes,
  notificationRoutes,
  ngsiLdRoutes,
  eventRoutes,
] as const

/** Call `guard` on `app` first: it checks the need of each route from then on. */
export function registerRoutes(app: App, context: Context): void {
  for (const add of slices) add(app, context)
}
