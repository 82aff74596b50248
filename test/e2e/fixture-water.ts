/** Valves of the fixture with their plan: commands progress as far as the controller responds. */
import type { FastifyInstance } from 'fastify'
import { MINUTE_MS } from '../../broker/contract/time.ts'
import type { CommandView, RequestResult } from '../../services/api/irrigation/command-schemas.ts'
import type { PlanView } from '../../services/api/irrigation/plan-schemas.ts'
import type { Today } from '../../services/api/screens/today-schemas.ts'
import { at, DAY, fieldIdOf, timeZone, zoneIdOf } from './fixture-day.ts'
import type { ZoneSettings } from './fixture-detail.ts'
import * as farm from './fixture-farm.ts'
import { cutRun, planRuns, stoppedRun, stuckRuns } from './fixture-plan.ts'

export interface WaterOptions {
  /** a valve of Paddy 7 runs from the start; `three`: those of North 3 and Hill 2 as well */
  running?: boolean | 'three'
  /** the flow of a valve was too high, and a start ended early */
  flow?: boolean
  /** a person has stopped a run after seven minutes */
  stopped?: boolean
  /** every attempt of the day at the river bend has failed */
  stuck?: boolean
  /** whether the controller responds */
  controller?: 'answers' | 'silent'
}

/** The valve states for the other routes of the fixture. */
export interface Water {
  running(): CommandView[]
  zoneOf(id: string): ZoneSettings
  isFlowAlarmed(): boolean
  unfinished(): Today['unfinished']
}

const EVENING_LITRES = 9_100
/** The night before the fixture's day: South 1 across midnight, and a run of unknown amount. */
const nightOf = (day: string): PlanView['night'] => ({
  fromMs: at(-6, day),
  toMs: at(8, day),
  litres: 35_300,
  unknownRuns: 1,
  fields: [{ fieldId: 'south-1', fieldName: 'South 1', litres: 35_300 }],
})

/** The routes of the plan, of commands and of zones. */
export function serveWater(
  app: FastifyInstance,
  options: WaterOptions & { fields?: 'all' | 'ok' | 'none' },
  { now, notify }: { now(): number; notify(event: string, fields: string[]): void },
): Water {
  const { controller = 'answers' } = options
  const commands = new Map<string, CommandView & { openedAtMs: number; stoppedAtMs: number | null }>()
  const requests = new Map<string, string>()
  const zones = new Map<string, ZoneSettings>()
  const runs = planRuns()
  if (options.flow) runs.push({ ...runs[0]!, ...cutRun })
  if (options.stopped) runs.push({ ...runs[0]!, ...stoppedRun })
  if (options.stuck) runs.push(...stuckRuns())
  let isFlowAlarmed = options.flow ?? false

  const zoneOf = (id: string): ZoneSettings => {
    let zone = zones.get(id)
    if (!zone) zones.set(id, (zone = { adjustPercent: 0, pausedUntilMs: null, mode: 'approve' }))
    return zone
  }

  function open(zoneId: string, minutes: number, agoMs = 0): CommandView {
    const fieldId = fieldIdOf(zoneId)
    const atMs = now() - agoMs
    const command = {
      id: `command-${commands.size + 1}`,
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
      reason: null,
      openedAtMs: atMs,
      stoppedAtMs: null,
    }
    commands.set(command.id, command)
    for (const ms of [400, 900, 1700]) setTimeout(() => notify('command', [fieldId]), ms).unref()
    return view(command)
  }

  /** The current state of a command: a function of the time since its start. */
  function view(command: CommandView & { openedAtMs: number; stoppedAtMs: number | null }): CommandView {
    const { openedAtMs, stoppedAtMs, ...visible } = command
    const ageMs = now() - openedAtMs
    if (controller === 'silent') return { ...visible, state: ageMs > 90_000 ? 'unconfirmed' : 'sent' }
    if (stoppedAtMs !== null && now() - stoppedAtMs > 700)
      return { ...visible, state: 'ended', reason: 'command' }
    if (ageMs < 400) return { ...visible, state: 'sent' }
    if (ageMs < 1500) return { ...visible, state: 'gateway' }
    return {
      ...visible,
      state: 'confirmed',
      confirmedAtMs: openedAtMs + 1500,
      flowLpm: 31,
      litres: Math.round((ageMs / MINUTE_MS) * 31),
    }
  }
  const running = (): CommandView[] =>
    [...commands.values()].map(view).filter(({ state }) => state !== 'ended')
  if (options.running) open(zoneIdOf('paddy-7'), 40, 26 * MINUTE_MS)
  if (options.running === 'three') {
    open(zoneIdOf('north-3'), 60, 5 * MINUTE_MS)
    open(zoneIdOf('hill-2'), 90, 50 * MINUTE_MS)
  }

  app.get<{ Querystring: { day?: string } }>(
    '/api/plan',
    async ({ query: { day = DAY } }): Promise<PlanView> => ({
      clock: { nowMs: now(), speed: 1 },
      timeZone,
      day,
      night: nightOf(day),
      eveningLitres: EVENING_LITRES,
      given: {
        ...nightOf(day),
        fromMs: at(0, day),
        toMs: at(24, day),
        litres: nightOf(day).litres - EVENING_LITRES,
      },
      pumps: [
        {
          id: 'pump-1',
          name: 'Pump 1',
          capacityLpm: 900,
          dailyM3: 60,
          given: { litres: 26_200, unknownRuns: 0 },
          aheadM3: 26,
          usedM3: 12,
          unknownRuns: 1,
        },
      ],
      noPump: { litres: 0, unknownRuns: 1 },
      runs: day === DAY && options.fields !== 'none' ? runs : [],
    }),
  )

  const handle = (id: string, act: () => CommandView | null): RequestResult => {
    if (!requests.has(id)) requests.set(id, act()?.id ?? '')
    const command = commands.get(requests.get(id)!)
    return { id, state: 'accepted', reason: null, command: command ? view(command) : null }
  }
  app.post('/api/start', async (request) => {
    const { idem, zoneId, minutes } = request.body as { idem: string; zoneId: string; minutes: number }
    return handle(idem, () => open(zoneId, minutes))
  })
  app.post<{ Params: { id: string } }>('/api/zones/:id/test', async (request) =>
    handle((request.body as { idem: string }).idem, () => open(request.params.id, 0.5)),
  )
  app.post('/api/stop', async (request) => {
    const { idem, zoneId } = request.body as { idem: string; zoneId?: string }
    return handle(idem, () => {
      for (const command of commands.values())
        if (zoneId === undefined || command.zoneId === zoneId) command.stoppedAtMs ??= now()
      return null
    })
  })
  app.get<{ Params: { id: string } }>('/api/requests/:id', async (request) =>
    handle(request.params.id, () => null),
  )
  app.get<{ Params: { id: string } }>('/api/commands/:id', async (request, reply) => {
    const command = commands.get(request.params.id)
    return command ? view(command) : reply.code(404).send({ error: 'NOT_FOUND', message: '' })
  })
  app.post<{ Params: { id: string; what: string } }>('/api/runs/:id/:what', async (request) => {
    const run = runs.find(({ id }) => id === request.params.id)
    if (run) run.state = request.params.what === 'approve' ? 'approved' : 'skipped'
    if (run && request.params.what === 'skip') run.endReason = 'skipped'
    notify('plan', run ? [run.fieldId] : [])
    return { id: (request.body as { idem: string }).idem, state: 'accepted', reason: null, command: null }
  })
  app.post<{ Params: { id: string } }>('/api/zones/:id/unlock', async (request) => {
    isFlowAlarmed = false
    notify('alert', [fieldIdOf(request.params.id)])
    return handle((request.body as { idem: string }).idem, () => null)
  })
  app.patch<{ Params: { id: string } }>('/api/zones/:id', async (request) => {
    const zone = zoneOf(request.params.id)
    const patch = request.body as {
      mode?: string
      adjustPercent?: number
      pause?: { hours: number } | { untilMs: number } | null
    }
    if (patch.mode !== undefined) zone.mode = patch.mode
    if (patch.adjustPercent !== undefined) zone.adjustPercent = patch.adjustPercent
    if (patch.pause !== undefined)
      zone.pausedUntilMs =
        patch.pause === null
          ? null
          : 'untilMs' in patch.pause
            ? patch.pause.untilMs
            : now() + patch.pause.hours * 60 * MINUTE_MS
    return { ok: true }
  })
  /** Runs with a rest that nobody has decided on. */
  const unfinished = (): Today['unfinished'] =>
    runs.flatMap(({ id: runId, fieldId, fieldName, atMs, minutes, ranMinutes, restMinutes, endReason }) =>
      restMinutes === null
        ? []
        : [
            {
              runId,
              day: DAY,
              fieldId,
              fieldName,
              atMs,
              minutes,
              ranMinutes: ranMinutes ?? 0,
              restMinutes,
              endReason,
            },
          ],
    )
  app.post<{ Params: { id: string } }>('/api/runs/:id/dismiss-remainder', async (request) => {
    const run = runs.find(({ id }) => id === request.params.id)
    if (run) run.restMinutes = null
    notify('plan', run ? [run.fieldId] : [])
    return { ok: true }
  })

  return { running, zoneOf, isFlowAlarmed: () => isFlowAlarmed, unfinished }
}
