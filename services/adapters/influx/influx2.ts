/**
 * The series store on InfluxDB 2.x (and 3): writes through `@influxdata/influxdb-client`, reads as InfluxQL through the
 * compatibility API, which wants a DBRP mapping of the bucket and the token in the header.
 */
import { InfluxDB, Point } from '@influxdata/influxdb-client'
import type { Reading, SeriesStore } from '../../ports.ts'
import { fail } from '../../errors.ts'
import { parseInfluxUrl } from './address.ts'
import { call, InfluxAnswer, TIMEOUT_MS, type InfluxClient } from './client.ts'
import { influxQl } from './influxql.ts'
import { depthTag, encodeName } from './names.ts'
import { deletePredicate } from './queries.ts'
import { influxSeriesStore } from './series.ts'

/**
 * `influx2://host:8086/bucket?org=ORG&token=TOKEN` (influx2s:// for https). The bucket must be there.
 * CONFIG_WRONG for the URL, STORE_UNAVAILABLE when the server does not answer or does not know the bucket or the token.
 */
export async function openInflux2Series(url: string): Promise<SeriesStore> {
  const address = parseInfluxUrl(url, 'influx2')
  const org = address.query.get('org')
  const token = address.query.get('token')
  if (!org || !token)
    fail('CONFIG_WRONG', 'SERIES must give org and token: influx2://host:8086/bucket?org=ORG&token=TOKEN')
  const base = `${address.protocol}://${address.where}`
  const authorization = `Token ${token}`
  const server = influxQl(address, { Authorization: authorization })
  const writer = new InfluxDB({ url: base, token, timeout: TIMEOUT_MS })

  const client: InfluxClient = {
    async write(readings) {
      const doing = `append ${readings.length} readings`
      await call(address.where, doing, writeNow(writer, org, address.database, readings))
    },
    query: server.query,
    async erase(tags) {
      const erase = async () => {
        const place = new URLSearchParams({ org, bucket: address.database })
        const answer = await fetch(`${base}/api/v2/delete?${place}`, {
          method: 'POST',
          headers: { authorization, 'content-type': 'application/json' },
          body: JSON.stringify({
            start: '1970-01-01T00:00:00Z',
            stop: '2261-01-01T00:00:00Z',
            predicate: deletePredicate(tags),
          }),
          signal: AbortSignal.timeout(TIMEOUT_MS),
        })
        if (!answer.ok) throw new InfluxAnswer(answer.status, (await answer.text()) || answer.statusText)
        await answer.arrayBuffer()
      }
      await call(address.where, 'erase', erase())
    },
    close: server.close,
  }
  try {
    await client.query('SHOW MEASUREMENTS LIMIT 1')
  } catch (error) {
    client.close()
    throw error
  }
  return influxSeriesStore(client)
}

/** One request, no retries: the readings are safe in the broker's journal, and the client's buffer is memory only. */
async function writeNow(
  writer: InfluxDB,
  org: string,
  bucket: string,
  readings: readonly Reading[],
): Promise<void> {
  let failure: Error | null = null
  const api = writer.getWriteApi(org, bucket, 'ms', {
    batchSize: readings.length + 1,
    maxBatchBytes: 50_000_000,
    flushInterval: 0,
    maxRetries: 0,
    // taken over from the library, which would print it
    writeFailed: async (error) => {
      failure = error
    },
  })
  api.writePoints(readings.map(pointOf))
  await api.close()
  if (failure !== null) throw failure
}

function pointOf(r: Reading): Point {
  const point = new Point(encodeName(r.quantity))
    .tag('device', encodeName(r.device))
    .tag('farm', encodeName(r.farm))
    .tag('field', encodeName(r.field))
    .tag('org', encodeName(r.org))
    .intField('qc', r.flag)
    .stringField('origin', r.origin)
    .timestamp(r.atMs)
  const depth = depthTag(r.depthCm)
  if (depth !== null) point.tag('depth', depth)
  if (r.value !== null) point.floatField('v', r.value)
  return point
}
