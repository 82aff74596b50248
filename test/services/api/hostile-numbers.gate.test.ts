/**
 * Every numeric field of every MQTT message and of every body of the API, with extremes, through the real schemas and
 * handlers into a small Tilth; then every page, report and export is read. Nothing fails, and every number that is shown
 * is finite and one that a farm can have.
 */
import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { extremeNumbers, hostileMessages } from '../../../bench/torture/fuzz/hostile-numbers.ts'
import { standardTiming } from '../../../broker/contract/command-lifecycle/timing.ts'
import { delivery, topicOf } from '../../../broker/contract/topics.ts'
import { noHttpLimits } from '../../../services/api/http/limits.ts'
import type { RouteEntry } from '../../../services/api/http/access-control.ts'
import { startDispatch, type Dispatch } from '../../../services/dispatch/dispatch.ts'
import { startIngest, type Ingest } from '../../../services/ingest/ingest.ts'
import { callOf, isWriting, offered, routeCases } from './route-cases.ts'
import { plantOrganisations } from './route-cases/plant.ts'
import type { Known } from './route-cases/route-case.ts'
import { NOW_MS } from './rows.ts'
import { startTestApi, type TestApi } from './test-api.ts'

const ORG = 'midori'
const BATCHES = 4
/** The largest bound of a quantity (quantities.ts) and of an instant. */
const LARGEST = 1e13

let tilth: TestApi
let dispatch: Dispatch
let ingest: Ingest
let cookie: string
let known: Known
let routes: RouteEntry[]

beforeAll(async () => {
  tilth = await startTestApi({ limits: noHttpLimits })
  const planted = await plantOrganisations(tilth)
  known = planted.known
  cookie = planted.admin[ORG]!
  routes = offered(tilth.api.routes)
  const { state, series, bus, journal, clock } = tilth
  const log = { debug() {}, info() {}, warn() {}, error() {} }
  await state
    .updateTable('device')
    .set({ commandKey: '5a'.repeat(32) })
    .where('id', '=', `${ORG}-controller`)
    .execute()
  dispatch = await startDispatch({ state, bus, clock, log, timing: standardTiming, journal })
  ingest = await startIngest({ journal, series, state, bus, clock, log })
})
afterAll(async () => {
  await ingest.stop()
  await dispatch.stop()
  await tilth.stop()
})

interface Schema {
  type?: string
  minimum?: number
  maximum?: number
  exclusiveMinimum?: number
  exclusiveMaximum?: number
  properties?: Record<string, Schema>
  items?: Schema
  anyOf?: Schema[]
}
interface Numeric {
  path: readonly string[]
  limits: readonly number[]
}

/** Every numeric field of a schema, with the numbers at its limits. */
function numericFields(schema: Schema | undefined, path: readonly string[] = []): Numeric[] {
  if (schema === undefined) return []
  const { type, properties = {}, items, anyOf = [] } = schema
  if (type === 'number' || type === 'integer') {
    const { minimum, maximum, exclusiveMinimum, exclusiveMaximum } = schema
    const least = exclusiveMinimum === undefined ? [] : [exclusiveMinimum + Number.MIN_VALUE]
    const most = exclusiveMaximum === undefined ? [] : [exclusiveMaximum - 1e-9]
    const limits = [minimum, maximum, ...least, ...most].filter((value) => value !== undefined)
    return [{ path, limits }]
  }
  return [
    ...Object.entries(properties).flatMap(([key, part]) => numericFields(part, [...path, key])),
    ...numericFields(items, [...path, '0']),
    ...anyOf.flatMap((part) => numericFields(part, path)),
  ]
}

/** The body with this text at the path, whose parts are made where they are missing; null where there is no place. */
function bodyWith(body: object, path: readonly string[], text: string): string | null {
  const copy = structuredClone(body) as Record<string, unknown>
  let inner = copy
  for (const key of path.slice(0, -1)) {
    const part = inner[key]
    if (typeof part !== 'object' || part === null) return null
    inner = part as Record<string, unknown>
  }
  inner[path.at(-1)!] = '<number>'
  return JSON.stringify(copy).replace('"<number>"', text)
}

interface Hostile {
  what: string
  send(): Promise<number | null>
}

const post = (route: string, url: string, text: string): Hostile => ({
  what: `${route} ${text}`,
  send: async () =>
    (
      await tilth.api.inject({
        method: route.split(' ')[0] as 'POST',
        url,
        headers: { host: 'farm.local', cookie, 'content-type': 'application/json' },
        payload: text,
      })
    ).statusCode,
})

function hostileBodies(): Hostile[] {
  return Object.keys(routeCases)
    .filter(isWriting)
    .flatMap((route) => {
      const { method, url, body } = callOf(route, ORG, known)
      const schema = routes.find((entry) => `${entry.method} ${entry.url}` === route)?.schema.body
      if (body === undefined) return []
      return numericFields(schema as Schema | undefined).flatMap(({ path, limits }) =>
        [...extremeNumbers, ...limits.map(String)].flatMap((number) => {
          const text = bodyWith(body, path, number)
          return text === null ? [] : [post(`${method} ${route.split(' ')[1]}`, url, text)]
        }),
      )
    })
}

const device = `${ORG}-controller`
const messages = (): Hostile[] =>
  hostileMessages('V1').map(({ kind, payload }) => ({
    what: `${kind} ${payload}`,
    async send() {
      await tilth.bus.publish(topicOf(ORG, device, kind), payload, delivery[kind])
      if (kind === 'telemetry')
        await tilth.journal.append({ receivedMs: NOW_MS, org: ORG, device, payload: Buffer.from(payload) })
      return null
    },
  }))

/** GET of every route, with the objects of the organisation. */
async function readEverything(): Promise<string[]> {
  const wrong: string[] = []
  for (const route of Object.keys(routeCases).filter((name) => name.startsWith('GET '))) {
    if (route === 'GET /api/events') continue
    const { url } = callOf(route, ORG, known)
    for (const address of reports(url)) {
      const { status, text, body, headers } = await tilth.call(cookie, 'GET', address)
      if (status >= 500) wrong.push(`${status} ${address}: ${text.slice(0, 200)}`)
      if (String(headers['content-type']).includes('csv') && /(^|[,;"])-?(NaN|Infinity)($|[,;"])/m.test(text))
        wrong.push(`${address}: a number that is not finite`)
      // the audit and the rejected messages keep a number as it was sent
      if (/audit|dead-letters|export|docs/.test(address)) continue
      for (const path of tooLarge(body)) wrong.push(`${address}: ${path}`)
    }
  }
  return wrong
}

/** A report of a year also for the last year that there can be. */
const reports = (url: string): string[] =>
  /year=\d{4}/.test(url)
    ? [url, url.replace(/year=\d{4}/, 'year=2026'), url.replace(/year=\d{4}/, 'year=2099')]
    : [url]

function tooLarge(value: unknown, path = ''): string[] {
  if (typeof value === 'number') return Math.abs(value) <= LARGEST ? [] : [`${path}: ${value}`]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, part]) => tooLarge(part, `${path}.${key}`))
}

it('no number makes a page, a report or an export fail, or shows what a farm cannot have', async () => {
  const all = [...hostileBodies(), ...messages()]
  const shuffled = fc.sample(fc.shuffledSubarray(all, { minLength: all.length }), {
    numRuns: 1,
    seed: 20_261_130,
  })[0]!
  const counts = new Map<number | null, number>()
  const failed: string[] = []
  const size = Math.ceil(shuffled.length / BATCHES)
  for (let from = 0; from < shuffled.length; from += size) {
    for (const { what, send } of shuffled.slice(from, from + size)) {
      const status = await send()
      counts.set(status, (counts.get(status) ?? 0) + 1)
      if (status !== null && status >= 500) failed.push(`${status} ${what}`)
    }
    await dispatch.settled()
    await ingest.settled()
    failed.push(...(await readEverything()))
  }
  console.log(
    `${all.length} hostile numbers: ${[...counts].map(([status, times]) => `${status ?? 'messages'} ${times}`).join(', ')}`,
  )
  expect(failed).toEqual([])
  expect(tilth.logged.filter(({ text }) => text === 'a request failed')).toEqual([])
  expect(counts.get(200)).toBeGreaterThan(100)
}, 180_000)
