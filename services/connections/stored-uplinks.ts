/**
 * What The Things Stack has stored while Tilth was not connected: its MQTT server has QoS 0 only, and what came meanwhile
 * is gone there. Source: thethingsindustries.com, Storage Integration, `GET .../packages/storage/uplink_message`.
 */
import Type from 'typebox'
import { jsonParser } from '../../broker/contract/json.ts'
import { isTilthError } from '../errors.ts'
import { DAY_MS, MINUTE_MS, type AtMs } from '../../broker/contract/time.ts'
import type { Clock, Logger } from '../ports.ts'
import type { MessageIntake } from '../ports/integrations.ts'
import type { IntegrationRow } from '../tables.ts'

const WITHIN_MS = MINUTE_MS
const MAX_BYTES = 32 * 1024 * 1024
const MAX_LINE_BYTES = 64 * 1024
/** The sandbox stores for a day, the cloud for 30. */
const LONGEST_MS = 30 * DAY_MS
/** Uplinks are stored a little after they were forwarded. */
const OVERLAP_MS = 5 * MINUTE_MS

type Row = Pick<IntegrationRow, 'org' | 'id' | 'url' | 'userName' | 'secret'>

/**
 * Takes in what was stored since `sinceMs`; repeats are dropped where every message is read. Returns the number of
 * messages, null when there is no such store or it cannot be read.
 */
export async function fetchStoredUplinks(
  row: Row,
  sinceMs: AtMs | null,
  deps: { intake: MessageIntake; clock: Clock; log: Logger; base?: string | undefined },
): Promise<number | null> {
  const { intake, clock, log } = deps
  const url = storageUrl(row, deps.base ?? null)
  if (url === null || row.secret === null) return null
  const fromMs = Math.max(sinceMs ?? 0, clock.now() - LONGEST_MS) - OVERLAP_MS
  url.searchParams.set('after', new Date(fromMs).toISOString())
  let count = 0
  try {
    const response = await fetch(url, {
      redirect: 'error',
      signal: AbortSignal.timeout(WITHIN_MS),
      headers: { authorization: `Bearer ${row.secret}`, accept: 'text/event-stream, application/json' },
    })
    if (!response.ok || response.body === null) {
      await response.body?.cancel()
      log.info({ integration: row.id, status: response.status }, 'stored uplinks are not available')
      return null
    }
    for await (const line of linesOf(response.body)) {
      const message = toMessage(line, row.userName!)
      if (message === null) continue
      await intake.accept({ org: row.org, integrationId: row.id, ...message, receivedMs: clock.now() })
      count++
    }
  } catch (error) {
    // the rest is fetched after the next connection
    const reason = isTilthError(error, 'STORE_UNAVAILABLE') ? 'not stored' : (error as Error).name
    log.warn({ integration: row.id, reason, count }, 'not all stored uplinks were fetched')
  }
  return count
}

/** `https://SERVER/api/v3/as/applications/APP/packages/storage/uplink_message`; the user name is `APP@TENANT`. */
function storageUrl({ url, userName }: Row, base: string | null): URL | null {
  const app = /^(?<app>[a-z0-9-]{1,60})(?:@[a-z0-9-]{1,60})?$/.exec(userName ?? '')?.groups?.app
  if (app === undefined || url === null || !URL.canParse(url)) return null
  const server = base ?? `https://${new URL(url).hostname}`
  return new URL(`/api/v3/as/applications/${app}/packages/storage/uplink_message`, server)
}

const readLine = jsonParser(
  Type.Object({
    result: Type.Object({
      end_device_ids: Type.Object({ device_id: Type.String({ pattern: '^[a-z0-9-]{1,64}$' }) }),
    }),
  }),
)

/** An uplink as it would have come over MQTT; null: no uplink. */
function toMessage(line: string, userName: string): { topic: string; payload: Uint8Array } | null {
  const read = readLine(line)
  if (!read.ok) return null
  const { result } = read.value
  return {
    topic: `v3/${userName}/devices/${result.end_device_ids.device_id}/up`,
    payload: Buffer.from(JSON.stringify(result)),
  }
}

/** Lines of at most 64 KiB, of 32 MiB in all; longer ones are left out. */
async function* linesOf(body: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  let rest = Buffer.alloc(0)
  let isTooLong = false
  let bytes = 0
  for await (const chunk of body) {
    bytes += chunk.length
    if (bytes > MAX_BYTES) return
    const parts = Buffer.concat([rest, chunk])
    let from = 0
    for (let end = parts.indexOf(10); end >= 0; end = parts.indexOf(10, from)) {
      if (!isTooLong && end > from) yield parts.toString('utf8', from, end)
      isTooLong = false
      from = end + 1
    }
    rest = parts.subarray(from)
    if (rest.length > MAX_LINE_BYTES) {
      isTooLong = true
      rest = Buffer.alloc(0)
    }
  }
  if (!isTooLong && rest.length > 0) yield rest.toString()
}
