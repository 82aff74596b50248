/**
 * The series store on InfluxDB: the suite of the port on a real 1.x; the same suite through the 2.x adapter, whose
 * server is stood in for by a double that checks the requests in front of the same real 1.x.
 */
import { createServer } from 'node:net'
import { once } from 'node:events'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { DAY_MS } from '../../broker/contract/time.ts'
import { openInflux1Series } from '../../services/adapters/influx/influx1.ts'
import { openInflux2Series } from '../../services/adapters/influx/influx2.ts'
import { openSeries } from '../../services/adapters/series.ts'
import { isTilthError } from '../../services/errors.ts'
import { startInflux2Double, type Influx2Double } from '../support/influx2-double.ts'
import { startInfluxd, type Influxd } from '../support/influxd.ts'
import { requireProgram } from '../support/require.ts'
import { reading } from './series-readings.ts'
import { seriesSuite } from './series-suite.ts'

const T0 = Date.UTC(2026, 6, 6)
const describeWithInflux = requireProgram('influxd', 'apt-get install influxdb')
const secret = { org: 'co-op', bucket: 'season 2026', token: 'tok-3n-s3cret==' }

/** A 1.x with a database of the bucket's name, and the double in front of it. */
async function startBoth(): Promise<{ influxd: Influxd; double: Influx2Double; url: string }> {
  const influxd = await startInfluxd()
  await (await openInflux1Series(`influx1://${influxd.host}/${encodeURIComponent(secret.bucket)}`)).close()
  const double = await startInflux2Double(influxd.url, secret)
  const place = new URLSearchParams({ org: secret.org, token: secret.token })
  return { influxd, double, url: `influx2://${double.host}/${encodeURIComponent(secret.bucket)}?${place}` }
}

describeWithInflux('series on InfluxDB 1.x', () => {
  seriesSuite(async () => {
    const influxd = await startInfluxd()
    return {
      open: () => openInflux1Series(`influx1://${influxd.host}/tilth`),
      goAway: () => influxd.kill(),
      comeBack: () => influxd.restart(),
      close: () => influxd.stop(),
    }
  })
})

describeWithInflux('series on InfluxDB 2.x (a double in front of 1.x)', () => {
  seriesSuite(async () => {
    const { influxd, double, url } = await startBoth()
    return {
      open: () => openInflux2Series(url),
      goAway: () => influxd.kill(),
      comeBack: () => influxd.restart(),
      async close() {
        await double.stop()
        await influxd.stop()
      },
    }
  })
})

describeWithInflux('the 2.x adapter', () => {
  let influxd: Influxd
  let double: Influx2Double
  let url: string
  beforeAll(async () => {
    ;({ influxd, double, url } = await startBoth())
  })
  afterAll(async () => {
    await double?.stop()
    await influxd?.stop()
  })

  it('writes line protocol in ms to /api/v2/write, and queries, both with the token', async () => {
    const store = await openSeries(url, '')
    await store.append([
      reading({ org: 'org-1', atMs: T0, value: 21, origin: 'entered' }),
      reading({ org: 'org-1', atMs: T0 + 1, value: null, flag: 9, depthCm: null }),
    ])
    const write = double.requests.find((request) => request.url.pathname === '/api/v2/write')!
    expect(Object.fromEntries(write.url.searchParams)).toEqual({
      org: secret.org,
      bucket: secret.bucket,
      precision: 'ms',
    })
    expect(write.body.split('\n')).toEqual([
      `soil.moisture,depth=30,device=probe-1,farm=farm-1,field=field-1,org=org-1 origin="entered",qc=1i,v=21 ${T0}`,
      `soil.moisture,device=probe-1,farm=farm-1,field=field-1,org=org-1 origin="measured",qc=9i ${T0 + 1}`,
    ])
    expect(new Set(double.requests.map((request) => request.headers.authorization))).toEqual(
      new Set([`Token ${secret.token}`]),
    )
    await store.close()
  })

  it.each([
    [500, 'STORE_UNAVAILABLE'],
    [503, 'STORE_UNAVAILABLE'],
    [429, 'STORE_UNAVAILABLE'],
    [401, 'STORE_UNAVAILABLE'],
    [404, 'STORE_UNAVAILABLE'],
    [400, 'STORE_REFUSED'],
  ] as const)(
    'a response of %i is %s, after one attempt, and the token is nowhere in the error',
    async (status, code) => {
      const store = await openInflux2Series(url)
      await store.append([reading({ org: 'org-2', atMs: T0, value: 1 })])
      double.answerWith(status)
      const before = double.requests.length
      const error = await store
        .append([reading({ org: 'org-2', atMs: T0 + 1, value: 1 })])
        .catch((e: unknown) => e)
      expect(double.requests.length - before).toBe(1)
      expect(await store.isReady()).toBe(false)
      double.answerWith(null)
      expect(isTilthError(error, code)).toBe(true)
      expect(inFull(error)).not.toContain(secret.token)
      expect((error as Error).message).toContain(double.host)
      await store.close()
    },
  )

  it.each(['hang', 'cut'] as const)(
    'a server whose responses %s is unavailable, and nothing waits forever',
    async (how) => {
      const store = await openInflux2Series(url)
      const late = reading({ org: 'org-3', atMs: T0, value: 1 })
      await store.append([late])
      double.answerWith(how)
      const selection = [
        store.append([late]),
        store.range({ ...late, fromMs: T0, toMs: T0 + 1 }),
        store.latest({ org: 'org-3' }),
      ]
      for (const response of await Promise.allSettled(selection))
        expect(response.status === 'rejected' && isTilthError(response.reason, 'STORE_UNAVAILABLE')).toBe(
          true,
        )
      double.answerWith(null)
      expect((await store.latest({ org: 'org-3' }))[0]?.value).toBe(1)
      await store.close()
    },
  )

  it('a wrong token or an unknown bucket stops the start', async () => {
    for (const wrong of [url.replace('s3cret', 'wrong'), url.replace('season', 'winter')])
      await expect(openInflux2Series(wrong)).rejects.toSatisfy(
        (e: Error) =>
          isTilthError(e, 'INVALID_CONFIG') &&
          /check bucket, org and token/.test(e.message) &&
          !inFull(e).includes('tok-3n'),
      )
  })
})

describeWithInflux('the 1.x adapter', () => {
  let influxd: Influxd
  beforeAll(async () => {
    influxd = await startInfluxd()
  })
  afterAll(() => influxd?.stop())

  it('days of many years share one shard, readings have one per week', async () => {
    const database = 'shards'
    const store = await openInflux1Series(`influx1://${influxd.host}/${database}`)
    const days = [2016, 2021, 2026].map((year) => Date.UTC(year, 6, 6))
    await store.append(days.map((atMs, i) => reading({ org: 'org', atMs, value: 10 * i })))
    await store.maintain(days.at(-1)! + 2 * DAY_MS)
    const selection = { org: 'org', quantity: 'soil.moisture', fromMs: days[0]!, toMs: days.at(-1)! + DAY_MS }
    expect(await store.rolled({ ...selection, step: 'day' })).toMatchObject([
      { atMs: days, mean: [0, 10, 20] },
    ])
    expect(await store.summaries(selection)).toMatchObject([{ days: 3, mean: 10 }])
    await store.close()
    const response = await fetch(`${influxd.url}/query?q=${encodeURIComponent('SHOW SHARDS')}`)
    const { results } = (await response.json()) as {
      results: { series: { name: string; columns: string[]; values: (string | number)[][] }[] }[]
    }
    const { columns, values } = results[0]!.series.find(({ name }) => name === database)!
    const starts = values.map((row) => Date.parse(row[columns.indexOf('start_time')] as string))
    expect(starts.filter((startMs) => startMs < 7 * DAY_MS)).toHaveLength(1)
    expect(starts).toHaveLength(1 + days.length)
  })

  it('creates the database, and again when it was dropped', async () => {
    const store = await openSeries(`influx1://${influxd.host}/farm%20db`, '')
    await store.append([reading({ org: 'org-1', atMs: T0, value: 1 })])
    const drop = new URLSearchParams({ q: 'DROP DATABASE "farm db"' })
    // the answer begins before the database is gone, and ends after
    await (await fetch(`${influxd.url}/query?${drop}`, { method: 'POST' })).text()
    await store.append([reading({ org: 'org-1', atMs: T0, value: 2 })])
    const [series] = await store.range({ org: 'org-1', quantity: 'soil.moisture', fromMs: T0, toMs: T0 + 1 })
    expect(series?.value).toEqual([2])
    await store.close()
  })

  it('a measurement with fields of another type rejects the reading', async () => {
    const store = await openInflux1Series(`influx1://${influxd.host}/tilth`)
    await fetch(`${influxd.url}/write?db=tilth`, {
      method: 'POST',
      body: `soil.moisture,org=other qc="good" ${T0}000000`,
    })
    await expect(store.append([reading({ org: 'org-1', atMs: T0, value: 1 })])).rejects.toSatisfy(
      (e: Error) => isTilthError(e, 'STORE_REFUSED') && /field type conflict/.test(e.message),
    )
    await store.close()
  })
})

describeWithInflux('the 1.x adapter signs in', () => {
  let influxd: Influxd
  beforeAll(async () => {
    influxd = await startInfluxd({ authEnabled: true })
    const ask = async (q: string, credentials = '') =>
      (
        await fetch(`${influxd.url}/query?${new URLSearchParams({ q })}${credentials}`, { method: 'POST' })
      ).text()
    await ask(`CREATE USER "admin" WITH PASSWORD 'admin-word' WITH ALL PRIVILEGES`)
    const asAdmin = '&u=admin&p=admin-word'
    await ask('CREATE DATABASE "farm"', asAdmin)
    await ask(`CREATE USER "tilth" WITH PASSWORD 's3cret:/@ word'`, asAdmin)
    await ask('GRANT ALL ON "farm" TO "tilth"', asAdmin)
  })
  afterAll(() => influxd?.stop())
  const urlFor = (user: string, password: string, database: string) =>
    `influx1://${user}:${encodeURIComponent(password)}@${influxd.host}/${database}`

  it('a user who may not create databases can use an existing one', async () => {
    const store = await openInflux1Series(urlFor('tilth', 's3cret:/@ word', 'farm'))
    await store.append([reading({ org: 'org-1', atMs: T0, value: 1 })])
    expect(await store.latest({ org: 'org-1' })).toMatchObject([{ value: 1 }])
    await store.erase({ org: 'org-1' })
    expect(await store.latest({ org: 'org-1' })).toEqual([])
    await store.close()
  })

  it('a missing database without permission to create it, or a wrong password, stops the start', async () => {
    for (const url of [urlFor('tilth', 's3cret:/@ word', 'other'), urlFor('tilth', 's3cret-wrong', 'farm')])
      await expect(openInflux1Series(url)).rejects.toSatisfy(
        (e: Error) =>
          isTilthError(e, 'INVALID_CONFIG') &&
          /check user, password and database/.test(e.message) &&
          !inFull(e).includes('s3cret'),
      )
  })

  it('after a password change the readings wait instead of being rejected', async () => {
    const store = await openInflux1Series(urlFor('admin', 'admin-word', 'farm'))
    const q = `SET PASSWORD FOR "admin" = 'another'`
    await (
      await fetch(`${influxd.url}/query?${new URLSearchParams({ q, u: 'admin', p: 'admin-word' })}`, {
        method: 'POST',
      })
    ).text()
    await expect(store.append([reading({ org: 'org-2', atMs: T0, value: 1 })])).rejects.toSatisfy(
      (e) => isTilthError(e, 'STORE_UNAVAILABLE') && !inFull(e).includes('admin-word'),
    )
    await store.close()
  })
})

it.each(['influx1', 'influx2'] as const)(
  'nobody answering at %s:// stops the start, and no password is repeated',
  async (scheme) => {
    const server = createServer()
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const { port } = server.address() as { port: number }
    await new Promise((resolve) => server.close(resolve))
    const url = `${scheme}://farm:s3cret@127.0.0.1:${port}/db?org=co-op&token=s3cret`
    await expect(openSeries(url, '')).rejects.toSatisfy(
      (e: Error) =>
        isTilthError(e, 'STORE_UNAVAILABLE') &&
        e.message.includes(`127.0.0.1:${port}`) &&
        !inFull(e).includes('s3cret'),
    )
  },
)

/** Everything that a logger could print of an error. */
function inFull(error: unknown): string {
  const seen: string[] = []
  for (let entry = error; entry instanceof Error; entry = entry.cause)
    seen.push(String(entry.stack), JSON.stringify(entry), JSON.stringify({ ...entry }))
  return seen.join('\n')
}
