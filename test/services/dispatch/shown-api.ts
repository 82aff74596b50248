/** The real API on the farm of the tests of dispatch, and what somebody who is signed in is shown of a valve. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Registry } from 'prom-client'
import { hashSecret, newSecret } from '../../../broker/access/authenticate.ts'
import { HOUR_MS } from '../../../broker/contract/time.ts'
import { openSqliteSeries } from '../../../services/adapters/sqlite/series.ts'
import { startApi } from '../../../services/api/api.ts'
import { noHttpLimits } from '../../../services/api/http/limits.ts'
import { startNotifications } from '../../../services/notifications/start-notifications.ts'
import { pestService } from '../../../services/plan/pest/pest-service.ts'
import { createReportService } from '../../../services/report/jobs/report-service.ts'
import { filesInProcess } from '../../../services/report/jobs/make-file.ts'
import type { Farm } from './farm.ts'
import { ORG, zone } from './farm-rows.ts'

export interface ShownValve {
  position: 'open' | 'closed' | 'unknown' | 'none'
  boundMs: number | null // by the server's clock
}
export interface ShownApi {
  look(): Promise<ShownValve>
  stop(): Promise<void>
}

const PASSWORD = 'kome-to-mizu-2026'
const quiet = { debug() {}, info() {}, warn() {}, error() {} }

export async function startShownApi(farm: Farm): Promise<ShownApi> {
  const { state, bus, journal, serverClock: clock } = farm
  const dir = await mkdtemp(join(tmpdir(), 'tilth-shown-'))
  const series = await openSqliteSeries(join(dir, 'series.db'))
  await state
    .insertInto('field')
    .values({
      id: zone.fieldId,
      org: ORG,
      farmId: zone.farmId,
      name: 'North',
      kind: 'upland',
      areaM2: 500,
      soilTexture: 'loam',
      fieldCapacity: 0.25,
      wiltingPoint: 0.12,
      saturation: 0.46,
      stationId: null,
      geojson: null,
    })
    .execute()
  const notices = await startNotifications({
    state,
    bus,
    clock,
    log: quiet,
    mail: null,
    reach: 'public',
    publicUrl: null,
    secret: 'of the test',
    lookEveryMs: HOUR_MS,
  })
  const files = filesInProcess({ state, series })
  const reports = createReportService({ state, bus, clock, log: quiet, files, secret: 'of the test' })
  const api = await startApi({
    state,
    rewriteState: async () => {},
    series,
    bus,
    journal,
    clock,
    log: quiet,
    profiles: () => new Map(),
    foreignValves: null,
    settings: {
      host: '127.0.0.1',
      port: 0,
      dashboardDir: join(dir, 'dashboard'),
      speed: 1,
      demo: false,
      authSecret: 'a-secret-of-the-test-that-is-long-enough-0123456789',
      limits: noHttpLimits,
    },
    credentials: { hashSecret: (secret) => hashSecret(secret, 'pepper'), newSecret },
    onDeviceChanged: () => {},
    isReady: async () => ({ ok: true, parts: {} }),
    reports,
    pests: pestService({ state, series, clock, log: quiet }),
    notifications: notices,
    metrics: new Registry(),
  })
  const who = { email: 'sato@farm.example', password: PASSWORD }
  await api.createUser({ ...who, name: 'Sato', org: ORG, orgName: 'Co-op', role: 'viewer' })
  const headers = { host: 'farm.local' }
  const signedIn = await api.inject({
    method: 'POST',
    url: '/api/auth/sign-in/email',
    headers,
    payload: who,
  })
  const cookie = [signedIn.headers['set-cookie'] ?? []]
    .flat()
    .map((text) => String(text).split(';', 1)[0])
    .join('; ')

  return {
    async look() {
      const answer = await api.inject({
        method: 'GET',
        url: `/api/fields/${zone.fieldId}`,
        headers: { ...headers, cookie },
      })
      if (answer.statusCode !== 200)
        throw new Error(`the field is answered ${answer.statusCode}: ${answer.body}`)
      const { zones } = answer.json() as { zones: ({ id: string } & ShownValve)[] }
      return zones.find(({ id }) => id === zone.id)!
    },
    async stop() {
      await api.stop()
      await notices.stop()
      await series.close()
      await rm(dir, { recursive: true, force: true })
    },
  }
}
