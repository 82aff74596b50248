/**
 * The farm's own authority and the certificate of its server, in DATA_DIR. Phones trust the authority, so it is made once:
 * one that is damaged or missing stops the start. The server's certificate is renewed a month before its end, and when the
 * machine gets a name or an address that it does not contain.
 */
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { chmodSync, existsSync, readFileSync, statSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { DAY_MS, every, MINUTE_MS, type AtMs, type Clock } from '../../broker/contract/time.ts'
import { fail } from '../errors.ts'
import type { Logger, Running } from '../ports.ts'
import { replaceFile } from '../runtime/replace-file.ts'
import type { Pair } from './issue.ts'
import type { MachineNames } from './machine-names.ts'

export const AUTHORITY_FILE = 'https-authority.pem'
/** Certificate and key of the server, PEM. */
export const SERVER_FILE = 'https-server.pem'

const RENEW_BEFORE_MS = 30 * DAY_MS
const WARN_BEFORE_MS = 365 * DAY_MS

export interface OwnCertificate extends Running {
  authority: X509Certificate
  /** made by this start: no phone trusts it yet */
  isNew: boolean
  /** the server's */
  current(): Pair
  names(): MachineNames
  /** Renews the server's certificate when it is due; it is also called every minute. */
  check(): Promise<void>
  onChange(run: () => void): void
}

/** INVALID_CONFIG with one line when the authority is damaged, or missing next to a certificate that it signed. */
export async function openOwnCertificate(of: {
  dataDir: string
  names: () => MachineNames
  clock: Clock
  log: Logger
}): Promise<OwnCertificate> {
  const { names, clock, log } = of
  const authorityPath = join(of.dataDir, AUTHORITY_FILE)
  const serverPath = join(of.dataDir, SERVER_FILE)
  const isNew = !existsSync(authorityPath)
  if (isNew) await createAuthority(authorityPath, serverPath, clock.now())
  const authority = readAuthority(authorityPath)
  const authorityCert = new X509Certificate(authority.cert)
  const endMs = Date.parse(authorityCert.validTo)
  if (endMs - clock.now() < WARN_BEFORE_MS)
    log.warn({ end: authorityCert.validTo }, 'the HTTPS authority ends soon: make a new one (docs/https.md)')

  const listeners: (() => void)[] = []
  let server = readServer(serverPath, authorityCert)
  let failedAtMs: AtMs | null = null

  async function check(): Promise<void> {
    const wanted = names()
    if (server !== null && !isDue(server.cert, wanted, clock.now(), endMs)) return
    try {
      const { issueServer } = await import('./issue.ts')
      const next = await issueServer(authority, wanted, clock.now())
      replaceFile(serverPath, next.cert + next.key)
      server = next
      failedAtMs = null
      log.info({ ...wanted }, 'made an HTTPS certificate for the names of this machine')
    } catch (error) {
      // the present one stays; without any there is no HTTPS
      if (server === null) throw error
      if (failedAtMs === null || clock.now() - failedAtMs >= DAY_MS) {
        failedAtMs = clock.now()
        log.error({ error }, 'the HTTPS certificate could not be renewed; the present one stays')
      }
      return
    }
    for (const listener of listeners) listener()
  }
  await check()
  const stopTimer = every(clock, MINUTE_MS, check)

  return {
    authority: authorityCert,
    isNew,
    current: () => server!,
    names,
    check,
    onChange: (run) => void listeners.push(run),
    stop: async () => stopTimer(),
  }
}

/** Whether a certificate must be replaced. An address that is gone is no reason: it may come back. */
export function isDue(cert: string, names: MachineNames, nowMs: AtMs, authorityEndMs: AtMs): boolean {
  const parsed = new X509Certificate(cert)
  const validToMs = Date.parse(parsed.validTo)
  // one that ends with its authority cannot be renewed
  if (nowMs > validToMs - RENEW_BEFORE_MS && validToMs < authorityEndMs) return true
  return (
    names.domains.some((name) => parsed.checkHost(name, { wildcards: false }) === undefined) ||
    names.addresses.some((address) => parsed.checkIP(address) === undefined)
  )
}

async function createAuthority(path: string, serverPath: string, nowMs: AtMs): Promise<void> {
  if (existsSync(serverPath))
    fail(
      'INVALID_CONFIG',
      `${path} is missing, the authority that phones trust: restore it from a backup, or delete ${serverPath} to make a new one, which every phone must install again`,
    )
  const { makeAuthority } = await import('./issue.ts')
  const { cert, key } = await makeAuthority(hostname().split('.', 1)[0]!, nowMs)
  try {
    replaceFile(path, cert + key)
  } catch (cause) {
    fail('INVALID_CONFIG', `${path} cannot be written (${(cause as Error).message})`, { cause })
  }
}

function readAuthority(path: string): Pair {
  try {
    if (process.platform !== 'win32' && (statSync(path).mode & 0o077) !== 0) chmodSync(path, 0o600)
    const pair = readPair(path)
    const cert = new X509Certificate(pair.cert)
    if (!cert.ca) throw new Error('its certificate is not of an authority')
    if (!cert.checkPrivateKey(createPrivateKey(pair.key)))
      throw new Error('its key is of another certificate')
    return pair
  } catch (cause) {
    return fail(
      'INVALID_CONFIG',
      `${path} is damaged (${(cause as Error).message}); restore it from a backup: phones trust no other. Tilth has not changed it`,
      { cause },
    )
  }
}

/** Null when there is none, or one that is damaged or of another authority: nobody trusts it by itself. */
function readServer(path: string, authority: X509Certificate): Pair | null {
  try {
    const pair = readPair(path)
    const cert = new X509Certificate(pair.cert)
    const isOurs = cert.verify(authority.publicKey) && cert.checkPrivateKey(createPrivateKey(pair.key))
    return isOurs ? pair : null
  } catch {
    return null
  }
}

/** The first certificate and the first key of a file. */
function readPair(path: string): Pair {
  const text = readFileSync(path, 'utf8')
  const part = (name: string): string => {
    const found = new RegExp(`-----BEGIN ${name}-----[^-]+-----END ${name}-----\n?`).exec(text)?.[0]
    return found ?? raise(`it holds no ${name.toLowerCase()}`)
  }
  return { cert: part('CERTIFICATE'), key: part('PRIVATE KEY') }
}

function raise(message: string): never {
  throw new Error(message)
}
