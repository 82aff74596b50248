/** A person with a browser: signs up through the setup link and sends the requests of a phone. */
import { randomUUID } from 'node:crypto'
import type { Static } from 'typebox'
import type { FieldDetail } from '../../../services/api/screens/field-schemas.ts'
import type { RequestResult as RequestResultSchema } from '../../../services/api/irrigation/command-schemas.ts'
import { ORG } from '../../support/place.ts'
import { until } from './until.ts'
import { VALVE_FIELD } from './valve-world.ts'

export type RequestResult = Static<typeof RequestResultSchema>

const EMAIL = 'sato@farm.example'

export interface Person {
  get<T>(path: string): Promise<T>
  /** The response to a GET, whatever its status. */
  read(path: string): Promise<{ status: number; type: string; text: string }>
  /** Signs in again after the session was lost; at another port of the same server. */
  signIn(port?: number): Promise<void>
  post<T>(path: string, body: unknown): Promise<T>
  field(): Promise<FieldDetail>
  /** Sends one request with a given key: the same key twice is one request. */
  request(kind: 'start' | 'stop', idem: string, zoneId: string, minutes?: number): Promise<RequestResult>
  /** Retries while the controller is offline; fails on any other refusal. Returns the response. */
  start(zoneId: string, minutes: number): Promise<RequestResult>
  /** Without a zone: every valve. */
  stop(zoneId?: string): Promise<RequestResult>
}

/** The first user of the server: its administrator. */
export async function signUp(port: number, setupToken: string | null): Promise<Person> {
  let url = `http://127.0.0.1:${port}`
  const password = randomUUID()
  let cookie = ''

  async function call<T>(method: 'GET' | 'POST', path: string, body?: unknown): Promise<T> {
    const response = await fetch(url + path, {
      method,
      headers: { cookie, origin: url, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(20_000),
    })
    const cookies = response.headers.getSetCookie().map((text) => text.split(';')[0])
    if (cookies.length > 0) cookie = cookies.join('; ')
    const text = await response.text()
    if (response.status !== 200)
      throw new Error(`${method} ${path} was answered ${response.status}: ${text.slice(0, 200)}`)
    return JSON.parse(text) as T
  }

  await call('POST', '/api/setup', {
    token: setupToken,
    name: 'Sato',
    email: EMAIL,
    password,
    orgName: 'Torture',
    orgId: ORG,
  })
  return {
    get: (path) => call('GET', path),
    async read(path) {
      const response = await fetch(url + path, {
        headers: { cookie },
        signal: AbortSignal.timeout(20_000),
      })
      const type = response.headers.get('content-type') ?? ''
      return { status: response.status, type, text: await response.text() }
    },
    async signIn(newPort = port) {
      url = `http://127.0.0.1:${newPort}`
      cookie = ''
      await call('POST', '/api/auth/sign-in/email', { email: EMAIL, password })
    },
    post: (path, body) => call('POST', path, body),
    request: (kind, idem, zoneId, minutes) =>
      call('POST', `/api/${kind}`, { idem, zoneId, ...(minutes === undefined ? {} : { minutes }) }),
    field: () => call('GET', `/api/fields/${VALVE_FIELD}`),
    start: (zoneId, minutes) =>
      until(`${zoneId} is started`, 60_000, async () => {
        const result = await call<RequestResult>('POST', '/api/start', {
          idem: randomUUID(),
          zoneId,
          minutes,
        })
        if (result.reason === 'controller-offline') return null
        if (result.state === 'refused') throw new Error(`${zoneId} was not started: ${result.reason}`)
        return result
      }),
    stop: (zoneId) =>
      call('POST', '/api/stop', { idem: randomUUID(), ...(zoneId === undefined ? {} : { zoneId }) }),
  }
}
