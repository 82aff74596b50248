/**
 * A public certificate by ACME (RFC 8555) with a challenge over HTTP: gets it, and renews it when a third of its time is left.
 * Nothing here stops Tilth: a failure is one line in the log, and is tried again after growing pauses.
 */
import { createPrivateKey, generateKeyPairSync, X509Certificate, type KeyObject } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { HOUR_MS, MINUTE_MS, type AtMs, type Clock } from '../../broker/contract/time.ts'
import type { Logger, Running } from '../ports.ts'
import { replaceFile } from '../runtime/replace-file.ts'
import type { Pair } from './issue.ts'

export const ACCOUNT_FILE = 'https-account.pem'
/** Certificate with its chain, and key. */
export const PUBLIC_FILE = 'https-public.pem'

const PAUSES_MS = [MINUTE_MS, 5 * MINUTE_MS, 15 * MINUTE_MS, HOUR_MS, 6 * HOUR_MS, 24 * HOUR_MS]
// an authority counts failures by the hour
const RATE_LIMITED_MS = HOUR_MS
const CHECK_EVERY_MS = 6 * HOUR_MS

export interface AcmeCertificate extends Running {
  /** null: none yet */
  current(): Pair | null
  /** The response to a challenge of the authority; null for an unknown token. */
  challengeAnswer(token: string): string | null
  onChange(run: () => void): void
  /** Begins once the challenge can be answered; returns at once. */
  start(): void
  /** Resolves when the running attempt has ended. */
  settled(): Promise<void>
}

export function openAcmeCertificate(of: {
  dataDir: string
  /** the public name */
  name: string
  mail: string
  directory: string
  clock: Clock
  log: Logger
  /** between two looks at the authority; default 1 s */
  pollMs?: number
}): AcmeCertificate {
  const { name, mail, directory, clock, log } = of
  const poll = of.pollMs === undefined ? {} : { pollMs: of.pollMs }
  const accountPath = join(of.dataDir, ACCOUNT_FILE)
  const publicPath = join(of.dataDir, PUBLIC_FILE)
  const listeners: (() => void)[] = []
  const answers = new Map<string, string>()
  let present = readPublic(publicPath, name)
  let failures = 0
  let cancel = (): void => {}
  let running: Promise<void> = Promise.resolve()
  let isStopping = false

  async function attempt(): Promise<void> {
    if (present !== null && !isDue(present, clock.now())) return next(CHECK_EVERY_MS)
    try {
      const pair = await obtain()
      replaceFile(publicPath, pair.cert + pair.key)
      present = pair
      failures = 0
      log.info({ name, end: new X509Certificate(pair.cert).validTo }, 'got a public HTTPS certificate')
      for (const listener of listeners) listener()
      next(CHECK_EVERY_MS)
    } catch (error) {
      const pauseMs = Math.max(
        PAUSES_MS[Math.min(failures++, PAUSES_MS.length - 1)]!,
        isRateLimit(error) ? RATE_LIMITED_MS : 0,
      )
      if (isStopping) return
      const line = `no public HTTPS certificate for ${name}: ${reasonOf(error)}; next attempt in ${pauseMs / MINUTE_MS} min`
      log.warn({ name }, line)
      next(pauseMs)
    }
  }

  function next(pauseMs: number): void {
    if (!isStopping) cancel = clock.at(clock.now() + pauseMs, run)
  }
  // not awaited by the clock: an attempt takes as long as the authority
  const run = (): void => void (running = attempt())

  async function obtain(): Promise<Pair> {
    const [{ requestCertificate }, { makeRequest }] = await Promise.all([
      import('./acme-client.ts'),
      import('./issue.ts'),
    ])
    const { csr, key } = await makeRequest(name)
    const answer = (token: string, text: string): void => void answers.set(token, text)
    try {
      const accountKey = openAccountKey(accountPath)
      const cert = await requestCertificate({ directory, accountKey, mail, name, csr, answer, ...poll })
      const pair = { cert: `${cert.trim()}\n`, key }
      if (!isFor(pair, name)) throw new Error('the authority sent a certificate of another name or key')
      return pair
    } finally {
      answers.clear()
    }
  }

  return {
    current: () => present,
    challengeAnswer: (token) => answers.get(token) ?? null,
    onChange: (listener) => void listeners.push(listener),
    start: run,
    settled: () => running,
    async stop() {
      isStopping = true
      cancel()
    },
  }
}

/** A damaged or missing key is replaced: an account holds nothing but its key. */
function openAccountKey(path: string): KeyObject {
  try {
    return createPrivateKey(readFileSync(path))
  } catch {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    replaceFile(path, String(privateKey.export({ type: 'pkcs8', format: 'pem' })))
    return privateKey
  }
}

const isDue = ({ cert }: Pair, nowMs: AtMs): boolean => {
  const { validFrom, validTo } = new X509Certificate(cert)
  const [fromMs, toMs] = [Date.parse(validFrom), Date.parse(validTo)]
  return nowMs > toMs - (toMs - fromMs) / 3
}

function isFor({ cert, key }: Pair, name: string): boolean {
  const parsed = new X509Certificate(cert)
  return parsed.checkHost(name) !== undefined && parsed.checkPrivateKey(createPrivateKey(key))
}

/** Null when there is none for this name. */
function readPublic(path: string, name: string): Pair | null {
  try {
    const text = readFileSync(path, 'utf8')
    const at = text.indexOf('-----BEGIN PRIVATE KEY')
    const pair = { cert: text.slice(0, at), key: text.slice(at) }
    return isFor(pair, name) ? pair : null
  } catch {
    return null
  }
}

const isRateLimit = (error: unknown): boolean => (error as { type?: string }).type === 'rateLimited'

/** In one line. */
function reasonOf(error: unknown): string {
  const { message, cause } = error as Error & { cause?: { message?: string; code?: string } }
  const detail = cause instanceof Error ? ` (${cause.message || (cause as { code?: string }).code})` : ''
  return `${message}${message === 'fetch failed' ? detail : ''}`.replace(/\s+/g, ' ').slice(0, 300)
}
