/** The farm's own authority: made once, never replaced, and a server certificate that renews itself. */
import { X509Certificate } from 'node:crypto'
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:https'
import { isIP, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../broker/contract/time.ts'
import { virtualClock, type VirtualClock } from '../../../broker/contract/virtual-clock.ts'
import { issueServer, makeAuthority, type Pair } from '../../../services/https/issue.ts'
import { machineNames, type MachineNames } from '../../../services/https/machine-names.ts'
import {
  AUTHORITY_FILE,
  openOwnCertificate,
  SERVER_FILE,
  type OwnCertificate,
} from '../../../services/https/own-certificate.ts'
import type { Logger } from '../../../services/ports.ts'

let dir: string
let clock: VirtualClock
let names: MachineNames
let logged: { level: string; text: string }[]
let opened: OwnCertificate | null = null
// real clients check the time of the handshake
const START_MS = Date.now()

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'tilth-own-'))
  clock = virtualClock(START_MS)
  names = { domains: ['localhost', 'tilth.local'], addresses: ['127.0.0.1', '::1', '192.168.1.5'] }
  logged = []
})
afterEach(async () => {
  await opened?.stop()
  opened = null
  chmodSync(dir, 0o700)
  rmSync(dir, { recursive: true, force: true })
})

const line = (level: string) => (_: object, text: string) => void logged.push({ level, text })
const log: Logger = { debug: line('debug'), info: line('info'), warn: line('warn'), error: line('error') }

async function open(): Promise<OwnCertificate> {
  await opened?.stop()
  opened = await openOwnCertificate({ dataDir: dir, names: () => names, clock, log })
  return opened
}
const authorityPath = () => join(dir, AUTHORITY_FILE)
const serverPath = () => join(dir, SERVER_FILE)
const parsed = (own: OwnCertificate) => new X509Certificate(own.current().cert)

/** The result of a handshake of a client that trusts the authority only, for a name or address. */
async function handshake(server: Pair, authority: string, name: string): Promise<string> {
  const listening = createServer(server)
  await new Promise<void>((done) => listening.listen(0, '127.0.0.1', done))
  const { port } = listening.address() as AddressInfo
  return new Promise((resolve) => {
    const socket = connect(
      { port, host: '127.0.0.1', ca: authority, ...(isIP(name) === 0 ? { servername: name } : {}) },
      () => end('trusted'),
    ).on('error', (error) => end(error.message))
    function end(result: string): void {
      socket.destroy()
      listening.close(() => resolve(result))
    }
  })
}

describe('the own authority', () => {
  it('is made at the first start, readable by the user of Tilth only, for ten years', async () => {
    const own = await open()
    expect(own.isNew).toBe(true)
    for (const path of [authorityPath(), serverPath()]) expect(statSync(path).mode & 0o777).toBe(0o600)
    const years = (Date.parse(own.authority.validTo) - START_MS) / (365.25 * DAY_MS)
    expect(years).toBeCloseTo(10, 1)
    expect(own.authority.ca).toBe(true)
    expect(own.authority.publicKey.asymmetricKeyDetails?.namedCurve).toBe('prime256v1')
  })

  it('stays the same over restarts, and becomes private again where its mode was changed', async () => {
    const { fingerprint256 } = (await open()).authority
    chmodSync(authorityPath(), 0o644)
    const again = await open()
    expect(again.isNew).toBe(false)
    expect(again.authority.fingerprint256).toBe(fingerprint256)
    expect(statSync(authorityPath()).mode & 0o777).toBe(0o600)
  })

  it.each([
    ['cut off', (text: string) => text.slice(0, 300), /it holds no certificate/],
    [
      'without its key',
      (text: string) => text.replace(/-----BEGIN PRIVATE[^]*/, ''),
      /it holds no private key/,
    ],
    ['empty', () => '', /it holds no certificate/],
    [
      'changed within',
      (text: string) => text.replace(/\nMII[^\n]{8}/, '\nAAAAAAAAAAA'),
      /asn1|ASN1|wrong|decode/,
    ],
  ])('refuses a file that is %s with one line, and leaves it as it is', async (_, damage, reason) => {
    await open()
    const damaged = damage(readFileSync(authorityPath(), 'utf8'))
    writeFileSync(authorityPath(), damaged)
    const failure = await open().catch((error: Error) => error)
    expect(failure).toMatchObject({ code: 'INVALID_CONFIG' })
    expect((failure as Error).message).toMatch(/https-authority\.pem is damaged \(.*restore it from a backup/)
    expect((failure as Error).message).toMatch(reason)
    expect((failure as Error).message).not.toContain('\n')
    expect(readFileSync(authorityPath(), 'utf8')).toBe(damaged)
  })

  it('refuses the key of another authority, and a certificate that is of no authority', async () => {
    await open()
    const other = await makeAuthority('other', START_MS)
    const own = readFileSync(authorityPath(), 'utf8')
    const cert = /^-----BEGIN CERT[^]*?END CERTIFICATE-----\n/.exec(own)![0]
    writeFileSync(authorityPath(), cert + other.key)
    await expect(open()).rejects.toThrow(/its key is of another certificate/)
    writeFileSync(authorityPath(), readFileSync(serverPath()))
    await expect(open()).rejects.toThrow(/its certificate is not of an authority/)
  })

  it('is not made a second time when it is missing: phones trust the first', async () => {
    await open()
    rmSync(authorityPath())
    await expect(open()).rejects.toThrow(/https-authority\.pem is missing, .* restore it from a backup/)
    expect(existsSync(authorityPath())).toBe(false)
    rmSync(serverPath())
    expect((await open()).isNew).toBe(true)
  })

  it('is shown as ending in its last year', async () => {
    await open()
    expect(logged.filter(({ level }) => level === 'warn')).toEqual([])
    clock = virtualClock(START_MS + 9.1 * 365.25 * DAY_MS)
    await open()
    expect(logged.map(({ text }) => text)).toContainEqual(expect.stringMatching(/authority ends soon/))
  })
})

describe("the server's certificate", () => {
  it.each(['localhost', 'tilth.local', '127.0.0.1'])('is trusted as %s', async (name) => {
    const own = await open()
    expect(await handshake(own.current(), own.authority.toString(), name)).toBe('trusted')
  })

  it('ends after at most 397 days', async () => {
    const cert = parsed(await open())
    expect((Date.parse(cert.validTo) - Date.parse(cert.validFrom)) / DAY_MS).toBeLessThanOrEqual(397)
  })

  it('cannot be of a public name or address: clients refuse what the authority signs for one (B5)', async () => {
    const authority = await makeAuthority('test', START_MS)
    const sign = (domains: string[], addresses: string[]) =>
      issueServer(authority, { domains, addresses }, START_MS)
    for (const name of ['farm.example.org', 'local.example', 'notlocal'])
      expect(await handshake(await sign([name], []), authority.cert, name), name).toMatch(
        /permitted subtree violation/,
      )
    const address = await handshake(await sign(['localhost'], ['8.8.8.8']), authority.cert, 'localhost')
    expect(address).toMatch(/permitted subtree violation/)
    expect(await handshake(await sign(['localhost'], ['10.1.2.3']), authority.cert, 'localhost')).toBe(
      'trusted',
    )
  })

  it('is kept over a restart, and made again when it is damaged or of another authority', async () => {
    const first = (await open()).current().cert
    expect((await open()).current().cert).toBe(first)
    writeFileSync(serverPath(), 'damaged')
    const second = (await open()).current().cert
    expect(second).not.toBe(first)
    const other = await makeAuthority('other', START_MS)
    const foreign = await issueServer(other, names, START_MS)
    writeFileSync(serverPath(), foreign.cert + foreign.key)
    expect((await open()).current().cert).not.toBe(foreign.cert)
  })

  it('is renewed by itself a month before its end, while Tilth runs', async () => {
    const endMs = Date.parse(parsed(await open()).validTo)
    clock = virtualClock(endMs - 30 * DAY_MS - HOUR_MS)
    const own = await open()
    const changes: string[] = []
    own.onChange(() => changes.push(own.current().cert))
    await clock.advanceTo(endMs - 30 * DAY_MS - MINUTE_MS)
    expect(changes).toEqual([])
    await clock.advanceTo(endMs - 30 * DAY_MS + 2 * MINUTE_MS)
    expect(changes).toHaveLength(1)
    expect(Date.parse(parsed(own).validTo) - clock.now()).toBeGreaterThan(390 * DAY_MS)
    expect(own.authority.toString()).toBe(new X509Certificate(readFileSync(authorityPath())).toString())
  })

  it('contains a new address of the machine a minute later, and keeps one that is gone', async () => {
    const own = await open()
    let changes = 0
    own.onChange(() => changes++)
    names = { ...names, addresses: ['127.0.0.1', '::1', '192.168.1.77'] }
    await clock.advanceTo(START_MS + MINUTE_MS)
    expect(parsed(own).checkIP('192.168.1.77')).toBe('192.168.1.77')
    expect(changes).toBe(1)
    names = { ...names, addresses: ['127.0.0.1', '::1'] }
    await clock.advanceTo(START_MS + 5 * MINUTE_MS)
    expect(changes).toBe(1)
    expect(parsed(own).checkIP('192.168.1.77')).toBe('192.168.1.77')
  })

  it('stays when it cannot be written, with one line a day', async () => {
    const own = await open()
    const before = own.current()
    rmSync(serverPath())
    writeFileSync(join(dir, `${SERVER_FILE}.tmp`), '')
    rmSync(dir, { recursive: true })
    names = { ...names, domains: [...names.domains, 'tilth-2.local'] }
    await clock.advanceTo(START_MS + 30 * MINUTE_MS)
    expect(own.current()).toBe(before)
    expect(logged.filter(({ level }) => level === 'error')).toHaveLength(1)
    expect(logged.at(-1)!.text).toMatch(/could not be renewed; the present one stays/)
    writeFileSync(join((dir = mkdtempSync(join(tmpdir(), 'tilth-own-'))), 'x'), '')
  })
})

describe('the names of a machine', () => {
  const card = (address: string, internal = false) =>
    [{ address, internal }] as unknown as ReturnType<typeof import('node:os').networkInterfaces>[string]

  it('are private ones only, with the addresses on which Tilth listens', () => {
    const cards = {
      lo: card('127.0.0.1', true),
      eth0: card('192.168.1.5'),
      wan: card('203.0.113.9'),
      v6: card('fd00::2'),
    }
    expect(machineNames('0.0.0.0', ['tilth.local'], 'Farm-PC.example.org', cards)).toEqual({
      domains: [
        'localhost',
        'tilth.local',
        'farm-pc.local',
        'farm-pc.lan',
        'farm-pc.home.arpa',
        'farm-pc.internal',
      ],
      addresses: ['127.0.0.1', '::1', '192.168.1.5'],
    })
    expect(machineNames('::', [], 'farm', cards).addresses).toEqual([
      '127.0.0.1',
      '::1',
      '192.168.1.5',
      'fd00::2',
    ])
    expect(machineNames('127.0.0.1', [], 'farm.lan', cards)).toEqual({
      domains: ['localhost', 'farm.lan', 'farm.local', 'farm.home.arpa', 'farm.internal'],
      addresses: ['127.0.0.1', '::1'],
    })
  })
})
