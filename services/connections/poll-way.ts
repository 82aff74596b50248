/** The way of a device that is asked over HTTP: WeatherLink Live each minute, OpenSprinkler each 10 s, 5 s while it runs. */
import { createHash } from 'node:crypto'
import { MINUTE_MS, SECOND_MS, type AtMs } from '../../broker/contract/time.ts'
import type { Clock, Logger } from '../ports.ts'
import type { MessageIntake } from '../ports/integrations.ts'
import type { IntegrationRow } from '../tables.ts'
import { getFromFarm } from './farm-http.ts'
import { statusKeeper, type StartWay } from './way.ts'

/** What is asked, and how often. */
interface Question {
  topic: string
  /** below the address of the integration; it may hold a password */
  path: string
  /** `body`: of the last answer; null: it failed */
  everyMs(body: string | null): number
  /** What of an answer must change to be worth keeping before a minute is over; null: each answer is kept. */
  newsOf: ((body: string) => string) | null
}

const KEPT_EVERY_MS = MINUTE_MS

/** The question for an integration; null: devices of this kind are not asked. */
function questionOf({ kind, secret }: Pick<IntegrationRow, 'kind' | 'secret'>): Question | null {
  if (kind === 'weatherlink-live')
    return {
      topic: 'GET /v1/current_conditions',
      path: '/v1/current_conditions',
      everyMs: () => MINUTE_MS,
      newsOf: null,
    }
  if (kind !== 'opensprinkler') return null
  const digest = createHash('md5')
    .update(secret ?? '')
    .digest('hex')
  return {
    topic: 'GET /jc',
    path: `/jc?pw=${digest}`,
    everyMs: (body) => (body !== null && /[1-9]/.test(stationBits(body)) ? 5 : 10) * SECOND_MS,
    // its clock alone is no news, and each answer is a message that is kept for 400 days
    newsOf: stationBits,
  }
}

const stationBits = (body: string): string => /"sbits":\s*\[[\d,\s]*\]/.exec(body)?.[0].slice(7) ?? ''

/** Asks until it is stopped. */
export function pollWays(deps: { intake: MessageIntake; clock: Clock; log: Logger }): StartWay {
  const { intake, clock, log } = deps
  return (row, events) => {
    const question = questionOf(row)
    const base = row.url!.replace(/\/+$/, '')
    const status = statusKeeper(() => clock.now())
    let isStopped = false
    let cancel: (() => void) | null = null
    let asking: Promise<void> = Promise.resolve()
    let kept: { news: string; atMs: AtMs } | null = null
    const isConnected = () => status.read().state === 'connected'

    async function ask({ topic, path, everyMs, newsOf }: Question): Promise<void> {
      const answer = await getFromFarm(base + path)
      if (isStopped) return
      const was = isConnected()
      status.set(answer.ok ? { state: 'connected' } : { state: 'failed', ...answer.error })
      if (isConnected() !== was) events.onConnected(!was)
      const body = answer.ok ? answer.value.toString() : null
      if (answer.ok) await keep(topic, answer.value, newsOf?.(body!) ?? null)
      if (!isStopped) askLater(everyMs(body))
    }

    async function keep(topic: string, payload: Buffer, news: string | null): Promise<void> {
      const receivedMs = clock.now()
      status.received(receivedMs)
      const isNews =
        news === null || kept === null || kept.news !== news || receivedMs - kept.atMs >= KEPT_EVERY_MS
      if (!isNews) return
      try {
        const { org, id: integrationId } = row
        const outcome = await intake.accept({ org, integrationId, topic, payload, receivedMs })
        kept = { news: news ?? '', atMs: receivedMs }
        if (outcome === 'stored') events.onMessage({ topic, payload, receivedMs, isRetained: false })
      } catch (error) {
        log.warn({ error, integration: row.id }, 'an answer over HTTP could not be stored; it is asked again')
      }
    }

    function askLater(ms: number): void {
      cancel = clock.at(clock.now() + ms, () => void (asking = ask(question!)))
    }

    if (question !== null) askLater(0)
    return {
      publish: () => Promise.resolve(false),
      async get(url) {
        if (!isBelow(url, base)) return null
        const answer = await getFromFarm(url)
        return answer.ok ? answer.value.toString() : null
      },
      isConnected,
      status: status.read,
      retained: () => [],
      async stop() {
        isStopped = true
        cancel?.()
        await asking
      },
    }
  }
}

/** Whether a URL leads to the device of the integration. */
function isBelow(url: string, base: string): boolean {
  if (!URL.canParse(url) || !URL.canParse(base)) return false
  return new URL(url).origin === new URL(base).origin
}
