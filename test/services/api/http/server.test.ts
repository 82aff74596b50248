/** What holds for every answer: headers, limits, errors, the dashboard's files, the documentation, health. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from 'node:net'
import { gunzipSync, gzipSync } from 'node:zlib'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestApi, type TestApi } from '../test-api.ts'

let tilth: TestApi
let admin: string
let dashboardDir: string
// 30 s on a farm
const REQUEST_TIMEOUT_MS = 900

beforeAll(async () => {
  dashboardDir = await mkdtemp(join(tmpdir(), 'tilth-dashboard-'))
  await mkdir(join(dashboardDir, 'assets'))
  await writeFile(join(dashboardDir, 'index.html'), '<!doctype html><title>Tilth</title>')
  await writeFile(join(dashboardDir, 'sw.js'), '// worker')
  await writeFile(join(dashboardDir, 'assets', 'app-3f9a.js'), '// app')
  await writeFile(join(dashboardDir, 'assets', 'app-3f9a.js.gz'), gzipSync('// app'))
  tilth = await startTestApi({ dashboardDir, requestTimeoutMs: REQUEST_TIMEOUT_MS })
  admin = await tilth.signUp('midori', 'admin')
})
afterAll(async () => {
  await tilth.stop()
  await rm(dashboardDir, { recursive: true })
})

const get = (url: string, headers: Record<string, string> = {}) => tilth.api.inject({ url, headers })

describe('every response', () => {
  it.each(['/', '/api/today', '/healthz', '/api/docs/static/index.html', '/no-such.file'])(
    '%s carries a policy that runs no inline script and shows in no frame (B9)',
    async (url) => {
      const { headers } = await get(url)
      const policy = String(headers['content-security-policy'])
      expect(policy).toContain("default-src 'self'")
      expect(policy).toContain("frame-ancestors 'none'")
      expect(policy).not.toMatch(/unsafe-inline|unsafe-eval|https?:/)
      expect(headers['x-content-type-options']).toBe('nosniff')
      // http on a farm's own network must keep working
      expect(headers['strict-transport-security']).toBeUndefined()
    },
  )

  it('of the API is never stored by a cache unrequested', async () => {
    expect((await tilth.call(admin, 'GET', '/api/today')).headers['cache-control']).toBe('private, no-cache')
    expect((await tilth.call(admin, 'GET', '/api/export')).headers['cache-control']).toBe('no-store')
  })

  it.each(['/api/docs/json', '/assets/app-3f9a.js'])(
    '%s is compressed for a client that accepts it',
    async (url) => {
      const plain = await get(url)
      expect([plain.headers['content-encoding'], plain.headers.vary]).toEqual([undefined, 'accept-encoding'])
      const packed = await get(url, { 'accept-encoding': 'gzip, deflate' })
      expect([packed.headers['content-encoding'], packed.headers.vary]).toEqual(['gzip', 'accept-encoding'])
      expect(gunzipSync(packed.rawPayload).toString()).toBe(plain.body)
    },
  )
})

describe('a bad request', () => {
  const post = (payload: string, type = 'application/json') =>
    tilth.api.inject({
      method: 'POST',
      url: '/api/stop',
      headers: { cookie: admin, 'content-type': type },
      payload,
    })

  it.each([
    ['not JSON', '{"idem":'],
    ['the wrong shape', '{"idem":5}'],
    ['an array', '[]'],
    ['nothing', ''],
    ['a prototype', '{"__proto__":{"admin":true},"idem":"12345678"}'],
  ])('(%s) gets the uniform error body, with 400', async (_, payload) => {
    const answer = await post(payload)
    expect([answer.statusCode, answer.json().error]).toEqual([400, 'BAD_REQUEST'])
    expect(Object.keys(answer.json())).toEqual(['error', 'message'])
  })

  it('of 2 MiB is refused (B11)', async () => {
    const answer = await post(JSON.stringify({ idem: 'x'.repeat(2 ** 21) }))
    expect([answer.statusCode, answer.json().error]).toEqual([400, 'BAD_REQUEST'])
  })

  it('for an unknown address of the API is 404 in JSON, also for browsers', async () => {
    const answer = await get('/api/nothing', { accept: 'text/html' })
    expect([answer.statusCode, answer.json().error]).toEqual([404, 'NOT_FOUND'])
  })
})

describe('a request that drips', () => {
  /** Sends `head`, then a byte now and then; the response and its time. */
  const drip = (head: string) =>
    new Promise<{ text: string; afterMs: number }>((resolve) => {
      const beganMs = performance.now()
      let text = ''
      const socket = connect(tilth.api.port, '127.0.0.1', () => socket.write(head))
      const timer = setInterval(() => socket.write('x'), 100)
      socket.on('data', (bytes) => (text += bytes.toString()))
      socket.on('error', () => {})
      socket.on('close', () => {
        clearInterval(timer)
        resolve({ text, afterMs: performance.now() - beganMs })
      })
    })

  it('is cut off when its time is over, in its body as in its headers (B11)', async () => {
    const cut = await Promise.all([
      drip(
        'POST /api/setup HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 900000\r\n\r\n',
      ),
      drip('GET / HTTP/1.1\r\nHost: a\r\nX: '),
    ])
    for (const { text, afterMs } of cut) {
      expect(text).toMatch(/^HTTP\/1\.1 408 /)
      expect(afterMs).toBeGreaterThanOrEqual(REQUEST_TIMEOUT_MS - 1)
    }
  })
})

describe('a broken store', () => {
  it('has no details, which are in the log', async () => {
    const own = await startTestApi()
    const cookie = await own.signUp('midori', 'admin')
    await sql`drop table zone`.execute(own.state)
    const answer = await own.call(cookie, 'GET', '/api/farms')
    expect([answer.status, answer.body.error]).toEqual([500, 'INTERNAL'])
    expect(answer.text).not.toMatch(/sql|table|zone/i)
    expect(
      own.logged.some(
        ({ text, fields }) =>
          text === 'a request failed' && String((fields as { error?: unknown }).error).includes('zone'),
      ),
    ).toBe(true)
    await own.stop()
  })
})

describe('the dashboard', () => {
  it('serves every page, and allows permanent caching only for names with a hash', async () => {
    for (const url of ['/', '/setup?token=x', '/fields/7', '/index.html']) {
      const answer = await get(url)
      expect([url, answer.statusCode, answer.headers['cache-control']]).toEqual([url, 200, 'no-cache'])
      expect(answer.body).toContain('<title>Tilth</title>')
    }
    expect((await get('/sw.js')).headers['cache-control']).toBe('no-cache')
    expect((await get('/assets/app-3f9a.js')).headers['cache-control']).toBe(
      'public, max-age=31536000, immutable',
    )
    // an old page that asks for a script which is gone must not get a page instead
    expect((await get('/assets/app-0000.js')).statusCode).toBe(404)
    expect((await get('/../package.json')).body).not.toContain('"name"')
  })
})

describe('the documentation', () => {
  it('is OpenAPI 3.1 with every route, and needs no external resources', async () => {
    const { paths, openapi } = (await get('/api/docs/json')).json()
    expect(openapi).toBe('3.1.0')
    const documented = Object.entries(paths as Record<string, object>).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path.replace(/\{(\w+)\}/g, ':$1')}`),
    )
    const offered = tilth.api.routes
      .filter(({ method }) => method !== 'HEAD')
      .map(({ method, url }) => `${method} ${url}`)
    expect(documented.sort()).toEqual(offered.sort())
    const page = (await get('/api/docs/static/index.html')).body
    expect(page).not.toMatch(/https?:\/\/(?!www\.w3\.org)/)
    expect(page).not.toMatch(/<script(?![^>]*\ssrc=)[^>]*>/)
  })

  it('is not offered as YAML, which would hold the event loop for a second', async () => {
    const answer = await get('/api/docs/yaml')
    expect([answer.statusCode, answer.json()]).toEqual([
      404,
      { error: 'NOT_FOUND', message: 'the document is at /api/docs/json' },
    ])
  })
})

describe('health', () => {
  it('alive, ready by its parts, and numbers only for this machine or an administrator', async () => {
    expect((await get('/healthz')).json()).toEqual({ ok: true })
    expect((await get('/readyz')).json()).toEqual({
      ok: true,
      parts: { series: true },
      missing: [],
    })
    expect((await get('/metrics')).body).toContain(
      'tilth_http_request_seconds_count{method="GET",route="/healthz",status="200"}',
    )
    const from = (remoteAddress: string, headers: Record<string, string> = {}) =>
      tilth.api.inject({ url: '/metrics', remoteAddress, headers })
    expect((await from('192.168.1.20')).statusCode).toBe(404)
    expect((await from('127.0.0.1', { 'x-forwarded-for': '203.0.113.9' })).statusCode).toBe(404)
    expect((await from('192.168.1.20', { cookie: admin })).statusCode).toBe(200)
    const viewer = await tilth.signUp('midori', 'viewer')
    expect((await from('192.168.1.20', { cookie: viewer })).statusCode).toBe(404)
  })
})

describe('an occupied port', () => {
  it('is reported in one line that names the setting', async () => {
    await expect(startTestApi({ port: tilth.api.port })).rejects.toMatchObject({
      code: 'PORT_IN_USE',
      message: `HTTP port ${tilth.api.port} is taken; set PORT to another`,
    })
  })
})
