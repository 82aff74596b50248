/**
 * The estimator: closes each civil day of every field soon after its farm's midnight, keeps the state of every field
 * up to date, and recomputes soon after a valve moved, a sensor was lost, rain started, irrigation was reported, or a
 * configuration was corrected.
 */
import { HOUR_MS, MINUTE_MS, SECOND_MS, type AtMs, type Clock } from '../../broker/contract/time.ts'
import type { Bus, ChangeEvent, Job, Logger, Running, SeriesStore, State } from '../ports.ts'
import type { Forecast } from '../ports/forecast.ts'
import { IRRIGATION_REPORTED } from '../domain/manual-water.ts'
import { adaptiveInterval } from '../runtime/adaptive-interval.ts'
import { publishChange, subscribeToChanges } from '../runtime/change-events.ts'
import { serialQueue } from '../runtime/serial-queue.ts'
import { closeDays } from './days/close-days.ts'
import { lastDayEnd, lastTick } from './due.ts'
import { calibrateSoil } from './water/calibrate-soil.ts'
import { flagSuspectReadings } from './quality/flag-suspect.ts'
import { refreshStates } from './now/refresh-states.ts'

export interface EstimateDeps {
  state: State
  series: SeriesStore
  forecast: Forecast
  bus: Bus
  clock: Clock
  log: Logger
  /** interval of the update of every field's state */
  everyMinutes?: number
}

export interface Estimate extends Running {
  jobs: Job[]
  /** Resolves when all started work is done. */
  settled(): Promise<void>
}

const DELAY_MS = 2 * SECOND_MS // a valve's messages arrive in bursts: one recalculation for all of them
// interval of the balance update during rain, instead of at every tip of a gauge
const RAIN_INTERVAL_MS = 10 * MINUTE_MS
const CHECK_READINGS_MINUTES = 6 * 60
const MAX_FIELDS_PER_EVENT = 200
const ZONES_TTL_MS = HOUR_MS

/**
 * Subscribes to changes at once; its jobs have to be scheduled by the caller. RangeError for `everyMinutes` outside 1
 * to 1440.
 */
export async function startEstimate(deps: EstimateDeps): Promise<Estimate> {
  const { state, bus, clock, log, everyMinutes = 60 } = deps
  if (!(everyMinutes >= 1 && everyMinutes <= 1440))
    throw new RangeError(`everyMinutes must be 1 to 1440, got ${everyMinutes}`)
  let isStopped = false
  const queue = serialQueue()
  const touched = new Set<string>()
  const toReclose = new Set<string>() // of these, closed days are recomputed too
  const pace = adaptiveInterval(clock, DELAY_MS)
  let cancelRecompute: (() => void) | null = null
  const lastRainMs = new Map<string, AtMs>() // by organisation, the last update of its fields due to rain
  const cancelRain = new Map<string, () => void>()
  let zones: { list: string[]; untilMs: AtMs } = { list: [], untilMs: -Infinity }

  /** One at a time: two passes over the same rows would only repeat the work. */
  const enqueue = (work: () => Promise<void>): Promise<void> =>
    queue.enqueue(async () => {
      if (!isStopped) await work()
    })

  async function refresh(fieldIds?: readonly string[]): Promise<void> {
    for (const [org, fields] of await refreshStates(deps, clock.now(), fieldIds))
      await publishFields(org, fields)
  }

  /** A day is closed with checked readings; but the balance does not depend on the check succeeding. */
  async function checkReadings(): Promise<void> {
    try {
      await flagSuspectReadings(deps, clock.now())
    } catch (error) {
      log.error({ error }, 'readings could not be checked for suspect sensors')
    }
  }

  async function publishFields(org: string, fields: readonly string[]): Promise<void> {
    for (let from = 0; from < fields.length; from += MAX_FIELDS_PER_EVENT) {
      const event: ChangeEvent = {
        event: 'field',
        atMs: clock.now(),
        fields: fields.slice(from, from + MAX_FIELDS_PER_EVENT),
      }
      try {
        await publishChange(bus, org, event)
      } catch (error) {
        // the rows are written; phones and plan read them at their next refresh
        log.warn({ error, org }, 'new field states could not be published')
      }
    }
  }

  async function timeZones(): Promise<string[]> {
    if (clock.now() < zones.untilMs) return zones.list
    const rows = await state.selectFrom('farm').select('timeZone').distinct().execute()
    zones = { list: rows.map((row) => row.timeZone), untilMs: clock.now() + ZONES_TTL_MS }
    return zones.list
  }

  function handleChange(org: string, { event, id, fields: changed }: ChangeEvent): void {
    if (event === 'reading' && id === 'rain') return handleRain(org)
    // a configuration was corrected, or a person reported irrigation
    const changesClosedDays = event === 'field' && (id === 'set-up' || id === IRRIGATION_REPORTED)
    // or a sensor was lost or returned, or a valve moved
    if (!changed || !(changesClosedDays || event === 'command' || event === 'alert')) return
    for (const field of changed) {
      touched.add(field)
      if (changesClosedDays) toReclose.add(field)
    }
    cancelRecompute ??= clock.at(pace.nextMs(), () => {
      cancelRecompute = null
      const [fields, reclosed] = [[...touched], [...toReclose]]
      touched.clear()
      toReclose.clear()
      return enqueue(() => pace.run(() => recompute(fields, reclosed))).catch((error: unknown) =>
        log.error({ error, fields }, 'fields could not be estimated after a change'),
      )
    })
  }

  /** Days that cannot be closed now are retried at night; the other states are still updated. */
  async function recompute(fields: readonly string[], reclosed: readonly string[]): Promise<void> {
    const dueAtMs = reclosed.length === 0 ? null : lastDayEnd(clock.now(), await timeZones())
    try {
      if (dueAtMs !== null) await closeDays(deps, dueAtMs, reclosed)
    } finally {
      await refresh(fields)
    }
  }

  function handleRain(org: string): void {
    if (cancelRain.has(org)) return
    const atMs = Math.max(clock.now() + DELAY_MS, (lastRainMs.get(org) ?? -Infinity) + RAIN_INTERVAL_MS)
    const refreshOrg = async (): Promise<void> => {
      cancelRain.delete(org)
      lastRainMs.set(org, clock.now())
      const fields = await state.selectFrom('field').select('id').where('org', '=', org).execute()
      if (fields.length > 0) await refresh(fields.map(({ id }) => id))
    }
    const run = () =>
      enqueue(refreshOrg).catch((error: unknown) =>
        log.error({ error, org }, 'fields could not be estimated after rain'),
      )
    cancelRain.set(org, clock.at(atMs, run))
  }

  await subscribeToChanges(bus, handleChange)
  return {
    jobs: [
      {
        name: 'estimate-day',
        lastDue: async (nowMs) => lastDayEnd(nowMs, await timeZones()),
        run: (dueAtMs) =>
          enqueue(async () => {
            await checkReadings()
            await closeDays(deps, dueAtMs)
            await refresh()
          }),
      },
      {
        name: 'flag-suspect-readings',
        lastDue: (nowMs) => lastTick(nowMs, CHECK_READINGS_MINUTES),
        run: () => enqueue(checkReadings),
      },
      {
        name: 'calibrate-soil',
        lastDue: async (nowMs) => lastDayEnd(nowMs, await timeZones()),
        run: (dueAtMs) => enqueue(() => calibrateSoil(deps, dueAtMs)),
      },
      {
        name: 'estimate-now',
        lastDue: (nowMs) => lastTick(nowMs, everyMinutes),
        run: () => enqueue(() => refresh()),
      },
    ],
    settled: () => queue.settled(),
    async stop() {
      isStopped = true
      cancelRecompute?.()
      for (const cancel of cancelRain.values()) cancel()
      await queue.settled()
    },
  }
}
