/** The schemas that the OpenAPI document shares by reference, by their names in the modules of the slices. */
import * as auditSchemas from './audit/audit-schemas.ts'
import * as accountSchemas from './auth/account-schemas.ts'
import * as passwordSchemas from './auth/password-schemas.ts'
import * as personSchemas from './auth/person-schemas.ts'
import * as sessionSchemas from './auth/session-schemas.ts'
import * as coOpSchemas from './co-op/co-op-schemas.ts'
import * as claimSchemas from './devices/claim-schemas.ts'
import * as deadLetterSchemas from './devices/dead-letter-schemas.ts'
import * as deviceSchemas from './devices/device-schemas.ts'
import * as outputSchemas from './devices/output-schemas.ts'
import * as provisioningSchemas from './devices/provisioning-schemas.ts'
import * as fieldSplitSchemas from './farms/field-split-schemas.ts'
import * as holdingSchemas from './farms/holding-schemas.ts'
import * as scheduleSchemas from './farms/schedule-schemas.ts'
import * as seasonSchemas from './farms/season-schemas.ts'
import * as setupSchemas from './farms/setup-schemas.ts'
import * as shapeSchemas from './farms/shape-schemas.ts'
import * as zoneSchemas from './farms/zone-schemas.ts'
import * as valueSchemas from './http/validation/value-schemas.ts'
import * as foreignValveSchemas from './foreign-valves/foreign-valve-schemas.ts'
import * as foreignDeviceSchemas from './integrations/foreign-device-schemas.ts'
import * as integrationSchemas from './integrations/integration-schemas.ts'
import * as unassignedSchemas from './integrations/unassigned-schemas.ts'
import * as unreadSchemas from './integrations/unread-schemas.ts'
import * as commandSchemas from './irrigation/command-schemas.ts'
import * as comparisonSchemas from './irrigation/comparison-schemas.ts'
import * as irrigationSchemas from './irrigation/irrigation-schemas.ts'
import * as planSchemas from './irrigation/plan-schemas.ts'
import * as strategySchemas from './irrigation/strategy-schemas.ts'
import * as forecastSchemas from './models/forecast-schemas.ts'
import * as modelSchemas from './models/model-schemas.ts'
import * as notificationSchemas from './notifications/notification-schemas.ts'
import * as paddySchemas from './paddies/paddy-schemas.ts'
import * as pestSchemas from './pests/pest-schemas.ts'
import * as productSchemas from './pests/product-schemas.ts'
import * as treatmentSchemas from './pests/treatment-schemas.ts'
import * as photoSchemas from './photos/photo-schemas.ts'
import * as fieldWorkSchemas from './records/field-work-schemas.ts'
import * as reportSchemas from './reports/report-schemas.ts'
import * as fieldSchemas from './screens/field-schemas.ts'
import * as todaySchemas from './screens/today-schemas.ts'
import * as responses from './http/responses.ts'

type Module = Record<string, unknown>

const isObjectSchema = (value: unknown): value is object =>
  typeof value === 'object' &&
  value !== null &&
  (('type' in value && value.type === 'object') || 'anyOf' in value)

function named(modules: readonly Module[]) {
  const byIdentity = new Map<object, string>()
  const byContent = new Map<string, string>()
  const names = new Set<string>()
  for (const module of modules)
    for (const [name, schema] of Object.entries(module)) {
      if (!isObjectSchema(schema) || byIdentity.has(schema)) continue
      if (names.has(name)) throw new Error(`two schemas of the API are called ${name}; rename one`)
      names.add(name)
      byIdentity.set(schema, name)
      // Type.Optional copies a schema, so a copy is found by its content
      const content = JSON.stringify(schema)
      if (!byContent.has(content)) byContent.set(content, name)
    }
  return {
    nameOf: (schema: object): string | undefined =>
      byIdentity.get(schema) ?? (isObjectSchema(schema) ? byContent.get(JSON.stringify(schema)) : undefined),
  }
}

export const sharedSchemas = named([
  auditSchemas,
  accountSchemas,
  passwordSchemas,
  personSchemas,
  sessionSchemas,
  coOpSchemas,
  claimSchemas,
  deadLetterSchemas,
  deviceSchemas,
  outputSchemas,
  provisioningSchemas,
  fieldSplitSchemas,
  holdingSchemas,
  scheduleSchemas,
  seasonSchemas,
  setupSchemas,
  shapeSchemas,
  zoneSchemas,
  valueSchemas,
  foreignDeviceSchemas,
  foreignValveSchemas,
  integrationSchemas,
  unassignedSchemas,
  unreadSchemas,
  commandSchemas,
  comparisonSchemas,
  irrigationSchemas,
  planSchemas,
  strategySchemas,
  forecastSchemas,
  modelSchemas,
  notificationSchemas,
  paddySchemas,
  pestSchemas,
  productSchemas,
  treatmentSchemas,
  photoSchemas,
  fieldWorkSchemas,
  reportSchemas,
  fieldSchemas,
  todaySchemas,
  responses,
])
