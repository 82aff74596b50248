/** A cluster of PostgreSQL in a folder of its own, and its server on a free port, without anything in it. */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { chownSync, closeSync, existsSync, openSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import { freePort } from './free-port.ts'
import { decide, describeBy, findProgram, type Describe } from './require.ts'

export interface Cluster {
  folder: string
  port: number
  secret: string
}

const USER = 'tilth'
const HINT = 'postgresql is missing: apt-get install postgresql'

/** Whether PostgreSQL is installed. */
export const hasPostgres = (): boolean => findPostgres('postgres') !== null

/** A `describe` for suites that need PostgreSQL. */
export const describeWithPostgres: Describe = describeBy(
  decide(findPostgres('postgres'), process.env.CI === 'true'),
  HINT,
)

/** On PATH, or where Debian keeps it: the newest version. */
function findPostgres(program: string): string | null {
  const versions = '/usr/lib/postgresql'
  const folders = existsSync(versions)
    ? readdirSync(versions)
        .sort((a, b) => Number(b) - Number(a))
        .map((version) => join(versions, version, 'bin'))
    : []
  return findProgram(program, [process.env.PATH ?? '', ...folders].join(':'))
}

/** Makes the files of a cluster in an empty folder; names sort in it as they do in SQLite. */
export async function makeCluster(folder: string): Promise<Cluster> {
  const initdb = findPostgres('initdb')
  if (initdb === null) throw new Error(HINT)
  const secret = randomBytes(12).toString('hex')
  const owner = serverUser()
  if (owner.uid !== undefined) chownSync(folder, owner.uid, owner.gid!)
  writeFileSync(join(folder, 'secret'), secret)
  execFileSync(
    initdb,
    [
      ['-D', join(folder, 'data'), '-U', USER, '--no-sync', '--auth=scram-sha-256'],
      [`--pwfile=${folder}/secret`, '--encoding=UTF8', '--locale=C.UTF-8'],
    ].flat(),
    { ...owner, cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] },
  )
  return { folder, port: await freePort(), secret }
}

/** A copy of a running cluster on a port of its own, whose server follows it until `promote`. */
export async function copyCluster(primary: Cluster, folder: string): Promise<Cluster> {
  const owner = serverUser()
  if (owner.uid !== undefined) chownSync(folder, owner.uid, owner.gid!)
  execFileSync(
    findPostgres('pg_basebackup')!,
    ['-D', join(folder, 'data'), '-d', urlOf(primary, 'postgres'), '-R', '--checkpoint=fast', '--no-sync'],
    { ...owner, cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] },
  )
  return { ...primary, folder, port: await freePort() }
}

/** The server of a copy takes writes when this returns. */
export function promote({ folder }: Cluster): void {
  execFileSync(findPostgres('pg_ctl')!, ['promote', '-w', '-D', join(folder, 'data')], {
    ...serverUser(),
    cwd: folder,
    stdio: 'ignore',
  })
}

/** PostgreSQL refuses to run as root; its package brings a user. */
function serverUser(): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0) return {}
  const id = (flag: string) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }))
  return { uid: id('-u'), gid: id('-g') }
}

// commits do not wait for the disk
const quick = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', autovacuum: 'off' }

/** Starts the server; it accepts connections when this resolves. */
export async function runServer(cluster: Cluster, isDurable: boolean): Promise<ChildProcess> {
  const { folder, port } = cluster
  const settings = {
    port,
    listen_addresses: '127.0.0.1',
    unix_socket_directories: folder,
    max_connections: 200,
    log_min_messages: 'warning',
    ...(isDurable ? {} : quick),
  }
  const args = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const log = openSync(logFile(cluster), 'a')
  const server = spawn(findPostgres('postgres')!, ['-D', join(folder, 'data'), ...args], {
    ...serverUser(),
    cwd: folder,
    stdio: ['ignore', 'ignore', log],
    detached: true, // Ctrl+C in the terminal ends it in its turn
  })
  closeSync(log)
  for (let tries = 0; tries < 600; tries++) {
    if (server.exitCode !== null) throw new Error(`postgres ended: ${readLog(cluster)}`)
    if (await accepts(cluster)) return server
    await pause(50)
  }
  await killServer(server)
  throw new Error(`postgres did not answer at port ${port}: ${readLog(cluster)}`)
}

const accepts = (cluster: Cluster): Promise<boolean> =>
  runStatement(urlOf(cluster, 'postgres'), 'select 1').then(
    () => true,
    () => false,
  )

const logFile = ({ folder }: Cluster): string => join(folder, 'server.log')

/** Warnings and errors with their statements. */
export const readLog = (cluster: Cluster): string => readFileSync(logFile(cluster), 'utf8')

/** postgres://USER:SECRET@HOST:PORT/NAME */
export const urlOf = ({ port, secret }: Cluster, name: string): string =>
  `postgres://${USER}:${secret}@127.0.0.1:${port}/${name}`

/** Runs one statement on a connection of its own. */
export async function runStatement(url: string, text: string): Promise<void> {
  const client = new pg.Client(url)
  client.on('error', () => {}) // the server ends meanwhile
  try {
    await client.connect()
    await client.query(text)
  } finally {
    await client.end()
  }
}

const hasEnded = ({ exitCode, signalCode }: ChildProcess): boolean => exitCode !== null || signalCode !== null

/** An orderly stop that does not wait for the clients. */
export async function stopServer(server: ChildProcess): Promise<void> {
  if (hasEnded(server)) return
  const exited = once(server, 'exit')
  server.kill('SIGINT')
  await exited
}

/** SIGKILL to the server and to the processes of its connections. */
export async function killServer(server: ChildProcess): Promise<void> {
  if (hasEnded(server)) return
  const exited = once(server, 'exit')
  const all = signalServer(server, 'SIGKILL')
  await exited
  // the next server refuses to start while they run
  while (all.some(isThere)) await pause(10)
}

/** To the server and to the processes of its connections; returns their ids. */
export function signalServer(server: ChildProcess, signal: NodeJS.Signals): number[] {
  if (hasEnded(server)) return []
  const children = readFileSync(`/proc/${server.pid}/task/${server.pid}/children`, 'utf8')
  const all = [server.pid!, ...children.split(' ').filter(Boolean).map(Number)]
  for (const pid of all) signalIfThere(pid, signal)
  return all
}

function signalIfThere(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

/** A process that has ended and whose parent has not asked for its end (Z) holds nothing any more. */
function isThere(pid: number): boolean {
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}
