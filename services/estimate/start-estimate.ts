/**
 * The estimator: closes each civil day of every field soon after its farm's midnight, keeps the state of every field
 * up to date, and recomputes soon after a valve moved, a sensor was lost, rain started, irrigation was reported, or a
 * configuration was corrected.
 */
import { HOUR_MS, MINUTE_MS, SECOND_MS, type AtMs, type Clock } from '../../broker/contract/time.ts'
import { everyInternal, internalTopic } from '../../broker/contract/topics.ts'
import type {
  Bus,
  BusMessage,
  ChangeEvent,
  Forecast,
  Job,
  Logger,
  Running,
  SeriesStore,
  State,
} from '../ports.ts'
import { IRRIGATION_REPORTED } from '../domain/manual-water.ts'
import { adaptiveInterval } from '../runtime/adaptive-interval.ts'
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

const SOON_MS = 2 * SECOND_MS // a valve's messages arrive in bursts: one recalculation for all of them
// interval of the balance update during rain, instead of at every tip of a gauge
const RAIN_EVERY_MS = 10 * MINUTE_MS
const JUDGE_MINUTES = 6 * 60
const FIELDS_IN_A_MESSAGE = 200
const ZONES_KEPT_MS = HOUR_MS

export async function startEstimate(deps: EstimateDeps): Promise<Estimate> {
  const { state, bus, clock, log, everyMinutes = 60 } = deps
  if (!(everyMinutes >= 1 && everyMinutes <= 1440))
    throw new RangeError(`everyMinutes must be 1 to 1440, got ${everyMinutes}`)
  let isStopped = false
  let line: Promise<void> = Promise.resolve()
  const touched = new Set<string>()
  const anew = new Set<string>() // of these, closed days are recomputed too
  const pace = adaptiveInterval(clock, SOON_MS)
  let cancelSoon: (() => void) | null = null
  const rainedMs = new Map<string, AtMs>() // by organisation, the last update of its fields due to rain
  const cancelRain = new Map<string, () => void>()
  let zones: { list: string[]; untilMs: AtMs } = { list: [], untilMs: -Infinity }

  /** One at a time: two passes over the same rows would only repeat the work. */
  function inLine(work: () => Promise<void>): Promise<void> {
    const done = line.then(() => (isStopped ? undefined : work()))
    line = done.catch(() => {})
    return done
  }

  async function refresh(fieldIds?: readonly string[]): Promise<void> {
    for (const [org, fields] of await refreshStates(deps, clock.now(), fieldIds)) await announce(org, fields)
  }

  /** A day is closed with checked readings; but the balance does not depend on the check succeeding. */
  async function judge(): Promise<void> {
    try {
      await flagSuspectReadings(deps, clock.now())
    } catch (error) {
      log.error({ error }, 'sensors could not be judged with hindsight')
    }
  }

  async function announce(org: string, fields: readonly string[]): Promise<void> {
    for (let from = 0; from < fields.length; from += FIELDS_IN_A_MESSAGE) {
      const event: ChangeEvent = {
        event: 'field',
        atMs: clock.now(),
        fields: fields.slice(from, from + FIELDS_IN_A_MESSAGE),
      }
      try {
        await bus.publish(internalTopic(org, 'event'), JSON.stringify(event), { qos: 1, retain: false })
      } catch (error) {
        // the rows are written; phones and plan read them at their next refresh
        log.warn({ error, org }, 'new field states could not be announced')
      }
    }
  }

  async function timeZones(): Promise<string[]> {
    if (clock.now() < zones.untilMs) return zones.list
    const rows = await state.selectFrom('farm').select('timeZone').distinct().execute()
    zones = { list: rows.map((row) => row.timeZone), untilMs: clock.now() + ZONES_KEPT_MS }
    return zones.list
  }

  function heard(message: BusMessage): void {
    const event = parseEvent(message.payload)
    if (event?.event === 'reading' && event.id === 'rain') return heardRain(message.topic.split('/')[2])
    // a configuration was corrected, or a person reported irrigation
    const isOfDays = event?.event === 'field' && (event.id === 'set-up' || event.id === IRRIGATION_REPORTED)
    // or a sensor was lost or returned, or a valve moved
    if (!event?.fields || !(isOfDays || event.event === 'cmd' || event.event === 'alert')) return
    for (const field of event.fields) {
      touched.add(field)
      if (isOfDays) anew.add(field)
    }
    cancelSoon ??= clock.at(pace.nextMs(), () => {
      cancelSoon = null
      const [fields, again] = [[...touched], [...anew]]
      touched.clear()
      anew.clear()
      return inLine(() => pace.run(() => lookAgain(fields, again))).catch((error: unknown) =>
        log.error({ error, fields }, 'fields could not be estimated after a change'),
      )
    })
  }

  /** Days that cannot be closed now are retried at night; the other states are still updated. */
  async function lookAgain(fields: readonly string[], again: readonly string[]): Promise<void> {
    const dueAtMs = again.length === 0 ? null : lastDayEnd(clock.now(), await timeZones())
    try {
      if (dueAtMs !== null) await closeDays(deps, dueAtMs, again)
    } finally {
      await refresh(fields)
    }
  }

  function heardRain(org: string | undefined): void {
    if (!org || cancelRain.has(org)) return
    const atMs = Math.max(clock.now() + SOON_MS, (rainedMs.get(org) ?? -Infinity) + RAIN_EVERY_MS)
    const refreshOrg = async (): Promise<void> => {
      cancelRain.delete(org)
      rainedMs.set(org, clock.now())
      const fields = await state.selectFrom('field').select('id').where('org', '=', org).execute()
      if (fields.length > 0) await refresh(fields.map(({ id }) => id))
    }
    const run = () =>
      inLine(refreshOrg).catch((error: unknown) =>
        log.error({ error, org }, 'fields could not be estimated after rain'),
      )
    cancelRain.set(org, clock.at(atMs, run))
  }

  await bus.subscribe(everyInternal('event'), heard)
  return {
    jobs: [
      {
        name: 'estimate-day',
        lastDue: async (nowMs) => lastDayEnd(nowMs, await timeZones()),
        run: (dueAtMs) =>
          inLine(async () => {
            await judge()
            await closeDays(deps, dueAtMs)
            await refresh()
          }),
      },
      {
        name: 'judge-sensors',
        lastDue: (nowMs) => lastTick(nowMs, JUDGE_MINUTES),
        run: () => inLine(judge),
      },
      {
        name: 'learn-soil',
        lastDue: async (nowMs) => lastDayEnd(nowMs, await timeZones()),
        run: (dueAtMs) => inLine(() => calibrateSoil(deps, dueAtMs)),
      },
      {
        name: 'estimate-now',
        lastDue: (nowMs) => lastTick(nowMs, everyMinutes),
        run: () => inLine(() => refresh()),
      },
    ],
    settled: () => line,
    async stop() {
      isStopped = true
      cancelSoon?.()
      for (const cancel of cancelRain.values()) cancel()
      await line
    },
  }
}

const utf8 = new TextDecoder()

/** Our own programs wrote it; what is not an event is none of ours. */
function parseEvent(payload: Uint8Array): Partial<ChangeEvent> | null {
  try {
    const value: unknown = JSON.parse(utf8.decode(payload))
    return typeof value === 'object' && value !== null ? (value as Partial<ChangeEvent>) : null
  } catch {
    return null
  }
}
