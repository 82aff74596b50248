/**
 * Databases of a real PostgreSQL. The tests of a run share one cluster (`newPostgresDatabase`); a test that stops or
 * kills the server has one of its own (`startPostgres`).
 */
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import {
  copyCluster,
  killServer,
  makeCluster,
  promote,
  readLog,
  runServer,
  runStatement,
  signalServer,
  stopServer,
  urlOf,
  type Cluster,
} from './postgres-cluster.ts'

export { describeWithPostgres, hasPostgres } from './postgres-cluster.ts'

export interface PostgresDatabase {
  /** postgres://USER:SECRET@127.0.0.1:PORT/NAME */
  url: string
  drop(): Promise<void>
}

/** A database that others are copied from; `fill` makes it, once in a run, and leaves no connection to it. */
export interface DatabaseTemplate {
  name: string
  fill(url: string): Promise<void>
}

/** A server that has every commit of another one before that one acknowledges it. */
export interface Standby {
  port: number
  /** It takes writes from then on. */
  promote(): void
  stop(): Promise<void>
}

export interface Postgres {
  port: number
  newDatabase(template?: DatabaseTemplate): Promise<PostgresDatabase>
  /** The server ends all connections of clients. */
  endConnections(): Promise<void>
  /** An orderly stop that does not wait for the clients. */
  stopServer(): Promise<void>
  /** A crash: SIGKILL to the server and to the processes of its connections. */
  kill(): Promise<void>
  /** A machine that is frozen: its connections stay, and nobody answers on them. */
  freeze(): void
  /** It goes on where it was. */
  thaw(): void
  /** On the same files and port, after `stopServer` or `kill`. */
  startServer(): Promise<void>
  /** Starts a synchronous standby. Commits wait for it from then on. */
  startStandby(): Promise<Standby>
  /** Warnings and errors with their statements. */
  log(): string
  /** Stops it and removes its files. */
  stop(): Promise<void>
}

/** A server of its own, which waits for the disk at each commit. */
export async function startPostgres(): Promise<Postgres> {
  const cluster = await makeCluster(mkdtempSync(join(tmpdir(), 'tilth-postgres-')))
  let server = await runServer(cluster, true)
  return {
    port: cluster.port,
    newDatabase: (template) => newDatabaseIn(cluster, template),
    endConnections: () =>
      runStatement(
        urlOf(cluster, 'postgres'),
        `select pg_terminate_backend(pid) from pg_stat_activity
         where pid <> pg_backend_pid() and backend_type = 'client backend'`,
      ),
    stopServer: () => stopServer(server),
    kill: () => killServer(server),
    freeze: () => signalServer(server, 'SIGSTOP'),
    thaw: () => signalServer(server, 'SIGCONT'),
    async startServer() {
      server = await runServer(cluster, true)
    },
    log: () => readLog(cluster),
    startStandby: () => startStandbyOf(cluster),
    async stop() {
      signalServer(server, 'SIGCONT')
      await stopServer(server)
      rmSync(cluster.folder, { recursive: true, force: true })
    },
  }
}

async function startStandbyOf(primary: Cluster): Promise<Standby> {
  const copy = await copyCluster(primary, mkdtempSync(join(tmpdir(), 'tilth-standby-')))
  const server = await runServer(copy, true)
  const admin = urlOf(primary, 'postgres')
  await runStatement(admin, "alter system set synchronous_standby_names = '*'")
  await runStatement(admin, 'select pg_reload_conf()')
  return {
    port: copy.port,
    promote: () => promote(copy),
    async stop() {
      await stopServer(server)
      rmSync(copy.folder, { recursive: true, force: true })
    },
  }
}

let shared: Promise<Cluster> | undefined
const sharedFolder = (): string => join(process.env.TILTH_RUN_DIR!, 'postgres')
// written when it accepts connections
const sharedNote = (): string => `${sharedFolder()}.json`

/** A database in the cluster of the run. Its first caller starts it, and the end of the run stops it. */
export async function newPostgresDatabase(template?: DatabaseTemplate): Promise<PostgresDatabase> {
  return newDatabaseIn(await (shared ??= sharedCluster()), template)
}

/** The log of the cluster of the run. */
export const sharedPostgresLog = async (): Promise<string> => readLog(await (shared ??= sharedCluster()))

async function sharedCluster(): Promise<Cluster> {
  try {
    mkdirSync(sharedFolder())
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    return clusterOfOtherWorker()
  }
  const cluster = await makeCluster(sharedFolder())
  const server = await runServer(cluster, false)
  server.unref()
  writeFileSync(`${sharedNote()}.new`, JSON.stringify({ ...cluster, pid: server.pid }))
  renameSync(`${sharedNote()}.new`, sharedNote())
  return cluster
}

async function clusterOfOtherWorker(): Promise<Cluster> {
  for (let tries = 0; tries < 1_200; tries++) {
    if (existsSync(sharedNote())) return JSON.parse(readFileSync(sharedNote(), 'utf8')) as Cluster
    await pause(50)
  }
  throw new Error(
    'the PostgreSQL of this run did not start: see the error of the first test that asked for it',
  )
}

/** Stops the cluster of the run in `runDir`, if a test has started it. */
export async function stopSharedPostgres(runDir: string): Promise<void> {
  const note = join(runDir, 'postgres.json')
  if (!existsSync(note)) return
  const { pid } = JSON.parse(readFileSync(note, 'utf8')) as { pid: number }
  rmSync(note)
  const lock = join(runDir, 'postgres/data/postmaster.pid')
  if (existsSync(lock)) process.kill(pid, 'SIGINT')
  while (existsSync(lock)) await pause(20)
}

async function newDatabaseIn(cluster: Cluster, template?: DatabaseTemplate): Promise<PostgresDatabase> {
  if (template) await fillOnce(cluster, template)
  const admin = urlOf(cluster, 'postgres')
  const name = `t_${randomBytes(8).toString('hex')}`
  await runStatement(admin, `create database ${name} template ${template?.name ?? 'template0'}`)
  return {
    url: urlOf(cluster, name),
    drop: () => runStatement(admin, `drop database if exists ${name} with (force)`),
  }
}

const filled = new Set<string>()

/** Workers of a run wait for each other; the next makes it again when one could not. */
async function fillOnce(cluster: Cluster, { name, fill }: DatabaseTemplate): Promise<void> {
  const key = `${cluster.port} ${name}`
  if (filled.has(key)) return
  const client = new pg.Client(urlOf(cluster, 'postgres'))
  await client.connect()
  try {
    await client.query('select pg_advisory_lock(hashtext($1))', [name])
    const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [name])
    if (rowCount === 0) {
      const unfinished = `${name}_unfinished`
      await client.query(`drop database if exists ${unfinished} with (force)`)
      await client.query(`create database ${unfinished} template template0`)
      await fill(urlOf(cluster, unfinished))
      await client.query(`alter database ${unfinished} rename to ${name}`)
    }
    filled.add(key)
  } finally {
    await client.end()
  }
}
