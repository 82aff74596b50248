/** Starting Tilth with an invalid configuration prints one line with the required change. */
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { builtProgram } from '../support/program.ts'

const root = join(import.meta.dirname, '../..')
let dir: string
const servers: Server[] = []

beforeEach(() => void (dir = mkdtempSync(join(tmpdir(), 'tilth-start-'))))
afterEach(async () => {
  for (const server of servers.splice(0)) await new Promise((done) => server.close(done))
  rmSync(dir, { recursive: true, force: true })
})

type Ended = { code: number | null; out: string; err: string }

function spawnTilth(env: Record<string, string>, args: string[]): ChildProcessWithoutNullStreams {
  const baseEnv = { PATH: process.env.PATH ?? '', DATA_DIR: dir, HOST: '127.0.0.1', MQTT_HOST: '127.0.0.1' }
  return spawn(process.execPath, builtProgram('services/main.ts', ...args), {
    cwd: root,
    env: { ...baseEnv, PORT: '0', MQTT_PORT: '0', LOG_LEVEL: 'silent', ...env },
  })
}

/** Runs the program until it ends, or stops it when it is ready. */
function start(env: Record<string, string>, args: string[] = []): Promise<Ended> {
  return new Promise((resolve) => {
    const child = spawnTilth(env, args)
    const result: Ended = { code: null, out: '', err: '' }
    child.stdout.on('data', (chunk: Buffer) => {
      result.out += chunk.toString()
      if (!child.killed && result.out.includes('setup?token=')) child.kill('SIGTERM')
    })
    child.stderr.on('data', (chunk: Buffer) => (result.err += chunk.toString()))
    child.on('close', (code) => resolve({ ...result, code }))
  })
}

/** A program that keeps running. */
function startProgram() {
  const child = spawnTilth({}, [])
  const ended = new Promise<void>((resolve) => child.on('close', () => resolve()))
  const isReady = new Promise<void>((resolve, reject) => {
    child.stdout.on('data', (chunk: Buffer) => void (chunk.toString().includes('setup?token=') && resolve()))
    void ended.then(() => reject(new Error('it ended')))
  })
  return { isReady, ended, kill: (signal: NodeJS.Signals) => child.kill(signal) }
}

async function takenPort(): Promise<string> {
  const server = createServer()
  servers.push(server)
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return String((server.address() as { port: number }).port)
}

describe('npm start', () => {
  it('in an empty folder starts, gives the one-time link, and ends in order', async () => {
    const { code, out, err } = await start({})
    expect(err).toBe('')
    expect(out).toMatch(/Tilth is ready\.\n {2}dashboard {2}http:\/\/127\.0\.0\.1:\d+\n/)
    expect(out).toMatch(/setup\?token=[\w-]{22,}/)
    expect(code).toBe(0)
    expect(statSync(join(dir, 'secrets.json')).mode & 0o077).toBe(0)
  })

  it('makes databases outside DATA_DIR unreadable for other users, in a folder that they may read', async () => {
    const open = join(dir, 'open')
    mkdirSync(open, { mode: 0o755 })
    const { code } = await start({
      STATE: `sqlite:${join(open, 'a.db')}`,
      SERIES: `sqlite:${join(open, 'new', 'b.db')}`,
    })
    expect(code).toBe(0)
    const loose = [join(open, 'a.db'), join(open, 'new'), join(open, 'new', 'b.db')].filter(
      (path) => (statSync(path).mode & 0o077) !== 0,
    )
    expect(loose).toEqual([])
  })

  it.each([
    [{ PORT: 'eighty' }, /^tilth: PORT must be a port between 0 and 65535, got eighty\n$/],
    [{ SERIES: 'mysql://db' }, /^tilth: SERIES must begin with .*, got mysql:\n$/],
    [{ SERIES: 'postgres://tilth:hunter@127.0.0.1:1' }, /^tilth: SERIES names no database (?!.*hunter).*\n$/],
    [{ SERIES: 'influx1://127.0.0.1:1' }, /^tilth: SERIES must name one database .*\n$/],
    [
      { SERIES: 'influx2://127.0.0.1:1/farm?org=o&hunter@2' },
      /^tilth: SERIES must give org and token: (?!.*hunter).*\n$/,
    ],
  ])('%o ends with one line and exit code 1', async (env, line) => {
    const { code, err } = await start(env)
    expect(err).toMatch(line)
    expect(code).toBe(1)
  })

  it.each([
    'postgres://tilth:hunter@127.0.0.1:1/farm',
    'influx1://127.0.0.1:1/farm',
    'influx2://127.0.0.1:1/farm?org=o&token=hunter@2',
  ])('starts without %s, and names it in the log without its token', async (SERIES) => {
    const { code, out, err } = await start({ SERIES, LOG_LEVEL: 'warn' })
    expect(out).toMatch(/SERIES does not respond: readings wait in the journal/)
    expect(out).toMatch(/Tilth is ready/)
    expect(`${out}${err}`).not.toContain('hunter')
    expect(code).toBe(0)
  })

  it('names a DATA_DIR that is not a folder', async () => {
    const path = join(dir, 'notes.txt')
    writeFileSync(path, 'a file')
    const { code, err } = await start({ DATA_DIR: path })
    expect(err).toMatch(/^tilth: DATA_DIR must be a folder that Tilth may write to, got .*notes\.txt.*\n$/)
    expect(code).toBe(1)
  })

  it.each(['PORT', 'MQTT_PORT'])('names a %s that is in use', async (name) => {
    const port = await takenPort()
    const { code, err } = await start({ [name]: port })
    expect(err).toMatch(new RegExp(`^tilth: .*${port}.*${name}.*\\n$`))
    expect(code).toBe(1)
  })

  it.each(['state.db', 'series.db', 'journal.db'])(
    'names a damaged %s and leaves it unchanged',
    async (name) => {
      if (name !== 'state.db') await start({})
      const path = join(dir, name)
      writeFileSync(path, 'this is not a database'.repeat(300))
      const contentBefore = readFileSync(path)
      const { code, err } = await start({})
      expect(err).toMatch(/^tilth: .*damaged.*\n$/)
      expect(err).toContain(name)
      expect(code).toBe(1)
      expect(readFileSync(path).equals(contentBefore)).toBe(true)
    },
  )

  it('damaged secrets are refused and not replaced', async () => {
    await start({})
    const path = join(dir, 'secrets.json')
    writeFileSync(path, '{"pepper":"short"}')
    const { code, err } = await start({})
    expect(err).toMatch(/^tilth: .*secrets\.json: pepper must be 64 hex digits.*\n$/)
    expect(code).toBe(1)
    expect(readFileSync(path, 'utf8')).toBe('{"pepper":"short"}')
  })

  it('without the state the other files are not a first start', async () => {
    await start({})
    rmSync(join(dir, 'state.db'))
    const { code, out, err } = await start({})
    expect(err).toMatch(
      /^tilth: .*state\.db is missing\. Put it back, or restore .*--accept-loss state, once.*\n$/,
    )
    expect(out).toBe('')
    expect(code).toBe(1)
    // there is no backup
    const accepted = await start({}, ['--accept-loss', 'state'])
    expect(accepted.out).toMatch(/setup\?token=/)
    expect((await start({}, ['--accept-loss', 'pump'])).err).toMatch(
      /must be followed by one of state, journal, /,
    )
  })

  it('a stopped Tilth leaves no log next to its databases: a copied file is whole', async () => {
    await start({})
    expect(readdirSync(dir).filter((name) => /-wal$|-shm$/.test(name))).toEqual([])
  })

  it('a second one on the same folder is refused, also when its socket is gone', async () => {
    const first = startProgram()
    try {
      await first.isReady
      rmSync(join(dir, 'tilth.sock'))
      const { code, err } = await start({})
      expect(err).toMatch(/^tilth: a Tilth is already running on DATA_DIR .*; stop it, .*\n$/)
      expect(code).toBe(1)
    } finally {
      first.kill('SIGKILL')
    }
    // the kernel releases the lock of a killed process
    await first.ended
    expect((await start({})).out).toMatch(/Tilth is ready/)
  })

  it('an unknown option prints the usage', async () => {
    const { code, err } = await start({}, ['--prot', '80'])
    expect(err).toMatch(/^tilth: unknown option --prot\n\nusage: npm start/)
    expect(code).toBe(2)
  })
})
