/** A public certificate by ACME, from an authority that follows RFC 8555. */
import { X509Certificate } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../broker/contract/time.ts'
import { virtualClock, type VirtualClock } from '../../../broker/contract/virtual-clock.ts'
import {
  ACCOUNT_FILE,
  openAcmeCertificate,
  PUBLIC_FILE,
  type AcmeCertificate,
} from '../../../services/https/acme-certificate.ts'
import { startAcmeServer, type AcmeServer } from './acme-server.ts'

const NAME = 'farm.example.org'
let dir: string
let clock: VirtualClock
let authority: AcmeServer
let acme: AcmeCertificate
let plain: Server
let isReachable = true
let logged: string[]

const line = (_: object, text: string) => void logged.push(text)
const log = { debug: line, info: line, warn: line, error: line }

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'tilth-acme-'))
  clock = virtualClock(Date.now())
  logged = []
  isReachable = true
  plain = createServer((request, response) => {
    const token = /^\/\.well-known\/acme-challenge\/(.+)$/.exec(request.url!)?.[1] ?? ''
    response.end(isReachable ? acme.challengeAnswer(token) : 'a router')
  })
  await new Promise<void>((done) => plain.listen(0, '127.0.0.1', done))
  const challengePort = () => (plain.address() as AddressInfo).port
  authority = await startAcmeServer({ challengePort, now: () => clock.now(), lifetimeMs: 90 * DAY_MS })
  acme = open()
})
afterEach(async () => {
  await acme.stop()
  await authority.close()
  plain.closeAllConnections()
  await new Promise((done) => plain.close(done))
  rmSync(dir, { recursive: true, force: true })
})

const open = (directory = authority.directory) =>
  openAcmeCertificate({ dataDir: dir, name: NAME, mail: 'aki@example.org', directory, clock, log, pollMs: 5 })
async function attempt(): Promise<void> {
  acme.start()
  await acme.settled()
}
/** Advances the clock and waits for what came due. */
async function pass(ms: number): Promise<void> {
  await clock.advanceTo(clock.now() + ms)
  await acme.settled()
}
const cert = () => new X509Certificate(acme.current()!.cert)

describe('a public certificate', () => {
  it('is issued for the name after the challenge, with its chain, in files of the user of Tilth', async () => {
    let changes = 0
    acme.onChange(() => changes++)
    expect(acme.current()).toBeNull()
    await attempt()
    expect(cert().checkHost(NAME)).toBe(NAME)
    expect(cert().verify(new X509Certificate(authority.root).publicKey)).toBe(true)
    expect(acme.current()!.cert.match(/BEGIN CERTIFICATE/g)).toHaveLength(2)
    expect(changes).toBe(1)
    for (const file of [ACCOUNT_FILE, PUBLIC_FILE]) expect(statSync(join(dir, file)).mode & 0o777).toBe(0o600)
    expect(acme.challengeAnswer('any')).toBeNull()
  })

  it('is read again after a restart, without a request', async () => {
    await attempt()
    await acme.stop()
    const before = authority.posts.length
    const { cert: text } = acme.current()!
    acme = open()
    expect(acme.current()!.cert).toBe(text)
    await attempt()
    expect(authority.posts.length).toBe(before)
  })

  it('is renewed when a third of its time is left, on the same account', async () => {
    await attempt()
    const first = acme.current()!.cert
    await pass(59 * DAY_MS)
    expect(acme.current()!.cert).toBe(first)
    await pass(2 * DAY_MS)
    expect(acme.current()!.cert).not.toBe(first)
    expect(Date.parse(cert().validTo) - clock.now()).toBeGreaterThan(85 * DAY_MS)
    expect(authority.accounts()).toBe(1)
  })

  it('is requested again with a new nonce when the authority has forgotten the first', async () => {
    authority.forgetNonces(2)
    await attempt()
    expect(acme.current()).not.toBeNull()
  })
})

describe('a failure', () => {
  it('is one line with the reason of the authority, and is tried again after growing pauses', async () => {
    isReachable = false
    await attempt()
    expect(acme.current()).toBeNull()
    expect(logged).toEqual([
      `no public HTTPS certificate for ${NAME}: ${NAME}: invalid response to the challenge: a router; next attempt in 1 min`,
    ])
    await pass(MINUTE_MS)
    await pass(5 * MINUTE_MS)
    await pass(15 * MINUTE_MS)
    expect(logged.map((text) => /next attempt in (\d+) min/.exec(text)![1])).toEqual(['1', '5', '15', '60'])
    isReachable = true
    await pass(HOUR_MS)
    expect(acme.current()).not.toBeNull()
  })

  it('by a rate limit is tried again after an hour at the earliest', async () => {
    authority.limitRate(true)
    await attempt()
    expect(logged).toEqual([
      `no public HTTPS certificate for ${NAME}: too many certificates already issued; next attempt in 60 min`,
    ])
    authority.limitRate(false)
    await pass(59 * MINUTE_MS)
    expect(acme.current()).toBeNull()
    await pass(MINUTE_MS)
    expect(acme.current()).not.toBeNull()
  })

  it.each([
    [
      'an authority that does not answer',
      () => 'http://127.0.0.1:2/directory',
      /fetch failed \(.*ECONNREFUSED/,
    ],
    ['an address that is no directory', () => `${authority.directory}-not`, /is no ACME directory/],
  ])('by %s is one line', async (_, directory, reason) => {
    acme = open(directory())
    await attempt()
    expect(logged).toHaveLength(1)
    expect(logged[0]).toMatch(reason)
    expect(logged[0]).not.toContain('\n')
  })

  it('to renew leaves the present certificate', async () => {
    await attempt()
    const first = readFileSync(join(dir, PUBLIC_FILE), 'utf8')
    authority.limitRate(true)
    await pass(70 * DAY_MS)
    expect(`${acme.current()!.cert}${acme.current()!.key}`).toBe(first)
  })
})
