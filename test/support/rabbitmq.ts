/**
 * Real nodes of RabbitMQ on free ports, set up from docs/rabbitmq, with their files, their Erlang port mapper and their
 * cookie in a folder of their own. `kill` is a crash (SIGKILL).
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { freePort } from './free-port.ts'
import { findProgram } from './require.ts'

export interface RabbitNode {
  /** mqtt://127.0.0.1:PORT */
  url: string
  port: number
  /** http://127.0.0.1:PORT of the management API */
  management: string
  kill(): Promise<void>
  /**
   * Whether a quorum queue with this text in its name survives a kill. RabbitMQ writes the names of new ones up to a second
   * later, and after a kill before that such a queue has no leader (docs/broker.md).
   */
  hasWritten(queue: string): boolean
  /** Stops it in order. */
  stopServer(): Promise<void>
  /** Resolves when it accepts devices. */
  startServer(): Promise<void>
}

export interface Rabbit {
  nodes: readonly RabbitNode[]
  /** of the users `tilth` (BUS) and `tilth-users` (BUS_USERS) */
  secretOf(user: string): string
  /** A request to the management API of the first node, as `tilth-users`; fails unless it is granted. */
  manage<T>(method: string, path: string, body?: unknown): Promise<T>
  /** Ends every node and removes their files. */
  stop(): Promise<void>
}

const docs = join(import.meta.dirname, '../../docs/rabbitmq')
// Debian's own commands change the user and the folder before they start these
const SERVER = '/usr/lib/rabbitmq/bin/rabbitmq-server'
export const INSTALL_RABBITMQ = 'apt-get install rabbitmq-server'

const secretOf = (user: string): string => `secret-of-${user}`

/** `size`: the nodes of one cluster. */
export async function startRabbit(size = 1): Promise<Rabbit> {
  if (findProgram('rabbitmq-server') === null)
    throw new Error(`rabbitmq-server is missing: ${INSTALL_RABBITMQ}`)
  const folder = mkdtempSync(join(tmpdir(), 'tilth-rabbitmq-'))
  const epmdPort = await freePort()
  const home = join(folder, 'home')
  mkdirSync(home)
  writeFileSync(join(home, '.erlang.cookie'), 'TILTHTESTS', { mode: 0o400 })
  // the nodes would start one that outlives them
  const epmd = spawn('epmd', ['-port', String(epmdPort), '-address', '127.0.0.1'], { stdio: 'ignore' })
  const names = Array.from({ length: size }, (_, i) => `tilth${i + 1}@localhost`)
  const nodes: StartedNode[] = []
  try {
    await Promise.all(
      names.map((name, i) =>
        startNode({ folder, home, name, names, epmdPort }, (node) => void (nodes[i] = node)),
      ),
    )
    const [first] = nodes
    const manage = async <T>(method: string, path: string, body?: unknown, user = 'tilth-users') => {
      const secret = user === 'guest' ? 'guest' : secretOf(user)
      return (await request(first!.management, { user, secret, method, path, body })) as T
    }
    await manage('POST', '/api/definitions', definitions(), 'guest')
    await manage('DELETE', '/api/users/guest')
    return { nodes, secretOf, manage, stop }
  } catch (error) {
    await stop()
    throw error
  }

  async function stop(): Promise<void> {
    await Promise.all(nodes.map((node) => node.kill()))
    if (epmd.exitCode === null && epmd.signalCode === null) {
      epmd.kill('SIGKILL')
      await once(epmd, 'exit')
    }
    rmSync(folder, { recursive: true, force: true })
  }
}

/** docs/rabbitmq/definitions.json, with the secrets that an operator gives to its users by `rabbitmqctl change_password`. */
function definitions(): object {
  const file = JSON.parse(readFileSync(join(docs, 'definitions.json'), 'utf8')) as {
    users: { name: string }[]
  }
  const users = file.users.map(({ name, ...user }) => {
    const { password_hash: _, hashing_algorithm: __, ...others } = user as Record<string, unknown>
    return { ...others, name, password: secretOf(name) }
  })
  return { ...file, users }
}

interface NodePlace {
  folder: string
  home: string
  name: string
  names: readonly string[]
  epmdPort: number
}
type StartedNode = Awaited<ReturnType<typeof prepareNode>>

/** Starts it for the first time. Until RabbitMQ listens, seconds pass in which another program may take one of its ports. */
async function startNode(of: NodePlace, onPrepared: (node: StartedNode) => void): Promise<void> {
  for (let tries = 1; ; tries++) {
    const node = await prepareNode(of)
    onPrepared(node)
    try {
      return await node.startServer()
    } catch (error) {
      if (tries === 3 || !(error as Error).message.includes('eaddrinuse')) throw error
      rmSync(join(of.folder, of.name), { recursive: true, force: true })
    }
  }
}

async function prepareNode(of: NodePlace) {
  const { name, names } = of
  const folder = join(of.folder, name)
  mkdirSync(folder)
  const [port, managementPort, distributionPort] = [await freePort(), await freePort(), await freePort()]
  copyFileSync(join(docs, 'enabled_plugins'), join(folder, 'enabled_plugins'))
  const config = readFileSync(join(docs, 'rabbitmq.conf'), 'utf8')
    .replace('127.0.0.1:1883', `127.0.0.1:${port}`)
    .replace('management.tcp.port = 15672', `management.tcp.port = ${managementPort}`)
  const cluster =
    names.length === 1
      ? []
      : [
          'cluster_formation.peer_discovery_backend = classic_config',
          ...names.map((peer, i) => `cluster_formation.classic_config.nodes.${i + 1} = ${peer}`),
        ]
  writeFileSync(join(folder, 'rabbitmq.conf'), [config, ...cluster, ''].join('\n'))
  const env = {
    PATH: process.env.PATH ?? '',
    HOME: of.home,
    ERL_EPMD_PORT: String(of.epmdPort),
    ERL_EPMD_ADDRESS: '127.0.0.1',
    RABBITMQ_NODENAME: name,
    RABBITMQ_DIST_PORT: String(distributionPort),
    RABBITMQ_MNESIA_BASE: join(folder, 'data'),
    RABBITMQ_LOG_BASE: join(folder, 'log'),
    RABBITMQ_ENABLED_PLUGINS_FILE: join(folder, 'enabled_plugins'),
    RABBITMQ_CONFIG_FILE: join(folder, 'rabbitmq.conf'),
    RABBITMQ_CONF_ENV_FILE: '/dev/null',
    // one scheduler: several nodes and Tilth share the processors of a test
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '+S 1:1 +sbwt none +sbwtdcpu none +sbwtdio none',
  }
  let child: ChildProcess | null = null

  async function startServer(): Promise<void> {
    // what Mnesia writes when it crashes stays in the folder; a group of its own: the script, the virtual machine and its helpers end together
    const server = spawn(SERVER, [], { env, cwd: folder, stdio: ['ignore', 'pipe', 'pipe'], detached: true })
    child = server
    const group = server.pid!
    groups.add(group)
    server.once('exit', () => groups.delete(group))
    let output = ''
    for (const stream of [server.stdout, server.stderr])
      stream.on('data', (text: Buffer) => (output = (output + text.toString()).slice(-3_000)))
    for (let tries = 0; tries < 600; tries++) {
      if (server.exitCode !== null) throw new Error(`${name} ended with ${server.exitCode}: ${output}`)
      if (/completed with \d+ plugins/.test(output)) return
      await pause(100)
    }
    throw new Error(`${name} did not start: ${output}`)
  }

  async function end(signal: NodeJS.Signals): Promise<void> {
    if (child === null || child.exitCode !== null || child.signalCode !== null) return
    const exited = once(child, 'exit')
    endGroup(child.pid!, signal)
    await exited
  }

  const queueNames = join(folder, 'data', name, 'quorum', name, 'names.dets')
  return {
    url: `mqtt://127.0.0.1:${port}`,
    port,
    hasWritten: (queue: string) => existsSync(queueNames) && readFileSync(queueNames).includes(queue),
    management: `http://127.0.0.1:${managementPort}`,
    child: () => child,
    kill: () => end('SIGKILL'),
    stopServer: () => end('SIGTERM'),
    startServer,
  }
}

/** Ends the group of a node when the tests end before they stop it. */
const groups = new Set<number>()
process.once('exit', () => {
  for (const group of groups) endGroup(group, 'SIGKILL')
})

function endGroup(group: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-group, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

async function request(
  base: string,
  of: { user: string; secret: string; method: string; path: string; body?: unknown },
): Promise<unknown> {
  const { user, secret, method, path, body } = of
  const response = await fetch(base + path, {
    method,
    headers: {
      authorization: `Basic ${Buffer.from(`${user}:${secret}`).toString('base64')}`,
      'content-type': 'application/json',
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(10_000),
  })
  const text = await response.text()
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`)
  return text === '' ? null : (JSON.parse(text) as unknown)
}
