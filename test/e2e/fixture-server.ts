/**
 * A small server with the API of services/api/schemas.ts for the dashboard's tests: one co-operative on one morning,
 * with valves whose commands progress. It produces states that are hard to reach on a real farm: a silent controller, a
 * failing server, an empty farm. The system tests cover the whole product.
 */
import { join } from 'node:path'
import type { ServerResponse } from 'node:http'
import fastifyStatic from '@fastify/static'
import Fastify from 'fastify'
import { MINUTE_MS, systemClock } from '../../broker/contract/time.ts'
import { fieldMark, needsToday, watchedToday } from '../../services/domain/needs-today.ts'
import type { ForecastSkillView } from '../../services/api/models/forecast-schemas.ts'
import type { Me } from '../../services/api/auth/session-schemas.ts'
import type { Today } from '../../services/api/screens/today-schemas.ts'
import { serveAccount } from './fixture-account.ts'
import { alerts, faultAlert, flowAlert } from './fixture-alerts.ts'
import { MORNING_MS, timeZone, zoneIdOf } from './fixture-day.ts'
import { serveAudit } from './fixture-audit.ts'
import { detailOf } from './fixture-detail.ts'
import { serveDevices } from './fixture-devices.ts'
import * as farm from './fixture-farm.ts'
import { pumps, serveControl } from './fixture-control.ts'
import { serveIntegrations } from './fixture-integrations.ts'
import { serveMap } from './fixture-map.ts'
import { modelsOf } from './fixture-models.ts'
import { noticeRoutes } from './fixture-notices.ts'
import { sky, spray } from './fixture-sky.ts'
import { servePeople } from './fixture-people.ts'
import { servePests, withPassedEvent, type PestsOptions } from './fixture-pests.ts'
import { decisionOf } from './fixture-plan.ts'
import { serveReports, type ReportOptions } from './fixture-reports.ts'
import { serveTrust, type TrustOptions } from './fixture-trust.ts'
import { serveWaterRecord } from './fixture-water-record.ts'
import { serveWork } from './fixture-work.ts'
import { serveWater, type WaterOptions } from './fixture-water.ts'

export interface FixtureOptions extends PestsOptions, ReportOptions, TrustOptions, WaterOptions {
  dashboardDir?: string
  /** 0, a free one, by default */
  port?: number
  signedIn?: boolean
  /** the farm's clock stands still, so that a screen always looks the same */
  isStill?: boolean
  /** 'none': no weather forecast */
  sky?: 'none'
  /** a person at the first visit */
  newcomer?: boolean
  fields?: 'all' | 'ok' | 'none'
  /** a line of the audit was changed */
  brokenAudit?: boolean
  /** the controller has latched a fault */
  fault?: boolean
  /** all fields are of one member */
  oneMember?: boolean
  /** a frost has killed the crop of North 3 */
  frost?: boolean
  /** Paddy 8 is far too dry */
  dryPaddy?: boolean
  /** a spray is due on South 1 */
  sprayDue?: boolean
  /** networks of other makes are connected, and North probe comes from one of them */
  networks?: boolean
  role?: Me['role']
}

export interface Fixture {
  url: string
  /** Received requests: 'POST /api/stop' and so on, with the body. */
  received: { route: string; body: unknown }[]
  /** Responds to every request to /api with this status from now on; null: normally. */
  trouble(status: number | null): void
  /** Changes the status of a field and notifies the phones. */
  turn(fieldId: string, status: Today['fields'][number]['status']): void
  close(): Promise<void>
}

/** The policy of services/api/http/build-server.ts: nothing inline, nothing from other origins. */
const POLICY =
  "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; object-src 'none'; frame-ancestors 'none'; base-uri 'self'; form-action 'self'"

export async function startFixture(options: FixtureOptions = {}): Promise<Fixture> {
  const { role = 'admin' } = options
  const app = Fastify({ forceCloseConnections: true })
  const startedMs = systemClock.now()
  const now = (): number => (options.isStill ? MORNING_MS : MORNING_MS + (systemClock.now() - startedMs))
  let troubleStatus: number | null = null
  const received: Fixture['received'] = []
  const streams = new Set<ServerResponse>()
  const turned = new Map<string, Today['fields'][number]['status']>()
  const cards = () => {
    const allMembers = options.fields === 'none' ? [] : farm.cards()
    const livingCards = options.oneMember
      ? allMembers.map((card) => ({ ...card, farmId: 'farm-sato', farmName: 'Sato' }))
      : allMembers
    const wetCards = options.dryPaddy ? livingCards.map(farm.withDryPaddy) : livingCards
    const allCards = options.frost ? wetCards.map(farm.withFrost) : wetCards
    const sprayedCards = options.sprayDue ? allCards.map(farm.withSprayDue) : allCards
    const shownCards =
      options.fields === 'ok' ? sprayedCards.filter(({ status }) => status === 'ok') : sprayedCards
    return shownCards.map((card) => {
      const status = turned.get(card.id) ?? card.status
      return { ...card, status, mark: fieldMark(status, card.pests) }
    })
  }
  const notify = (event: string, fields: string[]): void => {
    for (const stream of streams)
      stream.write(`event: ${event}\ndata: ${JSON.stringify({ event, atMs: now(), fields })}\n\n`)
  }

  app.addHook('onRequest', async (request, reply) => {
    void reply.header('content-security-policy', POLICY)
    if (!request.url.startsWith('/api')) return
    if (troubleStatus !== null)
      return reply.code(troubleStatus).send({ error: 'STORE_UNAVAILABLE', message: 'try again' })
  })
  app.addHook('preHandler', async (request) => {
    if (request.method !== 'GET')
      received.push({ route: `${request.method} ${request.url}`, body: request.body })
  })

  const { me } = serveAccount(app, {
    role,
    isSignedIn: options.signedIn ?? true,
    isNew: options.newcomer ?? false,
  })
  serveTrust(app, options, POLICY)
  const water = serveWater(app, options, { now, notify })
  app.get('/api/today', async (): Promise<Today> => {
    const fields = cards().sort((a, b) => rank.indexOf(a.mark) - rank.indexOf(b.mark))
    const shownAlerts = [
      ...(options.fault ? [faultAlert] : []),
      ...(water.isFlowAlarmed() ? [flowAlert] : []),
      ...(options.fields === undefined || options.fields === 'all' ? alerts : []),
    ]
    const needs = needsToday(fields, shownAlerts, timeZone)
    const next = fields.find((card) => card.next?.state === 'approved')
    return {
      clock: { nowMs: now(), speed: 1 },
      asOfMs: now() - 5 * MINUTE_MS,
      timeZone,
      org: me().org,
      counts: farm.countsOf(fields),
      needs,
      watched: watchedToday(needs, fields, shownAlerts),
      fields,
      running: water.running(),
      nextRun: next ? { fieldId: next.id, fieldName: next.name, run: next.next! } : null,
      alerts: shownAlerts,
      unfinished: water.unfinished(),
      ...(options.sky === 'none'
        ? { forecast: null, sky: null, spray: null }
        : { forecast: farm.forecast, sky, spray }),
    }
  })
  app.get<{ Params: { id: string }; Querystring: { range?: string } }>(
    '/api/fields/:id',
    async (request, reply) => {
      const card = cards().find(({ id }) => id === request.params.id)
      if (!card) return reply.code(404).send({ error: 'NOT_FOUND', message: 'no such field' })
      const zoneId = zoneIdOf(card.id)
      const zoneCommands = water.running().filter((cmd) => cmd.zoneId === zoneId)
      const isOpen = zoneCommands.some(({ state }) => state === 'confirmed')
      const detail = detailOf(card, request.query.range ?? '30d', water.zoneOf(zoneId), isOpen, now())
      const pests = options.pests === 'passed' ? withPassedEvent(detail.pests) : detail.pests
      return { ...detail, pests, running: zoneCommands }
    },
  )
  app.get<{ Params: { id: string } }>('/api/decisions/:id', async (request, reply) => {
    const card = farm.cards().find(({ decisionId }) => request.params.id.startsWith(decisionId ?? ' '))
    return card
      ? { ...decisionOf(card), id: request.params.id }
      : reply.code(404).send({ error: 'NOT_FOUND', message: '' })
  })
  app.get<{ Params: { id: string } }>('/api/models/:id', async (request, reply) => {
    const model = farm
      .cards()
      .flatMap(modelsOf)
      .find(({ id }) => id === request.params.id)
    return model ?? reply.code(404).send({ error: 'NOT_FOUND', message: '' })
  })
  servePests(app, options, { now, notify })
  serveMap(app, options)
  serveReports(app, options, { now, notify })
  serveWork(app, { now, isLost: options.sightings === 'lost' })
  serveWaterRecord(app)
  serveControl(app)
  app.get('/api/farms', async () => ({
    farms: [
      {
        id: 'farm-sato',
        name: 'Sato',
        memberCode: null,
        timeZone,
        latDeg: 37.4,
        lonDeg: 138.9,
        elevationM: 20,
        weatherThresholds: { frostC: 2, gustMps: 20.8, rainMm: 50 },
      },
    ],
    fields: farm.cards().map(({ id, name, kind }) => ({
      id,
      farmId: 'farm-sato',
      name,
      kind,
      areaM2: 4_800,
      soilTexture: 'loam',
      soilDepthM: null,
    })),
    seasons: [
      {
        id: 'season-1',
        fieldId: 'north-3',
        year: 2026,
        crop: 'soybean',
        variety: 'Enrei',
        plantedDay: '2026-06-10',
        initialVwc: null,
        harvestedDay: null,
        yieldKg: null,
        yieldBasis: null,
      },
    ],
    pumps,
    zones: farm.cards().map(({ id, name }) => ({
      id: zoneIdOf(id),
      fieldId: id,
      name,
      valve: 'V1',
      controllerId: 'controller-1',
      pumpId: name.startsWith('Paddy') ? null : 'pump-1',
      areaM2: 2400,
      method: name.startsWith('Paddy') ? 'flood' : 'sprinkler',
      mode: 'approve',
      hasWatered: true,
    })),
  }))
  app.post('/api/farms/:id/weather-thresholds', async () => ({ ok: true }))
  app.post('/api/zones', async () => ({ id: 'zone-new' }))
  for (const path of ['/api/fields/:id', '/api/seasons/:id']) app.patch(path, async () => ({ ok: true }))
  app.post('/api/pumps', async () => ({ id: 'pump-new' }))
  app.patch('/api/pumps/:id', async () => ({ ok: true }))
  app.delete('/api/pumps/:id', async () => ({ ok: true }))
  app.get('/api/forecast-skill', async (): Promise<ForecastSkillView[]> => [
    {
      farmId: 'farm-1',
      farmName: 'North farm',
      source: 'climatology',
      throughDay: '2026-07-23',
      leads: [],
      messages: [
        { key: 'skill-heavy', params: { heavy: 9, hits: 6, falseAlarms: 4 } },
        { key: 'skill-wet', params: { mm: 1.2 } },
        { key: 'skill-correction-less', params: { percent: 70 } },
      ],
    },
  ])
  const isEmpty = options.fields === 'none'
  servePeople(app)
  serveAudit(app, { now, isEmpty, isBroken: options.brokenAudit ?? false })
  serveDevices(app, { now, isEmpty, hasNetworks: options.networks ?? false })
  serveIntegrations(app, { now, hasNetworks: options.networks ?? false })
  noticeRoutes(app, { now, isAdmin: role === 'admin', isPlain: isEmpty })
  app.get('/api/events', (request, reply) => {
    reply.hijack()
    reply.raw.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
    reply.raw.write('retry: 3000\n\n')
    streams.add(reply.raw)
    request.raw.on('close', () => streams.delete(reply.raw))
  })

  const root = options.dashboardDir ?? join(import.meta.dirname, '../../dist/dashboard')
  await app.register(fastifyStatic, { root, wildcard: true })
  app.setNotFoundHandler((request, reply) =>
    // as in services/api/http/static-files.ts: a missing file is not a page
    request.url.startsWith('/api') || /\.\w+$/.test(request.url)
      ? reply.code(404).send({ error: 'NOT_FOUND', message: 'no such route' })
      : reply.sendFile('index.html'),
  )
  await app.listen({ port: options.port ?? 0, host: '127.0.0.1' })
  const { port } = app.server.address() as { port: number }

  return {
    url: `http://127.0.0.1:${port}`,
    received,
    trouble: (status) => void (troubleStatus = status),
    turn(fieldId, status) {
      turned.set(fieldId, status)
      notify('plan', [fieldId])
    },
    async close() {
      for (const stream of streams) stream.destroy()
      await app.close()
    },
  }
}

const rank: string[] = ['act', 'unknown', 'soon', 'wet', 'ok']
