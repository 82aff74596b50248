/** How much may be asked of the API: how often, how long and how deep a body, how wide a number. */
import fc from 'fast-check'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import Type, { type TSchema } from 'typebox'
import { Compile } from 'typebox/compile'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { addressKey } from '../../../../broker/contract/rate/address-key.ts'
import { isDeeperThan } from '../../../../services/runtime/json-depth.ts'
import { httpLimitsTable, parseHttpLimits, standardHttpLimits } from '../../../../services/api/http/limits.ts'
import { rate } from '../../../../services/api/http/rate-limit.ts'
import { plantFarm } from '../rows.ts'
import { startTestApi, type TestApi } from '../test-api.ts'

let tilth: TestApi
const cookies: Record<string, string> = {}

beforeAll(async () => {
  tilth = await startTestApi({ limits: { ...standardHttpLimits, address: 60, user: 20, stop: 30 } })
  await plantFarm(tilth.state, 'midori')
  for (const name of ['mori', 'sato'])
    cookies[name] = await tilth.signUp('midori', 'operator', `${name}@midori.example`)
})
afterAll(() => tilth.stop())

const from = (remoteAddress: string, who: string | null, url: string, payload?: object) =>
  tilth.api.inject({
    method: payload ? 'POST' : 'GET',
    url,
    remoteAddress,
    headers: who === null ? {} : { cookie: cookies[who]! },
    ...(payload ? { payload } : {}),
  })

describe('requests a minute', () => {
  it('of one person are counted over all addresses, and of one address over all anonymous clients (B11)', async () => {
    const statuses = async (ask: (i: number) => ReturnType<typeof from>, count: number) => {
      const found: number[] = []
      for (let i = 0; i < count; i++) found.push((await ask(i)).statusCode)
      return found
    }
    const person = await statuses((i) => from(`10.0.0.${i}`, 'mori', '/api/me'), 21)
    expect(person).toEqual([...Array<number>(20).fill(200), 429])
    const address = await statuses(() => from('10.2.2.2', null, '/api/today'), 61)
    expect(address).toEqual([...Array<number>(60).fill(401), 429])
    // nobody else is refused for it, and nobody who is signed in behind the same address
    expect((await from('10.3.3.3', 'sato', '/api/me')).statusCode).toBe(200)
    expect((await from('10.2.2.2', 'sato', '/api/me')).statusCode).toBe(200)
  })

  it('are refused with the time to wait, in the uniform error body', async () => {
    const answer = await from('10.2.2.2', null, '/api/today')
    expect([answer.statusCode, answer.json().error]).toEqual([429, 'RATE_LIMITED'])
    expect(answer.headers['retry-after']).toMatch(/^[1-9]\d*$/)
    expect(answer.headers['x-content-type-options']).toBe('nosniff')
  })

  it('never block a STOP from a flooded address, by a person over the limit (B11)', async () => {
    expect((await from('10.2.2.2', 'mori', '/api/me')).statusCode).toBe(429) // as that person
    const stop = await from('10.2.2.2', 'mori', '/api/stop', {
      idem: 'stop-in-a-flood',
      zoneId: 'midori-zone',
    })
    expect(stop.statusCode).toBe(200)
  })

  it('are counted by the address that a configured proxy forwards, and no other header (B8)', async () => {
    const behind = await startTestApi({
      trustedProxy: ['10.0.0.5'],
      limits: { ...standardHttpLimits, address: 3 },
    })
    const ask = (remoteAddress: string, forwarded: string) =>
      behind.api.inject({ url: '/api/me', remoteAddress, headers: { 'x-forwarded-for': forwarded } })
    const statuses = async (remoteAddress: string) => {
      const found: number[] = []
      for (let i = 1; i <= 5; i++) found.push((await ask(remoteAddress, `203.0.113.${i}`)).statusCode)
      return found
    }
    expect(await statuses('10.0.0.5')).toEqual([401, 401, 401, 401, 401])
    expect(await statuses('10.0.0.6')).toEqual([401, 401, 401, 429, 429])
    // what was there before the proxy is anyone's word: the last address before it counts
    expect((await ask('10.0.0.5', '198.51.100.1, 203.0.113.200')).statusCode).toBe(401)
    await behind.stop()
  })

  it('come back with time, and the memory for them is bounded', () => {
    let nowMs = 0
    const two = rate(2, () => nowMs)
    expect([two.take('a'), two.take('a'), two.take('a'), two.take('b')]).toEqual([0, 0, 30, 0])
    nowMs += 30_000
    expect([two.take('a'), two.take('a')]).toEqual([0, 30])
    for (let i = 0; i < 10_000; i++) two.take(`stranger-${i}`)
    expect(two.take('a')).toBe(0) // forgotten
  })

  it.each([
    ['::ffff:192.168.1.20', '192.168.1.20'],
    ['192.168.1.20', '192.168.1.20'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:DB8:1:2::9', '2001:db8:1:2::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
  ])('%s is counted as %s', (address, key) => expect(addressKey(address)).toBe(key))

  it('HTTP_LIMITS sets them individually, and the table of the docs matches the code', () => {
    expect(parseHttpLimits('')).toEqual({ ok: true, value: standardHttpLimits })
    expect(parseHttpLimits('user=300, sign-in=10')).toMatchObject({
      value: { user: 300, 'sign-in': 10, address: 3_000 },
    })
    expect(parseHttpLimits('users=3')).toMatchObject({ ok: false })
    expect(parseHttpLimits('user=0')).toMatchObject({ ok: false })
    const docs = readFileSync(join(import.meta.dirname, '../../../../docs/security.md'), 'utf8')
    for (const [name, [value, purpose]] of Object.entries(httpLimitsTable))
      expect(docs).toContain(`| \`${name}\` | ${value} | ${purpose} |`)
  })
})

describe('the input of a route', () => {
  /** Where a schema leaves something without bounds. */
  function unbounded(schema: unknown, path: string): string[] {
    if (typeof schema !== 'object' || schema === null) return []
    const at = schema as Record<string, unknown>
    const found: string[] = []
    const accepts = (value: unknown) => Compile(at as TSchema).Check(value)
    if (at.type === 'number' || at.type === 'integer') {
      if (accepts(1e300) || accepts(-1e300)) found.push(`${path}: a number without bounds`)
    } else if (at.type === 'string') {
      // the content of a file is as long as a body may be
      if (at.contentMediaType !== undefined && Number(at.maxLength) < 1_000_000) return found
      const isLong = ['a', '1', 'あ', ' '].some((sign) => accepts(sign.repeat(2_000)))
      if (isLong && at.enum === undefined && at.const === undefined)
        found.push(`${path}: a text without bounds`)
    } else if (at.type === 'array') {
      if (at.maxItems === undefined) found.push(`${path}: a list without bounds`)
      found.push(...unbounded(at.items, `${path}[]`))
    } else if (at.patternProperties !== undefined) {
      if (at.maxProperties === undefined || at.additionalProperties !== false)
        found.push(`${path}: a map without bounds`)
      for (const [key, value] of Object.entries(at.patternProperties as object)) {
        if (new RegExp(key).test('a'.repeat(2_000)) || new RegExp(key).test('1'.repeat(2_000)))
          found.push(`${path}: names without bounds`)
        found.push(...unbounded(value, `${path}{}`))
      }
    } else if (at.type === 'object') {
      if (path.startsWith('body') && at.additionalProperties !== false)
        found.push(`${path}: takes unknown names`)
      for (const [key, value] of Object.entries((at.properties ?? {}) as object))
        found.push(...unbounded(value, `${path}.${key}`))
    } else if (at.anyOf !== undefined || at.allOf !== undefined)
      for (const part of [...((at.anyOf ?? []) as unknown[]), ...((at.allOf ?? []) as unknown[])])
        found.push(...unbounded(part, path))
    else if (!['enum', 'const', 'type'].some((key) => key in at)) found.push(`${path}: anything at all`)
    return found
  }

  it('has bounds on every number, text, list and map, and a body rejects unknown names (B11)', () => {
    const found = tilth.api.routes.flatMap(({ method, url, schema }) =>
      (['body', 'querystring', 'params'] as const).flatMap((part) =>
        unbounded(schema[part], part).map((what) => `${method} ${url} ${what}`),
      ),
    )
    expect(found).toEqual([])
  })

  it('the search for bounds finds inputs without any', () => {
    const open = Type.Object({
      n: Type.Number({ minimum: 0 }),
      t: Type.String(),
      l: Type.Array(Type.Null()),
      u: Type.Unknown(),
    })
    expect(unbounded(open, 'body')).toEqual([
      'body: takes unknown names',
      'body.n: a number without bounds',
      'body.t: a text without bounds',
      'body.l: a list without bounds',
      'body.u: anything at all',
    ])
  })

  it('every route with a body has a schema for it', () => {
    const shapeless = tilth.api.routes
      .filter(({ method, schema }) => ['POST', 'PATCH', 'PUT'].includes(method) && schema.body === undefined)
      .map(({ url }) => url)
    // these take none, and read none
    expect(shapeless.sort()).toEqual([
      '/api/auth/sign-out',
      '/api/dead-letters/:id/replay',
      '/api/devices/:id/read-again',
      '/api/devices/:id/revoke',
      '/api/devices/:id/rotate',
      '/api/devices/:id/unassign',
      '/api/devices/:id/valves/:valve/test',
      '/api/devices/:id/valves/:valve/unlock',
      '/api/field-work/:id/confirm',
      '/api/integrations/:id/revoke',
      '/api/integrations/:id/rotate',
      '/api/members/:id/password-link',
      '/api/memberships/:id/end',
      '/api/memberships/:id/invite',
      '/api/outputs/:id/off',
      '/api/products/:id/retire',
      '/api/runs/:id/dismiss-remainder',
      '/api/tasks/:id/done',
      '/api/tasks/:id/not-done',
      '/api/treatments/:id/record',
    ])
  })
})

describe('a body', () => {
  it('is at most 20 levels deep, and brackets in a text are no levels (B11)', async () => {
    const nested = (levels: number) => '['.repeat(levels) + ']'.repeat(levels)
    const post = (payload: string) =>
      tilth.api.inject({
        method: 'POST',
        url: '/api/stop',
        payload,
        remoteAddress: '10.4.4.4',
        headers: { cookie: cookies.sato!, 'content-type': 'application/json' },
      })
    const deep = await post(`{"idem":${nested(400_000)}}`)
    expect([deep.statusCode, deep.json()]).toEqual([
      400,
      { error: 'BAD_REQUEST', message: 'body: must be at most 20 levels deep, got more' },
    ])
    expect((await post(`{"idem":"12345678","zoneId":"${'['.repeat(40)}"}`)).json().error).toBe('NOT_FOUND')
    expect(isDeeperThan(20, nested(20))).toBe(false)
    const wide = await post(`{"idem":[${Array(50_001).fill(1).join()}]}`)
    expect(wide.json().message).toBe('body: must hold at most 50000 values, got more')
    const listed = await post(`{"idem":"12345678","zoneId":"${','.repeat(60_000)}"}`)
    expect(listed.json().message).toMatch(/^zoneId: /)
    expect(isDeeperThan(20, nested(21))).toBe(true)
  })

  it('has its true depth, whatever its content', () => {
    const depthOf = (value: unknown): number =>
      typeof value === 'object' && value !== null
        ? 1 + Math.max(0, ...Object.entries(value).map(([, inner]) => depthOf(inner)))
        : 0
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 8, noUnicodeString: false }), (value) => {
        const depth = depthOf(value)
        const text = JSON.stringify(value)
        expect(isDeeperThan(depth, text)).toBe(false)
        if (depth > 0) expect(isDeeperThan(depth - 1, text)).toBe(true)
      }),
    )
  })
})
