/**
 * A small server that speaks the API of services/api/schemas.ts for the dashboard's tests: one co-operative on one
 * morning, with valves whose commands go their way. It makes states that are hard to reach on a living farm: a
 * controller that never answers, a server in trouble, an empty farm. The whole product is tested in test/system.
 */
import { join } from 'node:path'
import type { ServerResponse } from 'node:http'
import fastifyStatic from '@fastify/static'
import Fastify from 'fastify'
import { MINUTE_MS, systemClock } from '../../broker/contract/time.ts'
import type {
  Cmd,
  DeviceCredentials,
  ForecastSkillView,
  Me,
  PlanView,
  RequestAnswer,
  Today,
} from '../../services/api/schemas.ts'
import { alerts, faultAlert, flowAlert } from './fixture-alerts.ts'
import { timeZone, DAY, MORNING_MS, zoneIdOf, fieldIdOf } from './fixture-day.ts'
import { type ZoneSettings, detailOf } from './fixture-detail.ts'
import { devices } from './fixture-devices.ts'
import { letterGroups, lettersOf } from './fixture-letters.ts'
import * as farm from './fixture-farm.ts'
import { serveMap } from './fixture-map.ts'
import { modelsOf } from './fixture-models.ts'
import { noticeRoutes } from './fixture-notices.ts'
import { servePests, type PestsOptions } from './fixture-pests.ts'
import { cutRun, whyOf, planRuns } from './fixture-plan.ts'

export interface FixtureOptions extends PestsOptions {
  dashboardDir?: string
  signedIn?: boolean
  fields?: 'all' | 'ok' | 'none'
  /** a valve of Paddy 7 runs from the start */
  running?: boolean
  /** the controller has latched a fault */
  fault?: boolean
  /** the flow of a valve was too much, and a start was cut short */
  flow?: boolean
  /** the controller: answers, or never does */
  controller?: 'answers' | 'silent'
  role?: Me['role']
}

export interface Fixture {
  url: string
  /** What the phone sent: 'POST /api/stop' and so on, with the body. */
  heard: { route: string; body: unknown }[]
  /** Answers every request to /api with this status from now on; null: as usual. */
  trouble(status: number | null): void
  /** Changes the status of a field and tells the phones. */
  turn(fieldId: string, status: Today['fields'][number]['status']): void
  close(): Promise<void>
}

/** The policy of services/api/server.ts: nothing inline, nothing from elsewhere. */
const POLICY =
  "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; object-src 'none'; frame-ancestors 'none'; base-uri 'self'; form-action 'self'"

export async function startFixture(options: FixtureOptions = {}): Promise<Fixture> {
  const { controller = 'answers', role = 'admin' } = options
  const app = Fastify({ forceCloseConnections: true })
  const startedMs = systemClock.now()
  const now = (): number => MORNING_MS + (systemClock.now() - startedMs)
  let isSignedIn = options.signedIn ?? true
  let troubleStatus: number | null = null
  const heard: Fixture['heard'] = []
  const streams = new Set<ServerResponse>()
  const commands = new Map<string, Cmd & { openedAtMs: number; stoppedAtMs: number | null }>()
  const requests = new Map<string, string>()
  const zones = new Map<string, ZoneSettings>()
  const runs = planRuns()
  if (options.flow) runs.push({ ...runs[0]!, ...cutRun })
  let isFlowAlarmed = options.flow ?? false
  const turned = new Map<string, Today['fields'][number]['status']>()
  const extraDevices: ReturnType<typeof devices> = []

  const zoneOf = (id: string): ZoneSettings => {
    let zone = zones.get(id)
    if (!zone) zones.set(id, (zone = { adjustPercent: 0, pausedUntilMs: null, mode: 'approve' }))
    return zone
  }
  const cards = () => {
    const all = options.fields === 'none' ? [] : farm.cards()
    const shown = options.fields === 'ok' ? all.filter(({ status }) => status === 'ok') : all
    return shown.map((card) => ({ ...card, status: turned.get(card.id) ?? card.status }))
  }
  const tell = (event: string, fields: string[]): void => {
    for (const stream of streams)
      stream.write(`event: ${event}\ndata: ${JSON.stringify({ event, atMs: now(), fields })}\n\n`)
  }

  function open(zoneId: string, minutes: number, agoMs = 0): Cmd {
    const fieldId = fieldIdOf(zoneId)
    const atMs = now() - agoMs
    const cmd = {
      id: `cmd-${commands.size + 1}`,
      runId: null,
      zoneId,
      fieldId,
      fieldName: farm.cards().find((card) => card.id === fieldId)?.name ?? fieldId,
      zoneName: fieldId.startsWith('paddy') ? 'Inlet' : 'Zone 1',
      valve: 'V1',
      do: 'open' as const,
      state: 'waiting' as const,
      atMs,
      confirmedAtMs: null,
      endsAtMs: atMs + minutes * MINUTE_MS,
      boundMs: atMs + (minutes + 2) * MINUTE_MS,
      litres: null,
      flowLpm: null,
      why: null,
      openedAtMs: atMs,
      stoppedAtMs: null,
    }
    commands.set(cmd.id, cmd)
    for (const ms of [400, 900, 1700]) setTimeout(() => tell('cmd', [fieldId]), ms).unref()
    return view(cmd)
  }

  /** Where an order stands now: its life is a function of the time since. */
  function view(cmd: Cmd & { openedAtMs: number; stoppedAtMs: number | null }): Cmd {
    const { openedAtMs, stoppedAtMs, ...shown } = cmd
    const ageMs = now() - openedAtMs
    if (controller === 'silent') return { ...shown, state: ageMs > 90_000 ? 'unconfirmed' : 'sent' }
    if (stoppedAtMs !== null && now() - stoppedAtMs > 700) return { ...shown, state: 'ended', why: 'command' }
    if (ageMs < 400) return { ...shown, state: 'sent' }
    if (ageMs < 1500) return { ...shown, state: 'gateway' }
    return {
      ...shown,
      state: 'confirmed',
      confirmedAtMs: openedAtMs + 1500,
      flowLpm: 31,
      litres: Math.round((ageMs / MINUTE_MS) * 31),
    }
  }
  const running = (): Cmd[] => [...commands.values()].map(view).filter(({ state }) => state !== 'ended')
  if (options.running) open(zoneIdOf('paddy-7'), 40, 26 * MINUTE_MS)

  app.addHook('onRequest', async (request, reply) => {
    void reply.header('content-security-policy', POLICY)
    if (!request.url.startsWith('/api')) return
    if (troubleStatus !== null)
      return reply.code(troubleStatus).send({ error: 'STORE_UNAVAILABLE', message: 'try again' })
    const isOpen = request.url.startsWith('/api/auth') || request.url.startsWith('/api/setup')
    if (!isSignedIn && !isOpen)
      return reply.code(401).send({ error: 'NOT_SIGNED_IN', message: 'sign in first' })
  })
  app.addHook('preHandler', async (request) => {
    if (request.method !== 'GET')
      heard.push({ route: `${request.method} ${request.url}`, body: request.body })
  })

  const me = (): Me => ({
    user: { id: 'user-1', name: 'Haruko Sato', email: 'haruko@example.org' },
    org: { id: 'niigata', name: 'Niigata co-operative' },
    role,
    can: {
      openValve: role !== 'viewer',
      stop: true, // every role may
      approve: role !== 'viewer',
      admin: role === 'admin',
    },
    demo: false,
  })
  app.get('/api/me', async () => me())
  app.post('/api/auth/sign-in/email', async (request, reply) => {
    if ((request.body as { password?: string }).password !== 'green-fields')
      return reply.code(401).send({ error: 'NOT_SIGNED_IN', message: 'Invalid email or password' })
    isSignedIn = true
    return { ok: true }
  })
  app.post('/api/auth/sign-out', async () => {
    isSignedIn = false
    return { ok: true }
  })
  app.post('/api/setup', async (request, reply) => {
    if ((request.body as { token?: string }).token !== 'one-time')
      return reply.code(403).send({ error: 'NOT_ALLOWED', message: 'this link has been used' })
    isSignedIn = true
    return me()
  })

  app.get('/api/today', async (): Promise<Today> => {
    const fields = cards()
    const next = fields.find((card) => card.next?.state === 'approved')
    return {
      clock: { nowMs: now(), speed: 1 },
      asOfMs: now() - 5 * MINUTE_MS,
      timeZone: timeZone,
      org: me().org,
      counts: farm.countsOf(fields),
      fields: fields.sort((a, b) => rank.indexOf(a.status) - rank.indexOf(b.status)),
      running: running(),
      nextRun: next ? { fieldId: next.id, fieldName: next.name, run: next.next! } : null,
      alerts: [
        ...(options.fault ? [faultAlert] : []),
        ...(isFlowAlarmed ? [flowAlert] : []),
        ...(options.fields === undefined || options.fields === 'all' ? alerts : []),
      ],
      forecast: farm.forecast,
    }
  })
  app.get<{ Params: { id: string }; Querystring: { range?: string } }>(
    '/api/fields/:id',
    async (request, reply) => {
      const card = cards().find(({ id }) => id === request.params.id)
      if (!card) return reply.code(404).send({ error: 'NOT_FOUND', message: 'no such field' })
      const zoneId = zoneIdOf(card.id)
      const mine = running().filter((cmd) => cmd.zoneId === zoneId)
      const isOpen = mine.some(({ state }) => state === 'confirmed')
      return {
        ...detailOf(card, request.query.range ?? '30d', zoneOf(zoneId), isOpen, now()),
        running: mine,
      }
    },
  )
  app.get<{ Params: { id: string } }>('/api/whys/:id', async (request, reply) => {
    const card = farm.cards().find(({ whyId }) => request.params.id.startsWith(whyId ?? ' '))
    return card
      ? { ...whyOf(card), id: request.params.id }
      : reply.code(404).send({ error: 'NOT_FOUND', message: '' })
  })
  app.get<{ Params: { id: string } }>('/api/models/:id', async (request, reply) => {
    const model = farm
      .cards()
      .flatMap(modelsOf)
      .find(({ id }) => id === request.params.id)
    return model ?? reply.code(404).send({ error: 'NOT_FOUND', message: '' })
  })
  app.get<{ Querystring: { day: string } }>('/api/plan', async (request): Promise<PlanView> => ({
    clock: { nowMs: now(), speed: 1 },
    timeZone: timeZone,
    day: request.query.day,
    pumps: [{ id: 'pump-1', name: 'Pump 1', capacityLpm: 900, dailyM3: 60, plannedM3: 38, usedM3: 12 }],
    runs: request.query.day === DAY && options.fields !== 'none' ? runs : [],
  }))

  const ask = (id: string, act: () => Cmd | null): RequestAnswer => {
    if (!requests.has(id)) requests.set(id, act()?.id ?? '')
    const cmd = commands.get(requests.get(id)!)
    return { id, state: 'accepted', reason: null, cmd: cmd ? view(cmd) : null }
  }
  app.post('/api/start', async (request) => {
    const { idem, zoneId, minutes } = request.body as { idem: string; zoneId: string; minutes: number }
    return ask(idem, () => open(zoneId, minutes))
  })
  app.post('/api/stop', async (request) => {
    const { idem, zoneId } = request.body as { idem: string; zoneId?: string }
    return ask(idem, () => {
      for (const cmd of commands.values())
        if (zoneId === undefined || cmd.zoneId === zoneId) cmd.stoppedAtMs ??= now()
      return null
    })
  })
  app.get<{ Params: { id: string } }>('/api/requests/:id', async (request) =>
    ask(request.params.id, () => null),
  )
  app.get<{ Params: { id: string } }>('/api/commands/:id', async (request, reply) => {
    const cmd = commands.get(request.params.id)
    return cmd ? view(cmd) : reply.code(404).send({ error: 'NOT_FOUND', message: '' })
  })
  app.post<{ Params: { id: string; what: string } }>('/api/runs/:id/:what', async (request) => {
    const run = runs.find(({ id }) => id === request.params.id)
    if (run) run.state = request.params.what === 'approve' ? 'approved' : 'skipped'
    if (run && request.params.what === 'skip') run.endedWhy = 'skipped'
    tell('plan', run ? [run.fieldId] : [])
    return { id: request.params.id, state: 'accepted', reason: null, cmd: null }
  })
  app.post<{ Params: { id: string } }>('/api/zones/:id/unlock', async (request) => {
    isFlowAlarmed = false
    tell('alert', [fieldIdOf(request.params.id)])
    return ask((request.body as { idem: string }).idem, () => null)
  })
  app.patch<{ Params: { id: string } }>('/api/zones/:id', async (request) => {
    const zone = zoneOf(request.params.id)
    const patch = request.body as { mode?: string; adjustPercent?: number; pause?: { hours: number } | null }
    if (patch.mode !== undefined) zone.mode = patch.mode
    if (patch.adjustPercent !== undefined) zone.adjustPercent = patch.adjustPercent
    if (patch.pause !== undefined)
      zone.pausedUntilMs = patch.pause === null ? null : now() + patch.pause.hours * 60 * MINUTE_MS
    return { ok: true }
  })
  servePests(app, options, { now, tell })
  serveMap(app, options)
  app.get('/api/farms', async () => ({
    farms: [
      {
        ...{ id: 'farm-sato', name: 'Sato', memberCode: null, timeZone },
        ...{ latDeg: 37.4, lonDeg: 138.9, elevationM: 20 },
      },
    ],
    fields: [],
    seasons: [],
    pumps: [],
    zones: farm.cards().map(({ id, name }) => ({
      id: zoneIdOf(id),
      fieldId: id,
      name,
      valve: 'V1',
      controllerId: 'controller-1',
    })),
  }))
  app.get('/api/forecast-skill', async (): Promise<ForecastSkillView[]> => [
    {
      ...{
        farmId: 'farm-1',
        farmName: 'North farm',
        source: 'climatology',
        throughDay: '2026-07-23',
        leads: [],
      },
      messages: [
        { key: 'skill-heavy', params: { heavy: 9, hits: 6, falseAlarms: 4 } },
        { key: 'skill-wet', params: { mm: 1.2 } },
        { key: 'skill-trust-less', params: { percent: 70 } },
      ],
    },
  ])
  const isEmpty = options.fields === 'none'
  noticeRoutes(app, { now, isAdmin: role === 'admin', isPlain: isEmpty })
  app.get('/api/dead-letters/reasons', async () => (isEmpty ? [] : letterGroups(now())))
  app.get<{ Querystring: { reason: string } }>('/api/dead-letters', async ({ query }) =>
    lettersOf(query.reason, now()),
  )
  app.get('/api/devices', async () => (options.fields === 'none' ? [] : [...devices(now()), ...extraDevices]))
  app.post('/api/devices', async (request): Promise<DeviceCredentials> => {
    const { id, name, kind } = request.body as { id: string; name: string; kind: 'probe' }
    extraDevices.push({
      id,
      name,
      kind,
      fieldId: null,
      fieldName: null,
      lastHeardMs: null,
      everyS: 1200,
      fresh: 'never',
      batteryV: null,
      batteryLow: false,
      revoked: false,
      claimableUntilMs: null,
    })
    return { id, org: 'niigata', secret: 'k7Qm2v9XbT4sLw8d', commandKey: null }
  })
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
    request.url.startsWith('/api')
      ? reply.code(404).send({ error: 'NOT_FOUND', message: 'no such route' })
      : reply.sendFile('index.html'),
  )
  await app.listen({ port: 0, host: '127.0.0.1' })
  const { port } = app.server.address() as { port: number }

  return {
    url: `http://127.0.0.1:${port}`,
    heard,
    trouble: (status) => void (troubleStatus = status),
    turn(fieldId, status) {
      turned.set(fieldId, status)
      tell('plan', [fieldId])
    },
    async close() {
      for (const stream of streams) stream.destroy()
      await app.close()
    },
  }
}

const rank: string[] = ['act', 'unknown', 'soon', 'wet', 'ok']
