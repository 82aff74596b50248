/**
 * Writes the JSON Schema of every MQTT message to docs/schemas, for device makers, and the OpenAPI document of the HTTP API
 * to docs/api, docs/settings.md and docs/metrics.md. `npm run schemas`; a test fails when the files differ from the program.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { settingsPage } from '../services/config/settings-text.ts'
import { metricsPage } from './metrics-page.ts'
import { openApiFile, schemaFiles } from './schema-files.ts'

const folder = join(import.meta.dirname, 'schemas')
mkdirSync(folder, { recursive: true })
for (const [name, text] of schemaFiles()) writeFileSync(join(folder, name), text)
console.log(`wrote ${schemaFiles().size} schemas to docs/schemas`)

const api = join(import.meta.dirname, 'api')
mkdirSync(api, { recursive: true })
writeFileSync(join(api, 'openapi.json'), openApiFile())
console.log('wrote docs/api/openapi.json')

writeFileSync(join(import.meta.dirname, 'settings.md'), settingsPage())
console.log('wrote docs/settings.md')

writeFileSync(join(import.meta.dirname, 'metrics.md'), await metricsPage())
console.log('wrote docs/metrics.md')
