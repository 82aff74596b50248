/** A person with a browser: signs up through the setup link and sends the requests of a phone. */
import { randomUUID } from 'node:crypto'
import type { Static } from 'typebox'
import type { FieldDetail } from '../../../services/api/screens/field-schemas.ts'
import type { RequestResult as RequestResultSchema } from '../../../services/api/irrigation/command-schemas.ts'
import { ORG } from '../../support/place.ts'
import { until } from './until.ts'
import { VALVE_FIELD } from './valve-world.ts'

export type RequestResult = Static<typeof RequestResultSchema>

export interface WebResponse {
  status: number
  type: string
  text: string
}

const EMAIL = 'sato@farm.example'

export interface Person {
  /** A request of any status. */
  send(method: 'GET' | 'POST', path: string, body?: unknown, withinMs?: number): Promise<WebResponse>
  get<T>(path: string): Promise<T>
  /** Signs in again after the session was lost; at another port of the same server. */
  signIn(port?: number): Promise<void>
  post<T>(path: string, body: unknown): Promise<T>
  credentials: { email: string; password: string }
  field(): Promise<FieldDetail>
  /** Sends one request with a given key: the same key twice is one request. */
  request(kind: 'start' | 'stop', idem: string, zoneId: string, minutes?: number): Promise<RequestResult>
  /** Retries while the controller is offline; fails on any other refusal. Returns the response. */
  start(zoneId: string, minutes: number): Promise<RequestResult>
  /** Without a zone: every valve. */
  stop(zoneId?: string): Promise<RequestResult>
}

/** Cookies of one browser. */
function openBrowser(
  port: number,
): Pick<Person, 'send' | 'get' | 'post'> & { forget(newPort: number): void } {
  let url = `http://127.0.0.1:${port}`
  let cookie = ''
  const send: Person['send'] = async (method, path, body, withinMs = 20_000) => {
    const response = await fetch(url + path, {
      method,
      headers: { cookie, origin: url, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(withinMs),
    })
    const cookies = response.headers.getSetCookie().map((text) => text.split(';')[0])
    if (cookies.length > 0) cookie = cookies.join('; ')
    const type = response.headers.get('content-type') ?? ''
    return { status: response.status, type, text: await response.text() }
  }
  const call = async <T>(method: 'GET' | 'POST', path: string, body?: unknown): Promise<T> => {
    const { status, text } = await send(method, path, body)
    if (status !== 200) throw new Error(`${method} ${path} was answered ${status}: ${text.slice(0, 200)}`)
    return JSON.parse(text) as T
  }
  return {
    send,
    get: (path) => call('GET', path),
    post: (path, body) => call('POST', path, body),
    forget(newPort) {
      url = `http://127.0.0.1:${newPort}`
      cookie = ''
    },
  }
}

/** A member of the co-operative of `person`, invited and signed in: the administrator of an own organisation. */
export async function inviteMember(
  port: number,
  person: Pick<Person, 'post'>,
): Promise<Pick<Person, 'send' | 'get' | 'post'>> {
  const { code } = await person.post<{ code: string }>('/api/invitations', {
    purpose: 'member',
    name: 'Mori',
  })
  const member = openBrowser(port)
  const form = { code, name: 'Mori', email: 'mori@farm.example', password: randomUUID(), farm: 'Mori farm' }
  await member.post('/api/invitations/accept', form)
  return member
}

/** The first user of the server: its administrator. */
export async function signUp(port: number, setupToken: string | null): Promise<Person> {
  const browser = openBrowser(port)
  const credentials = { email: EMAIL, password: randomUUID() }
  const { get, post } = browser
  await post('/api/setup', {
    token: setupToken,
    name: 'Sato',
    ...credentials,
    orgName: 'Torture',
    orgId: ORG,
  })
  return {
    send: browser.send,
    get,
    post,
    credentials,
    async signIn(newPort = port) {
      browser.forget(newPort)
      await post('/api/auth/sign-in/email', credentials)
    },
    request: (kind, idem, zoneId, minutes) =>
      post(`/api/${kind}`, { idem, zoneId, ...(minutes === undefined ? {} : { minutes }) }),
    field: () => get(`/api/fields/${VALVE_FIELD}`),
    start: (zoneId, minutes) =>
      until(`${zoneId} is started`, 60_000, async () => {
        const result = await post<RequestResult>('/api/start', {
          idem: randomUUID(),
          zoneId,
          minutes,
        })
        if (result.reason === 'controller-offline') return null
        if (result.state === 'refused') throw new Error(`${zoneId} was not started: ${result.reason}`)
        return result
      }),
    stop: (zoneId) => post('/api/stop', { idem: randomUUID(), ...(zoneId === undefined ? {} : { zoneId }) }),
  }
}
