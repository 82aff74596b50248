/**
 * The series store on InfluxDB 2.x (and 3): writes through `@influxdata/influxdb-client`, reads as InfluxQL through the
 * compatibility API, which requires a DBRP mapping of the bucket and the token in the header.
 */
import { InfluxDB, Point } from '@influxdata/influxdb-client'
import type { SeriesStore } from '../../ports.ts'
import { fail } from '../../errors.ts'
import { parseInfluxUrl } from './address.ts'
import {
  call,
  InfluxResponseError,
  isRefusal,
  TIMEOUT_MS,
  type InfluxClient,
  type InfluxPoint,
} from './client.ts'
import { influxQl } from './influxql.ts'
import { encodeName } from './names.ts'
import { deletePredicate } from './queries.ts'
import { influxSeriesStore } from './series.ts'

/**
 * `influx2://host:8086/bucket?org=ORG&token=TOKEN` (influx2s:// for https). The bucket must exist. INVALID_CONFIG for
 * the URL, or when the server does not know the bucket or the token; STORE_UNAVAILABLE when it does not respond.
 */
export async function openInflux2Series(url: string): Promise<SeriesStore> {
  const address = parseInfluxUrl(url, 'influx2')
  const org = address.query.get('org')
  const token = address.query.get('token')
  if (!org || !token)
    fail('INVALID_CONFIG', 'SERIES must give org and token: influx2://host:8086/bucket?org=ORG&token=TOKEN')
  const base = `${address.protocol}://${address.where}`
  const authorization = `Token ${token}`
  const server = influxQl(address, { Authorization: authorization })
  const writer = new InfluxDB({ url: base, token, timeout: TIMEOUT_MS })

  const client: InfluxClient = {
    async write(points) {
      const doing = `write ${points.length} points`
      await call(address.where, doing, writeNow(writer, org, address.database, points))
    },
    query: server.query,
    async erase(tags) {
      const erase = async () => {
        const place = new URLSearchParams({ org, bucket: address.database })
        const response = await fetch(`${base}/api/v2/delete?${place}`, {
          method: 'POST',
          headers: { authorization, 'content-type': 'application/json' },
          body: JSON.stringify({
            start: '1970-01-01T00:00:00Z',
            stop: '2261-01-01T00:00:00Z',
            predicate: deletePredicate(tags),
          }),
          signal: AbortSignal.timeout(TIMEOUT_MS),
        })
        if (!response.ok)
          throw new InfluxResponseError(response.status, (await response.text()) || response.statusText)
        await response.arrayBuffer()
      }
      await call(address.where, 'erase', erase())
    },
    close: server.close,
  }
  try {
    await client.query('SHOW MEASUREMENTS LIMIT 1')
  } catch (error) {
    client.close()
    if (isRefusal(error))
      fail(
        'INVALID_CONFIG',
        `SERIES: ${error.message}; check bucket, org and token, and the DBRP mapping of the bucket`,
      )
    throw error
  }
  return influxSeriesStore(client)
}

/** One request, no retries: the broker's journal retains the readings, the client's buffer is memory only. */
async function writeNow(
  writer: InfluxDB,
  org: string,
  bucket: string,
  points: readonly InfluxPoint[],
): Promise<void> {
  let failure: Error | null = null
  const api = writer.getWriteApi(org, bucket, 'ms', {
    batchSize: points.length + 1,
    maxBatchBytes: 50_000_000,
    flushInterval: 0,
    maxRetries: 0,
    // replaces the library's handler, which prints to the console
    writeFailed: async (error) => {
      failure = error
    },
  })
  api.writePoints(points.map(pointOf))
  await api.close()
  if (failure !== null) throw failure
}

function pointOf({ measurement, tags, floats, ints = {}, texts = {}, atMs }: InfluxPoint): Point {
  const point = new Point(encodeName(measurement)).timestamp(atMs)
  for (const [name, text] of Object.entries(tags)) point.tag(name, encodeName(text))
  for (const [name, value] of Object.entries(floats)) point.floatField(name, value)
  for (const [name, value] of Object.entries(ints)) point.intField(name, value)
  for (const [name, text] of Object.entries(texts)) point.stringField(name, text)
  return point
}
