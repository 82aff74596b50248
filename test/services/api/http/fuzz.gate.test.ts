/**
 * Twenty thousand requests made from docs/api/openapi.json, more wrong than right, the same on every run, to every
 * operation in turn: none is an error of the server, and no response reveals what is behind it. Over the network, at
 * full length: `npm run torture -- F6`.
 */
import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { operationsOf, request, type Request } from '../../../../bench/torture/fuzz/requests.ts'
import { noHttpLimits } from '../../../../services/api/http/limits.ts'
import { plantOrganisations } from '../route-cases/plant.ts'
import { cookieOf, PASSWORD, startTestApi, type TestApi } from '../test-api.ts'

const REQUESTS = 20_000
const AT_ONCE = 50
const SEED = '1'
const ADMIN = 'admin@midori.example'

let tilth: TestApi
let admin: string

beforeAll(async () => {
  tilth = await startTestApi({ limits: noHttpLimits })
  admin = (await plantOrganisations(tilth)).admin.midori!
})
afterAll(() => tilth.stop())

const document = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../../../docs/api/openapi.json'), 'utf8'),
) as Parameters<typeof operationsOf>[0]
const operations = operationsOf(document)

/** By the noun of a path: what `plantFarm` calls such an object. */
const objects: Record<string, readonly string[]> = {
  fields: ['midori-field', 'midori-paddy'],
  paddies: ['midori-paddy'],
  zones: ['midori-zone'],
  farms: ['midori-farm'],
  pumps: ['midori-pump'],
  devices: ['midori-probe', 'midori-controller', 'midori-station', 'midori-trap', 'midori-gauge'],
  runs: ['midori-run', 'midori-run-done'],
  requests: ['midori-request'],
  seasons: ['midori-season', 'midori-rice'],
  models: ['soil-moisture:midori-probe@30', 'et0:midori-farm'],
  'dead-letters': ['1', '2', '3'],
}
const anyObject = [
  ...new Set([...Object.values(objects).flat(), 'midori-why', 'midori-task', 'V1', 'midori']),
]
const idsOf = (path: string) => objects[path.split('/')[2]!] ?? anyObject

/** What no response to a stranger contains: a stack, a file, a statement. */
const inside =
  /\bat \w[\w.]* \(|\.[cm]?[jt]s:\d|node_modules|\/services\/|SQLITE|SqliteError|\b(select|insert|update|delete)\b.{1,80}\b(from|into|set|where)\b|no such (table|column)|constraint/i

async function signInAgain(): Promise<void> {
  const form = { email: ADMIN, password: PASSWORD }
  admin = cookieOf(await tilth.call(null, 'POST', '/api/auth/sign-in/email', form))
}

/** The status and body; of a stream, which has no end, only the status. */
async function send({ method, path, headers, body }: Request, isSignedIn: boolean) {
  const isStream = path.startsWith('/api/events')
  const response = await tilth.api.inject({
    method: method as 'GET',
    url: path,
    headers: { host: 'farm.local', ...(isSignedIn ? { cookie: admin } : {}), ...headers },
    ...(body === null ? {} : { payload: body }),
    payloadAsStream: isStream,
  })
  if (!isStream) return { statusCode: response.statusCode, text: response.body }
  const { statusCode } = response
  ;(response as unknown as { stream(): Readable }).stream().destroy()
  return { statusCode, text: '' }
}

describe(`${REQUESTS} requests from the OpenAPI document`, () => {
  it('all get a response, never a server error, and reveal no internals', async () => {
    const statuses = new Map<number, number>()
    const called = new Map<string, number>()
    const failures: unknown[] = []
    let next = 0
    const worker = async (): Promise<void> => {
      while (next < REQUESTS) {
        const number = next++
        const { method, path } = operations[number % operations.length]!
        const fuzzed = request(SEED, number, operations, idsOf)
        // a wrong password delays the next attempt: a few rounds are enough
        const isSlow = path.endsWith('/change-password') && number > 5 * operations.length
        const isSignedIn = number % 10 > 0 && !path.endsWith('/sign-out') && !isSlow
        const { statusCode, text } = await send(fuzzed, isSignedIn)
        statuses.set(statusCode, (statuses.get(statusCode) ?? 0) + 1)
        called.set(`${method} ${path}`, (called.get(`${method} ${path}`) ?? 0) + 1)
        if (statusCode === 401 && isSignedIn && fuzzed.headers.cookie === undefined) await signInAgain()
        if (statusCode >= 500) failures.push([number, fuzzed, statusCode, text.slice(0, 300)])
        if (statusCode < 400 || text === '') continue
        const { params, ...said } = JSON.parse(text) as { message: string; params?: object }
        const words = JSON.stringify([said.message, params])
        const isLeak = inside.test(words) && !inside.test(JSON.stringify(fuzzed))
        if (isLeak || Object.keys(said).join() !== 'error,message') failures.push([number, fuzzed, said])
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, worker))
    const byStatus = [...statuses].sort(([a], [b]) => a - b).map(([status, times]) => `${status} ${times}`)
    console.log(
      `fuzzed ${called.size} of ${operations.length} operations, ${REQUESTS} requests: ${byStatus.join(', ')}`,
    )
    expect(failures).toEqual([])
    expect(called.size).toBe(operations.length)
    // it is no test when all are rejected at the entrance
    expect(statuses.get(200)).toBeGreaterThan(REQUESTS / 10)
    expect(statuses.get(400)).toBeGreaterThan(REQUESTS / 20)
    expect((await tilth.api.inject('/healthz')).statusCode).toBe(200)
    expect(tilth.logged.filter(({ text }) => text === 'a request failed')).toEqual([])
  }, 180_000)
})
describe('input that is no HTTP', () => {
  const raw = (text: string) =>
    new Promise<string>((resolve, reject) => {
      const socket = connect(tilth.api.port, '127.0.0.1', () => socket.end(text))
      let answer = ''
      socket.setEncoding('utf8')
      socket.on('data', (chunk: string) => (answer += chunk))
      socket.on('close', () => resolve(answer))
      socket.on('error', reject)
    })
  const host = 'Host: farm.local\r\nConnection: close\r\n'

  it.each([
    ['a line of nonsense', 'nonsense\r\n\r\n', 400],
    ['headers without end', `GET / HTTP/1.1\r\n${host}x: ${'x'.repeat(40_000)}\r\n\r\n`, 431],
    ['an address with a broken escape', `GET /api/fields/%E0%A4%A HTTP/1.1\r\n${host}\r\n`, 400],
    ['an address that is too long', `GET /api/fields/${'x'.repeat(500)} HTTP/1.1\r\n${host}\r\n`, 400],
    [
      'two lengths',
      `POST /api/stop HTTP/1.1\r\n${host}Content-Length: 3\r\nContent-Length: 5\r\n\r\n{}`,
      400,
    ],
    [
      'a length and chunks',
      `POST /api/stop HTTP/1.1\r\n${host}Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
      400,
    ],
    ['an invalid method', `BREW /api/stop HTTP/1.1\r\n${host}\r\n`, 400],
    ['a parent folder', `GET /../../etc/passwd HTTP/1.1\r\n${host}\r\n`, 404],
  ])('(%s) gets the uniform error body', async (_, text, status) => {
    const answer = await raw(text)
    const [head, body = ''] = answer.split('\r\n\r\n')
    expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
    expect(head!.toLowerCase()).toContain('x-content-type-options: nosniff')
    expect(Object.keys(JSON.parse(body) as object)).toEqual(['error', 'message'])
  })
})
