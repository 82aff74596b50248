/** Nobody reaches what is another organisation's: on every route, made from the real table of routes. */
import readExcelFile from 'read-excel-file/node'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { internalTopic } from '../../../../broker/contract/topics.ts'
import { startIngest, type Ingest } from '../../../../services/ingest/ingest.ts'
import { silent } from '../../../broker/rig.ts'
import { addressOf, callOf, namesObjects, offered, ofRoute, routeCases } from '../route-cases.ts'
import { plantOrganisations } from '../route-cases/plant.ts'
import type { Known } from '../route-cases/route-case.ts'
import { startTestApi, type TestApi } from '../test-api.ts'

let tilth: TestApi
let ingest: Ingest
let known: Known
let admin: Record<string, string>

beforeAll(async () => {
  tilth = await startTestApi()
  ;({ known, admin } = await plantOrganisations(tilth))
  // so that each audit has a line that names its organisation
  for (const org of ['midori', 'akane'])
    await tilth.call(admin[org]!, 'PATCH', `/api/zones/${org}-zone`, { adjustPercent: 1 })
  ingest = await startIngest({ ...tilth, log: silent }) // an erasure waits for it
})
afterAll(async () => {
  await ingest.stop()
  await tilth.stop()
})

const all = Object.entries(routeCases)
const kinds = (...wanted: string[]) => all.filter(([, { kind }]) => wanted.includes(kind))
/** Asks with midori's cookie for what is `of`. */
const ask = (route: string, of: string) => {
  const { method, url, body } = callOf(route, of, known)
  return tilth.call(admin.midori!, method, url, body)
}

describe('the cases', () => {
  it('exist for every route, and for no other (B7)', () => {
    const routes = offered(tilth.api.routes).map(({ method, url }) => `${method} ${url}`)
    expect(Object.keys(routeCases).sort()).toEqual(routes.sort())
  })

  it('name every object that a body or a query can name (B7)', () => {
    for (const route of offered(tilth.api.routes)) {
      const name = `${route.method} ${route.url}`
      expect([name, Object.keys(routeCases[name]?.refers ?? {}).sort()]).toEqual([name, namesObjects(route)])
    }
  })

  it('have an id wherever the route has one', () => {
    for (const [route, { id, kind }] of all)
      expect([route, id !== undefined, kind === 'object']).toEqual([
        route,
        route.includes(':'),
        route.includes(':'),
      ])
  })
})

describe("another organisation's object", () => {
  const named = all.flatMap(([route, { refers = {} }]) =>
    Object.entries(refers).flatMap(([name, how]) =>
      typeof how === 'string' ? [] : [[route, name, how] as const],
    ),
  )
  // before the routes below change or take away what is there
  it.each(named)(
    "%s with another's %s is refused, and nothing of it is shown (B7)",
    async (route, name, how) => {
      const [method] = ofRoute(route)
      const { url } = callOf(route, 'midori', known)
      const form = how.with('midori', 'akane')
      const isQuery = method === 'GET'
      const before = await everythingOf('akane')
      const answer = await tilth.call(
        ...([admin.midori!, method] as const),
        isQuery
          ? `${url.split('?')[0]}?${new URLSearchParams(form as Record<string, string>).toString()}`
          : url,
        isQuery ? undefined : form,
      )
      expect([name, answer.status]).toEqual([name, how.status ?? 404])
      expect(Object.keys(answer.body)).toEqual(['error', 'message'])
      // what it was asked for may be said back; what is there may not
      expect(answer.text.replaceAll(/akane-\w+/g, '')).not.toContain('akane')
      expect(await everythingOf('akane')).toBe(before)
    },
  )

  it.each(kinds('object'))('%s by its id gets the same response as an unknown one (B7)', async (route) => {
    const before = await everythingOf('akane')
    const others = await ask(route, 'akane')
    expect([others.status, others.body.error]).toEqual([404, 'NOT_FOUND'])
    const [method] = ofRoute(route)
    const id = routeCases[route]!.id!('akane', known)
    const never = /^\d+$/.test(id) ? '999999' : id.replace(/.$/, '~')
    const { body } = callOf(route, 'akane', known)
    const absent = await tilth.call(admin.midori!, method, addressOf(route, never), body)
    expect([absent.status, absent.text]).toEqual([404, others.text.replace(id, never)])
    expect(await everythingOf('akane')).toBe(before)
  })

  it.each(kinds('object'))('%s returns its own data', async (route) => {
    const own = await ask(route, 'midori')
    const expected = routeCases[route]!.ownStatus ?? 200
    expect([own.status, own.text.slice(0, 200)]).toEqual([expected, own.text.slice(0, 200)])
  })
})

describe('the content of a response', () => {
  const ofOwnKind = new Set([
    ...['GET /api/events', 'GET /api/reports/season.xlsx', 'GET /api/reports/season.pdf'],
    ...['GET /api/reports', 'GET /api/reports/season.sprays'],
  ])
  it.each(kinds('list').filter(([route]) => !ofOwnKind.has(route)))(
    '%s is of the own organisation alone (B7)',
    async (route) => {
      const answer = await ask(route, 'midori')
      expect(answer.status).toBe(200)
      expect(answer.text).toContain('midori')
      expect(answer.text).not.toContain('akane')
    },
  )

  it('GET /api/reports/season.xlsx is of the own organisation alone', async () => {
    const { url } = callOf('GET /api/reports/season.xlsx', 'midori', known)
    const headers = { cookie: admin.midori!, host: 'farm.local' }
    const { rawPayload } = await tilth.api.inject({ method: 'GET', url, headers })
    const cells = JSON.stringify(await readExcelFile(rawPayload))
    expect(cells).toContain('midori')
    expect(cells).not.toContain('akane')
  })

  it("GET /api/reports is of the caller's organisation alone; erased data is gone from it", async () => {
    const ordered: Record<string, string> = {}
    for (const org of ['midori', 'akane']) {
      const { url, body } = callOf('POST /api/reports', org, known)
      ordered[org] = (await tilth.call(admin[org]!, 'POST', url, body)).body.id
    }
    const { text } = await ask('GET /api/reports', 'midori')
    expect(text).toContain(ordered.midori)
    expect(text).not.toContain(ordered.akane)
  })

  it('GET /api/reports/season.sprays is of the own organisation alone, once its records are confirmed', async () => {
    for (const org of ['midori', 'akane'] as const) {
      const { body } = callOf('POST /api/treatments/:id/done', org, known)
      const path = `/api/treatments/${org}-treatment-confirmed`
      await tilth.call(admin[org]!, 'POST', `${path}/done`, body)
      expect((await tilth.call(admin[org]!, 'POST', `${path}/record`)).status).toBe(200)
    }
    const { text } = await ask('GET /api/reports/season.sprays', 'midori')
    expect(text).toContain('midori')
    expect(text).not.toContain('akane')
  })

  it('GET /api/events sends one organisation nothing of the other, missed events included (B7)', async () => {
    const say = (org: string, id: string) =>
      tilth.bus.publish(internalTopic(org, 'event'), JSON.stringify({ event: 'command', id, atMs: 1 }), {
        qos: 1,
        retain: false,
      })
    const listen = async (lastEventId: string, until: string) => {
      const abort = new AbortController()
      const response = await fetch(`http://127.0.0.1:${tilth.api.port}/api/events`, {
        headers: { cookie: admin.midori!, 'last-event-id': lastEventId },
        signal: abort.signal,
      })
      let text = ''
      for await (const chunk of response.body!) {
        text += new TextDecoder().decode(chunk as Uint8Array)
        if (text.includes('event: resync') && until === 'resync') await tell()
        if (text.includes(until) && until !== 'resync') break
        if (text.includes('midori-last')) break
      }
      abort.abort()
      return text
    }
    const tell = async () => {
      await say('akane', 'akane-command')
      await say('midori', 'midori-last')
    }
    const live = await listen('an-event-of-an-earlier-start', 'resync')
    expect(live).not.toContain('akane')
    // an id that was given for the other's event finds nothing of it either
    const lastId = /^id: (\w+)-(\d+)$/m.exec(live)!
    const replayed = await listen(`${lastId[1]}-${Number(lastId[2]) - 1}`, 'event: resync')
    expect(replayed).not.toContain('akane')
  })

  it('the audit head of another organisation is not found', async () => {
    const { body: others } = await tilth.call(admin.akane!, 'GET', '/api/audit/verify')
    const { head, broken } = (
      await tilth.call(admin.midori!, 'GET', `/api/audit/verify?noted=${others.head.n}-${others.head.hash}`)
    ).body
    expect(head.hash).not.toBe(others.head.hash)
    expect(broken).not.toBeNull()
  })
})

/** All rows of an organisation, as its own export would have them, and who belongs to it. */
async function everythingOf(org: string): Promise<string> {
  const tables = [
    'farm',
    'field',
    'season',
    'zone',
    'pump',
    'device',
    'run',
    'request',
    'degreeDayTracker',
    'product',
    'treatment',
  ] as const
  const rows = await Promise.all(
    tables.map((table) =>
      tilth.state
        .selectFrom(table)
        .selectAll()
        .where('org', '=', org)
        .orderBy(table === 'degreeDayTracker' ? 'fieldId' : 'id')
        .execute(),
    ),
  )
  const members = await tilth.call(admin[org]!, 'GET', '/api/members')
  return JSON.stringify([rows, members.body, tilth.journal.deadLetters({ org })])
}
