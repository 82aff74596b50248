/** The API over HTTPS: what the plain port still does, cookies and origins, and a certificate that changes while it runs. */
import { mkdtempSync, rmSync } from 'node:fs'
import { request as overHttp, type IncomingHttpHeaders } from 'node:http'
import { request as overHttps } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { X509Certificate } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { MINUTE_MS } from '../../../../broker/contract/time.ts'
import { virtualClock, type VirtualClock } from '../../../../broker/contract/virtual-clock.ts'
import { openOwnCertificate, type OwnCertificate } from '../../../../services/https/own-certificate.ts'
import { cookieOf, PASSWORD, startTestApi, type TestApi } from '../test-api.ts'

const silent = { debug() {}, info() {}, warn() {}, error() {} }

interface Response {
  status: number
  headers: IncomingHttpHeaders
  body: string
}

describe('HTTPS=own', () => {
  let dir: string
  let clock: VirtualClock
  let own: OwnCertificate
  let rig: TestApi
  const addresses = ['127.0.0.1', '::1', '192.168.1.5']

  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'tilth-https-'))
    clock = virtualClock(Date.now())
    const names = () => ({ domains: ['localhost', 'tilth.local'], addresses })
    own = await openOwnCertificate({ dataDir: dir, names, clock, log: silent })
    rig = await startTestApi({ https: { port: 0, certificates: { ...own, kind: 'own' } } })
    await rig.api.createUser({
      email: 'admin@aki.example',
      password: PASSWORD,
      name: 'Aki',
      org: 'aki',
      orgName: 'Aki',
      role: 'admin',
    })
  })
  afterAll(async () => {
    await rig?.stop()
    await own?.stop()
    rmSync(dir, { recursive: true, force: true })
  })

  interface Request {
    method?: string
    host?: string
    headers?: Record<string, string>
    body?: object
  }
  function call(scheme: 'http' | 'https', path: string, how: Request = {}): Promise<Response> {
    const { method = 'GET', host = 'localhost', headers = {}, body } = how
    const port = scheme === 'http' ? rig.api.port : rig.api.https!.port
    const text = body === undefined ? '' : JSON.stringify(body)
    return new Promise((resolve, reject) => {
      const send = scheme === 'http' ? overHttp : overHttps
      const sent = send(
        {
          host: '127.0.0.1',
          port,
          path,
          method,
          ...(scheme === 'https' ? { ca: own.authority.toString(), servername: 'localhost' } : {}),
          headers: {
            host: `${host}:${port}`,
            ...(body === undefined ? {} : { 'content-type': 'application/json' }),
            ...headers,
          },
        },
        (response) => {
          let received = ''
          response.on('data', (chunk: Buffer) => (received += chunk.toString()))
          response.on('end', () =>
            resolve({ status: response.statusCode!, headers: response.headers, body: received }),
          )
        },
      )
      sent.on('error', reject).end(text)
    })
  }
  const signIn = (scheme: 'http' | 'https', headers: Record<string, string> = {}) =>
    call(scheme, '/api/auth/sign-in/email', {
      method: 'POST',
      headers,
      body: { email: 'admin@aki.example', password: PASSWORD },
    })

  it('signs in over HTTPS with a cookie that is Secure and of this host only (B8)', async () => {
    const { status, headers } = await signIn('https')
    expect(status).toBe(200)
    const cookie = String(headers['set-cookie'])
    expect(cookie).toMatch(/^__Host-tilth\.session_token=/)
    for (const part of ['Secure', 'HttpOnly', 'SameSite=Strict', 'Path=/']) expect(cookie).toContain(part)
    const me = await call('https', '/api/me', {
      headers: { cookie: cookieOf({ status, headers, body: null, text: '' }) },
    })
    expect(JSON.parse(me.body)).toMatchObject({ user: { name: 'Aki' } })
  })

  it('has no session on the plain port: the refusal names the address', async () => {
    for (const response of [await signIn('http'), await call('http', '/api/today')]) {
      expect(response.status).toBe(403)
      expect(response.body).toContain(`use HTTPS: https://localhost:${rig.api.https!.port}/api/`)
      expect(response.headers['set-cookie']).toBeUndefined()
    }
  })

  it.each([
    ['/', '/trust'],
    ['/water', '/trust?to=%2Fwater'],
    ['/fields/hill-2?range=30d', '/trust?to=%2Ffields%2Fhill-2%3Frange%3D30d'],
    ['/setup?token=abc', '/trust?to=%2Fsetup%3Ftoken%3Dabc'],
  ])('leads the page %s of the plain port to %s', async (path, to) => {
    const { status, headers } = await call('http', path)
    expect(status).toBe(307)
    expect(headers.location).toBe(to)
    expect(headers['cache-control']).toBe('no-store')
  })

  it('keeps devices, monitors and the way to HTTPS on the plain port', async () => {
    for (const path of ['/healthz', '/readyz', '/metrics', '/api/trust', '/api/trust/check'])
      expect((await call('http', path)).status, path).toBe(200)
    const claim = await call('http', '/api/claim', { method: 'POST', body: { code: 'ABCDE' } })
    expect(claim.body).not.toContain('use HTTPS')
    expect((await call('http', '/trust')).headers['content-security-policy']).toContain(
      `connect-src 'self' https://*:${rig.api.https!.port}`,
    )
    expect((await call('https', '/trust')).headers['content-security-policy']).not.toContain('connect-src')
  })

  it('does not pin HTTPS (HSTS): it would close /trust, and the way past the warning of an untrusted phone', async () => {
    const { headers } = await call('https', '/api/trust')
    expect(headers['strict-transport-security']).toBeUndefined()
    expect(headers['cross-origin-opener-policy']).toBe('same-origin')
    expect((await call('http', '/api/trust')).headers['cross-origin-opener-policy']).toBeUndefined()
  })

  it.each([
    ['https://tilth.local', 'tilth.local', 200],
    ['https://192.168.1.5', '192.168.1.5', 200],
    ['http://tilth.local', 'tilth.local', 403],
    ['https://evil.example', 'tilth.local', 403],
  ])('a write from %s to %s is answered %i', async (origin, host, status) => {
    const port = rig.api.https!.port
    const response = await call('https', '/api/auth/sign-in/email', {
      method: 'POST',
      host,
      headers: { origin: `${origin}:${port}` },
      body: { email: 'admin@aki.example', password: PASSWORD },
    })
    expect(response.status).toBe(status)
  })

  it('offers the authority as DER, PEM and iOS profile, all of the same certificate', async () => {
    const { port } = rig.api
    const of = (name: string) => fetch(`http://127.0.0.1:${port}/api/trust/${name}`)
    const der = Buffer.from(await (await of('authority.crt')).arrayBuffer())
    expect(new X509Certificate(der).fingerprint256).toBe(own.authority.fingerprint256)
    expect(new X509Certificate(await (await of('authority.pem')).text()).fingerprint256).toBe(
      own.authority.fingerprint256,
    )
    const profile = await of('tilth.mobileconfig')
    expect(profile.headers.get('content-type')).toContain('application/x-apple-aspen-config')
    const xml = await profile.text()
    const [, data] = /<data>\n([^<]+)<\/data>/.exec(xml)!
    expect(Buffer.from(data!, 'base64').equals(der)).toBe(true)
    expect(xml).toContain('<key>PayloadType</key><string>com.apple.security.root</string>')
    expect(await (await of('tilth.mobileconfig')).text()).toBe(xml)
    expect(xml).not.toContain('PRIVATE')
  })

  it('gives the address under a name that the certificate contains, and the fingerprint', async () => {
    const at = async (host: string) =>
      JSON.parse((await call('http', '/api/trust', { host })).body) as Record<string, unknown>
    const { port, https } = rig.api
    expect(await at('tilth.local')).toMatchObject({
      https: 'own',
      origin: `https://tilth.local:${https!.port}`,
      visitUrl: `http://tilth.local:${port}/trust`,
      authority: { sha256: own.authority.fingerprint256 },
    })
    // a name that the certificate does not contain, and this machine itself
    expect((await at('farm-pc')).origin).toBe(`https://192.168.1.5:${https!.port}`)
    expect((await at('localhost')).visitUrl).toBe(`http://192.168.1.5:${port}/trust`)
    expect((await at('[::1]')).origin).toBe(`https://[::1]:${https!.port}`)
  })

  it('draws the QR code of that address', async () => {
    const { body, headers } = await call('http', '/api/trust/qr.svg')
    expect(headers['content-type']).toContain('image/svg+xml')
    expect(body).toMatch(/^<svg .*<path /)
  })

  it('serves a renewed certificate at once, without a restart', async () => {
    const served = () =>
      new Promise<string>((resolve, reject) => {
        const socket = connect(
          {
            port: rig.api.https!.port,
            host: '127.0.0.1',
            ca: own.authority.toString(),
            servername: 'localhost',
          },
          () => {
            resolve(socket.getPeerX509Certificate()!.fingerprint256)
            socket.destroy()
          },
        ).on('error', reject)
      })
    const before = await served()
    addresses.push('192.168.1.77')
    await clock.advanceTo(clock.now() + MINUTE_MS)
    const after = await served()
    expect(after).not.toBe(before)
    expect(after).toBe(new X509Certificate(own.current().cert).fingerprint256)
  })
})

describe('without HTTPS', () => {
  it('the plain port does everything, and /api/trust has nothing to install', async () => {
    const rig = await startTestApi()
    try {
      const { body } = await rig.call(null, 'GET', '/api/trust')
      expect(body).toEqual({ https: null, origin: null, visitUrl: null, authority: null })
      expect((await rig.call(null, 'GET', '/api/trust/authority.crt')).status).toBe(404)
      expect(rig.api.https).toBeNull()
    } finally {
      await rig.stop()
    }
  })
})
