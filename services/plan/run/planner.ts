/**
 * Plans irrigation every hour, when a field's state has changed, when a valve has moved, when a valve becomes
 * blocked or available, and when a person has changed a setting; again just before a run with a rain condition,
 * and while a proposal waits for an approval. One farm after another, one pass after another. The rows are
 * authoritative: a lost event costs an hour at most.
 */
import { randomUUID } from 'node:crypto'
import { standardTiming, type Timing } from '../../../broker/contract/command-lifecycle/timing.ts'
import { HOUR_MS, MINUTE_MS, SECOND_MS, type AtMs, type Clock } from '../../../broker/contract/time.ts'
import { isTilthError } from '../../errors.ts'
import type { Bus, ChangeEvent, Job, Logger, Running, State } from '../../ports.ts'
import type { Forecast } from '../../ports/forecast.ts'
import { runCooperatively } from '../../runtime/cooperative.ts'
import { publishChange, subscribeToChanges } from '../../runtime/change-events.ts'
import { serialQueue } from '../../runtime/serial-queue.ts'
import { adaptiveInterval } from '../../runtime/adaptive-interval.ts'
import { planChangesTask, type Changeset } from './changeset.ts'
import { planFarmTask } from './plan-farm.ts'
import { farmForecasts } from '../forecast/farm-forecasts.ts'
import { verifyForecasts } from '../forecast/verify.ts'
import { savePlans } from './save-plan.ts'
import type { Improver } from '../schedule/improver.ts'
import { compareFields } from '../counterfactual/compare-fields.ts'
import { readFarms, type FarmSnapshot } from '../snapshot.ts'

interface PlannerDeps {
  state: State
  forecast: Forecast
  bus: Bus
  clock: Clock
  log: Logger
  everyMinutes?: number
  /** heartbeat timing of controllers; a slower simulation is not offline */
  timing?: Timing
  /** searches for better schedules in parallel; absent: the greedy ones are used */
  improver?: Improver
}

export interface Planner extends Running {
  jobs: Job[]
  /** Resolves when every requested pass that is due has completed. */
  settled(): Promise<void>
}

const AT_MINUTE_MS = 5 * MINUTE_MS
// events come in bursts: a valve opens, the estimate follows
const COALESCE_MS = 3 * SECOND_MS
// a pass so recent is not repeated by the hourly job
const RECENT_MS = 10 * MINUTE_MS
const VERIFY_AT_MINUTE_MS = 40 * MINUTE_MS
// fewer may be lost, or not be stored yet
const MISSED_HEARTBEATS = 3
const OWN_EVENT_PREFIX = 'plan:'
/** Version of the rules in this folder; part of the plan version of every run. */
const RULES_VERSION = '1'

/**
 * Subscribes to changes at once; its jobs have to be scheduled by the caller. A pass that fails is logged and
 * repeated when it is due; a farm with an invalid row keeps its last plan.
 */
export async function startPlanner(deps: PlannerDeps): Promise<Planner> {
  const { state, forecast, bus, clock, log } = deps
  const { missedWindowMs, heartbeatIdleMs } = deps.timing ?? standardTiming
  const silentAfterMs = Math.max(missedWindowMs, MISSED_HEARTBEATS * heartbeatIdleMs)
  const listeningSinceMs = clock.now()
  const periodMs = (deps.everyMinutes ?? 60) * MINUTE_MS
  const pending = new Map<string, Set<string> | 'all'>()
  const plannedAtMs = new Map<string, AtMs>()
  const checks = new Map<string, () => void>()
  const interval = adaptiveInterval(clock, COALESCE_MS)
  const forecasts = farmForecasts({ state, forecast, log })
  const passes = serialQueue()
  let deleteAtMs = 0
  let cancelPending: (() => void) | null = null
  let isStopped = false

  const enqueuePass = (run: () => Promise<void>): Promise<void> => {
    const pass = passes.enqueue(async () => {
      if (!isStopped) await run()
    })
    pass.catch((error: unknown) => log.error({ error }, 'planning failed; retried when due'))
    return pass
  }

  async function planOrg(org: string, farmIds?: readonly string[]): Promise<void> {
    if (farmIds?.length === 0) return
    // a provider may be slow: the rows of the plan are read afterwards
    const forecastByFarm = await forecasts.read(org, farmIds, clock.now())
    const nowMs = clock.now()
    const planVersion = `${RULES_VERSION}-${nowMs.toString(36)}`
    const farms = await readFarms(state, farmIds ? { org, farmIds } : { org }, nowMs)
    const changesets: Changeset[] = []
    for (const withoutForecast of farms) {
      const { id } = withoutForecast.farm
      const farm: FarmSnapshot = { ...withoutForecast, ...forecastByFarm.get(id) }
      const times = {
        nowMs,
        stateValidMs: 6 * Math.max(HOUR_MS, periodMs),
        silentBeforeMs: silentBefore(nowMs),
      }
      try {
        const plan = await runCooperatively(planFarmTask(farm, times, deps.improver?.hintsOf(id)))
        deps.improver?.consider(id, plan, () => void enqueuePass(() => planOrg(org, [id])).catch(() => {}))
        changesets.push(
          await runCooperatively(planChangesTask(farm, plan, { nowMs, planVersion, newId: randomUUID })),
        )
      } catch (error) {
        // this farm keeps its last plan; the others are still planned
        if (!isTilthError(error, 'INVALID_ROW')) throw error
        log.error({ error, farm: id }, 'a farm could not be planned')
      }
    }
    const outdated = new Set(await savePlans(state, changesets))
    for (const { farmId, checkAtMs } of changesets) {
      scheduleCheck(org, farmId, outdated.has(farmId) ? nowMs + COALESCE_MS : checkAtMs)
      plannedAtMs.set(farmId, nowMs)
    }
    const changed = changesets.filter(({ farmId }) => !outdated.has(farmId)).flatMap(({ fields }) => fields)
    if (changed.length > 0) await publish(org, changed, planVersion)
  }

  /** Reports from before the start of this process were not received: their absence is not evidence of silence. */
  const silentBefore = (nowMs: AtMs): AtMs =>
    nowMs - listeningSinceMs > silentAfterMs ? nowMs - silentAfterMs : -Infinity

  function scheduleCheck(org: string, farmId: string, atMs: AtMs | null): void {
    checks.get(farmId)?.()
    checks.delete(farmId)
    if (atMs === null) return
    const check = () => enqueuePass(() => planOrg(org, [farmId])).catch(() => {})
    checks.set(farmId, clock.at(atMs, check))
  }

  async function publish(org: string, fields: string[], planVersion: string): Promise<void> {
    const id = `${OWN_EVENT_PREFIX}${planVersion}`
    await publishChange(bus, org, { event: 'plan', atMs: clock.now(), fields, id }).catch((error: unknown) =>
      log.warn({ error, org }, 'a plan could not be published'),
    )
  }

  /** Ignores events that do not concern the plan, and its own. */
  function handleChange(org: string, { event, id, fields }: ChangeEvent): void {
    if (isStopped || !['field', 'command', 'plan', 'alert'].includes(event)) return
    if (id?.startsWith(OWN_EVENT_PREFIX)) return
    const pendingFields = pending.get(org)
    if (!fields || pendingFields === 'all') pending.set(org, 'all')
    else pending.set(org, new Set([...(pendingFields ?? []), ...fields]))
    cancelPending ??= clock.at(interval.nextMs(), planPending)
  }

  function planPending(): Promise<void> {
    cancelPending = null
    const requests = [...pending]
    pending.clear()
    const planRequests = async (): Promise<void> => {
      for (const [org, fields] of requests)
        await planOrg(org, fields === 'all' ? undefined : await farmsOfFields(state, org, [...fields]))
    }
    return enqueuePass(() => interval.run(planRequests)).catch(() => {})
  }

  async function planAll(): Promise<void> {
    const nowMs = clock.now()
    const farms = await state.selectFrom('farm').select(['id', 'org']).orderBy('org').orderBy('id').execute()
    const byOrg = new Map<string, string[]>()
    for (const { id, org } of farms)
      if (nowMs - (plannedAtMs.get(id) ?? 0) >= RECENT_MS) byOrg.set(org, [...(byOrg.get(org) ?? []), id])
    for (const [org, farmIds] of byOrg) await planOrg(org, farmIds)
    if (nowMs < deleteAtMs) return
    await deleteOldDecisions(state, nowMs)
    deleteAtMs = nowMs + 24 * HOUR_MS
  }

  await subscribeToChanges(bus, handleChange)
  return {
    jobs: [
      {
        name: 'plan',
        lastDue: (nowMs) => Math.floor((nowMs - AT_MINUTE_MS) / periodMs) * periodMs + AT_MINUTE_MS,
        run: () => enqueuePass(planAll),
      },
      {
        name: 'verify-forecasts',
        lastDue: (nowMs) =>
          Math.floor((nowMs - VERIFY_AT_MINUTE_MS) / HOUR_MS) * HOUR_MS + VERIFY_AT_MINUTE_MS,
        async run() {
          await verifyForecasts(state, clock.now())
        },
      },
      {
        name: 'compare-water',
        lastDue: (nowMs) =>
          Math.floor((nowMs - VERIFY_AT_MINUTE_MS) / HOUR_MS) * HOUR_MS + VERIFY_AT_MINUTE_MS,
        async run() {
          await compareFields({ state, log }, clock.now())
        },
      },
    ],
    async settled() {
      await bus.settled()
      await passes.settled()
    },
    async stop() {
      isStopped = true
      cancelPending?.()
      for (const cancel of checks.values()) cancel()
      await passes.settled()
    },
  }
}

async function farmsOfFields(state: State, org: string, fieldIds: string[]): Promise<string[]> {
  if (fieldIds.length === 0) return []
  const rows = await state
    .selectFrom('field')
    .select('farmId')
    .distinct()
    .where('org', '=', org)
    .where('id', 'in', fieldIds)
    .execute()
  return rows.map((row) => row.farmId)
}

const DECISION_RETENTION_MS = 60 * 24 * HOUR_MS

/** A decision to do nothing is deleted after two months; the decision of a run stays with its record. */
async function deleteOldDecisions(state: State, nowMs: AtMs): Promise<void> {
  await state
    .deleteFrom('decision')
    .where('atMs', '<', nowMs - DECISION_RETENTION_MS)
    .where('id', 'not in', (rows) =>
      rows
        .selectFrom('run')
        .select('decisionId')
        .where('decisionId', 'is not', null)
        .$castTo<{ decisionId: string }>(),
    )
    .where('id', 'not in', (rows) => rows.selectFrom('advice').select('decisionId'))
    .execute()
}
