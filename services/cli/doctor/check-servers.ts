/** The servers that the settings name, and the Tilth that runs. Nothing else is contacted. */
import { connectAsync } from 'mqtt'
import { hostUrls } from '../../../broker/contract/host-urls.ts'
import { checkStateServer, stateFilePath } from '../../adapters/state.ts'
import { openReadySeries } from '../../app/series-wiring.ts'
import type { BusSetting } from '../../config/broker-settings.ts'
import type { Settings } from '../../config/settings.ts'
import { isTilthError } from '../../errors.ts'
import { findMailProblem } from '../../notifications/send-mail.ts'
import { fault, fine, messageOf, warning, type Finding } from './finding.ts'

const WITHIN_MS = 5_000

/** Those of STATE, SERIES, BUS and SMTP_URL that are on a server. */
export async function checkServers(settings: Settings): Promise<Finding[]> {
  const findings = await Promise.all([
    checkState(settings),
    checkSeries(settings),
    checkBus(settings),
    checkMail(settings),
  ])
  return findings.filter((finding) => finding !== null)
}

async function checkState({ state }: Settings): Promise<Finding | null> {
  if (stateFilePath(state) !== null) return null
  try {
    await within(checkStateServer(state))
    return fine('STATE', 'PostgreSQL accepts Tilth')
  } catch (error) {
    return fault('STATE', messageOf(error), 'start PostgreSQL, or correct STATE (docs/growth.md)')
  }
}

async function checkSeries(settings: Settings): Promise<Finding | null> {
  if (settings.series.startsWith('sqlite:')) return null
  try {
    if (settings.series.startsWith('postgres:')) return await checkPostgres(settings.series)
    const series = await within(openReadySeries(settings))
    await series.close()
    return fine('SERIES', 'it responds')
  } catch (error) {
    if (isTilthError(error, 'INVALID_CONFIG'))
      return fault('SERIES', messageOf(error), 'correct SERIES: Tilth does not start with it')
    return warning('SERIES', messageOf(error), 'start it: until it responds the readings wait in the journal')
  }
}

async function checkPostgres(url: string): Promise<Finding> {
  const { inspectPostgresSeries, OLDEST_SERVER } = await import('../../adapters/postgres/series-inspect.ts')
  const server = await inspectPostgresSeries(url)
  const name = `PostgreSQL ${server.version}`
  if (server.number < OLDEST_SERVER)
    return fault('SERIES', `${name} is too old`, 'use PostgreSQL 15 or newer: Tilth does not start with it')
  if (server.isStandby)
    return warning('SERIES', `${name} is a standby, which takes no readings`, 'name the primary in SERIES')
  if (!server.hasTables && !server.mayCreate)
    return fault(
      'SERIES',
      'the user of SERIES may not create the tables',
      'make the user the owner of the database: see docs/growth.md',
    )
  if (!server.isDurable)
    return warning(
      'SERIES',
      `${name} does not wait for its disk: a crash of it loses readings`,
      'set fsync = on and synchronous_commit = on there',
    )
  return fine('SERIES', `${name} responds`)
}

async function checkBus({ bus }: Settings): Promise<Finding | null> {
  if (bus.kind === 'embedded') return null
  const refusals: string[] = []
  const hosts = hostUrls(bus.url)
  for (const url of hosts)
    await acceptsTilth(url, bus).catch(
      (error: unknown) =>
        void refusals.push(`the broker at ${url} does not accept Tilth: ${messageOf(error)}`),
    )
  if (refusals.length === 0) return fine('BUS', 'the broker accepts Tilth')
  const [report, effect] =
    refusals.length === hosts.length
      ? [fault, 'until then no valve can be opened']
      : [warning, 'until then nothing may happen to the others']
  return report('BUS', refusals.join('; '), `start it, or correct the user and the secret in BUS: ${effect}`)
}

/** Rejects with the reason of a broker that does not. */
async function acceptsTilth(
  url: string,
  { userName, password }: Extract<BusSetting, { kind: 'external' }>,
): Promise<void> {
  const client = await connectAsync(
    url,
    {
      clientId: `tilth-doctor-${process.pid}`,
      connectTimeout: WITHIN_MS,
      reconnectPeriod: 0,
      ...(userName === undefined ? {} : { username: userName }),
      ...(password === undefined ? {} : { password }),
    },
    false,
  )
  await client.endAsync(true)
}

async function checkMail({ mail }: Settings): Promise<Finding | null> {
  if (mail === null) return null
  const problem = await findMailProblem(mail)
  return problem === null
    ? fine('SMTP_URL', 'the mail server accepts Tilth')
    : warning('SMTP_URL', `the mail server does not accept Tilth: ${problem}`, 'correct SMTP_URL')
}

/** The state that the running Tilth reports (`/readyz`). */
export async function checkRunning({ host, port }: Settings): Promise<Finding> {
  if (port === 0) return fine('Tilth', 'it runs, on a port that the system chose')
  const name = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '[::1]' : host
  try {
    const response = await fetch(`http://${name}:${port}/readyz`, { signal: AbortSignal.timeout(WITHIN_MS) })
    if (response.ok) return fine('Tilth', 'it runs and is ready')
    return warning(
      'Tilth',
      `it runs and is not ready: ${(await response.text()).slice(0, 200)}`,
      'see "Parts that are away at the start" in docs/install.md',
    )
  } catch (error) {
    return fault(
      'Tilth',
      `it runs and does not respond on port ${port}: ${messageOf(error)}`,
      'read its log, then start it again',
    )
  }
}

async function within<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>(
    (_, reject) =>
      (timer = setTimeout(() => reject(new Error(`no answer within ${WITHIN_MS / 1000} s`)), WITHIN_MS)),
  )
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
