/** The API on real parts: the built-in broker with its journal, the bus over MQTT, SQLite for rows and series. */
import { createHash } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import { Registry } from 'prom-client'
import { hashSecret, newSecret } from '../../../broker/access/authenticate.ts'
import { HOUR_MS, type AtMs } from '../../../broker/contract/time.ts'
import { virtualClock, type VirtualClock } from '../../../broker/contract/virtual-clock.ts'
import { openJournal, type BrokerJournal } from '../../../broker/journal/journal.ts'
import { startBroker, type Broker } from '../../../broker/server.ts'
import { openMqttBus } from '../../../services/adapters/bus/mqtt-bus.ts'
import { openSqliteSeries } from '../../../services/adapters/sqlite/series.ts'
import { startApi, type Api } from '../../../services/api/api.ts'
import type { PasswordHasher } from '../../../services/api/auth/password-hashing.ts'
import type { ApiSettings } from '../../../services/api/http/context.ts'
import type { Role } from '../../../services/api/http/permissions.ts'
import type { MailSettings } from '../../../services/config/mail-settings.ts'
import { readProfileFolders, shippedProfiles } from '../../../services/integrations/profiles/profile-files.ts'
import type { Bus, Logger, SeriesStore, State } from '../../../services/ports.ts'
import type { Forecast } from '../../../services/ports/forecast.ts'
import { startNotifications } from '../../../services/notifications/start-notifications.ts'
import { pestService } from '../../../services/plan/pest/pest-service.ts'
import { createReportService } from '../../../services/report/jobs/report-service.ts'
import { filesInProcess } from '../../../services/report/jobs/make-file.ts'
import { NOW_MS } from './rows.ts'
import { openTestState } from '../../support/state.ts'

export const PASSWORD = 'kome-to-mizu-2026'

const digest = (password: string): string => createHash('sha256').update(password).digest('hex')
/** Each sign-up and sign-in of a test would take scrypt a tenth of a second. */
export const cheapHasher: PasswordHasher = {
  hash: async (password) => digest(password),
  verify: async ({ hash, password }) => hash === digest(password),
}

const { profiles } = readProfileFolders([shippedProfiles])

export interface TestApi {
  api: Api
  state: State
  series: SeriesStore
  journal: BrokerJournal
  bus: Bus
  /** The bus loses its connection, and finds it again a second later. */
  dropBus(): void
  /** Resolves when what is due has been sent, or tried. */
  noticed(): Promise<void>
  restartNotices(): Promise<void>
  broker: Broker
  clock: VirtualClock
  dir: string
  logged: { text: string; fields: object }[]
  changedDevices: string[]
  /** Makes a person and gives their cookie. */
  signUp(org: string, role: Role, email?: string): Promise<string>
  call(cookie: string | null, method: Method, url: string, body?: unknown): Promise<Answer>
  stop(): Promise<void>
}
export type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE'
export interface Answer {
  status: number
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- whatever was answered is what the tests look at
  body: any
  text: string
  headers: Record<string, string | string[] | number | undefined>
}

interface Also {
  forecast?: Forecast
  mail?: MailSettings
  hasher?: PasswordHasher
  /** at the start; to advance the clock over weeks takes seconds */
  nowMs?: AtMs
  /** how often notifications look for alerts; an hour by default, in the product a minute */
  lookEveryMs?: number
}

export async function startTestApi(settings: Partial<ApiSettings> = {}, also: Also = {}): Promise<TestApi> {
  const dir = await mkdtemp(join(tmpdir(), 'tilth-api-'))
  const logged: TestApi['logged'] = []
  const line = (fields: object, text: string) => void logged.push({ fields, text })
  const log: Logger = { debug: line, info: line, warn: line, error: line }
  const clock = virtualClock(also.nowMs ?? NOW_MS)
  const journal = openJournal({ path: join(dir, 'journal.db'), clock, log })
  const broker = await startBroker({
    host: '127.0.0.1',
    port: 0,
    findDevice: async () => null,
    pepper: 'pepper',
    journal,
    clock,
    log,
  })
  let stream: Duplex | null = null
  const bus = await openMqttBus({ openStream: () => (stream = broker.openInternal()) }, { log })
  const { state, rewrite: rewriteState, close } = await openTestState(join(dir, 'state.db'))
  const series = await openSqliteSeries(join(dir, 'series.db'))
  const changedDevices: string[] = []
  const openNotices = () =>
    startNotifications({
      state,
      bus,
      clock,
      log,
      reach: 'any',
      publicUrl: null,
      secret: 'of the test',
      mail: also.mail ?? null,
      lookEveryMs: also.lookEveryMs ?? HOUR_MS,
    })
  let notices = await openNotices()
  const files = filesInProcess({ state, series })
  const reports = createReportService({ state, bus, clock, log, files, secret: 'of the test' })
  const closeRest = async () => {
    await reports.stop()
    await notices.stop()
    await bus.close()
    await broker.stop()
    await journal.close()
    await series.close()
    await close()
    await rm(dir, { recursive: true, force: true })
  }
  const api = await startApi({
    state,
    rewriteState,
    series,
    bus,
    journal,
    clock,
    log,
    settings: {
      host: '127.0.0.1',
      port: 0,
      dashboardDir: join(dir, 'dashboard'),
      speed: 1,
      demo: false,
      authSecret: 'a-secret-of-the-test-that-is-long-enough-0123456789',
      ...settings,
    },
    credentials: { hashSecret: (secret) => hashSecret(secret, 'pepper'), newSecret },
    onDeviceChanged: (id) => void changedDevices.push(id),
    isReady: async () => ({ ok: await series.isReady(), parts: { series: await series.isReady() } }),
    reports,
    pests: pestService({ state, series, clock, log, forecast: also.forecast }),
    notifications: notices,
    profiles: () => profiles,
    foreignValves: null,
    metrics: new Registry(),
    hasher: also.hasher ?? cheapHasher,
    ...(also.forecast ? { forecast: also.forecast } : {}),
  }).catch(async (error: unknown) => {
    await closeRest()
    throw error
  })

  const call: TestApi['call'] = async (cookie, method, url, body) => {
    const response = await api.inject({
      method,
      url,
      headers: { host: 'farm.local', ...(cookie === null ? {} : { cookie }) },
      ...(body === undefined ? {} : { payload: body as object }),
    })
    const isJson = String(response.headers['content-type']).startsWith('application/json')
    return {
      status: response.statusCode,
      body: isJson && response.body !== '' ? response.json() : null,
      text: response.body,
      headers: response.headers,
    }
  }

  return {
    api,
    state,
    series,
    journal,
    bus,
    broker,
    clock,
    dir,
    logged,
    changedDevices,
    call,
    noticed: () => notices.settled(),
    async restartNotices() {
      await notices.stop()
      notices = await openNotices()
    },
    dropBus: () => void stream?.destroy(),
    async signUp(org, role, email = `${role}@${org}.example`) {
      await api.createUser({
        email,
        password: PASSWORD,
        name: `${role} of ${org}`,
        org,
        orgName: `${org} co-op`,
        role,
      })
      return cookieOf(await call(null, 'POST', '/api/auth/sign-in/email', { email, password: PASSWORD }))
    },
    async stop() {
      await api.stop()
      await closeRest()
    },
  }
}

export function cookieOf(answer: Answer): string {
  const cookies = [answer.headers['set-cookie'] ?? []].flat().map(String)
  if (answer.status !== 200 || cookies.length === 0)
    throw new Error(`not signed in: ${answer.status} ${answer.text}`)
  return cookies.map((cookie) => cookie.split(';', 1)[0]).join('; ')
}
