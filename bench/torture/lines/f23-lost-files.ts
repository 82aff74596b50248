/**
 * F23: files that are lost or damaged while Tilth does not run: a write-ahead log, a database, the secrets. Each stops
 * the start with one line that names it, and nothing is taken for a first start. What is whole starts: after a kill -9 at
 * any moment, and the databases of a stopped Tilth copied without anything else.
 */
import { cpSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { cp, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { random, type Random } from '../../../firmware-sim/random.ts'
import type { Today } from '../../../services/api/screens/today-schemas.ts'
import { freePort } from '../../../test/support/free-port.ts'
import { provision } from '../../support/place.ts'
import { atLeast, atMost, count, infoFigure, type Figure } from '../../support/report.ts'
import { spawnServer, startServer, type Server } from '../../support/server.ts'
import { createStream } from '../../support/stream.ts'
import { seconds, type FaultLine, type Torture } from '../support/fault-line.ts'
import { behind } from '../support/metrics.ts'
import { signUp, type Person } from '../support/person.ts'
import { provisionValves } from '../support/valve-place.ts'
import { until } from '../support/until.ts'

const RATE_PER_S = 1_000
const LOAD_MS = 2_500
const IS_READY = /setup\?token=|Tilth is ready/
const MARKED_WITHIN_MS = 3_000
const FLIPPED_BYTES = 20
const START_KILLS = { short: 2, long: 50 }
const FLIPS = { short: 1, long: 50 }

interface Damage {
  what: string
  /** the file that the line must name */
  names: RegExp
  make(dataDir: string): void
}

const gone = (...names: string[]): Damage => ({
  what: `${names.join(' and ')} deleted`,
  names: new RegExp(names[0]!.replace(/-wal$|-shm$/, '')),
  make: (dataDir) => names.forEach((name) => rmSync(join(dataDir, name), { force: true })),
})
const withLog = (name: string) => [name, `${name}-wal`, `${name}-shm`]

/** Of the first four fifths of a log: what follows shows that a transaction has ended there. */
const flipped = (name: string, chance: Random): Damage => ({
  what: `${FLIPPED_BYTES} bytes of ${name} flipped`,
  names: new RegExp(name.replace('-wal', '')),
  make(dataDir) {
    const path = join(dataDir, name)
    const bytes = readFileSync(path)
    const from = 32 + Math.floor(chance.next() * (0.8 * bytes.length - 32 - FLIPPED_BYTES))
    for (let i = 0; i < FLIPPED_BYTES; i++) bytes[from + i]! ^= 0xff
    writeFileSync(path, bytes)
  },
})

const cutShort = (name: string): Damage => ({
  what: `${name} cut to its header`,
  names: new RegExp(name.replace('-wal', '')),
  make: (dataDir) => truncateSync(join(dataDir, name), 32),
})

export const f23: FaultLine = {
  name: 'F23',
  fault: 'write-ahead logs, databases and secrets lost or damaged while Tilth is down',
  async run(torture) {
    torture.log(`F23: files lost and damaged after a kill -9 at ${count(RATE_PER_S)} messages a second`)
    const chance = random(`${torture.seed}/f23`)
    const size = torture.isLong ? 'long' : 'short'
    // the store is away, so that only the journal holds what was acknowledged
    const env = { SERIES: `influx1://127.0.0.1:${await freePort()}/none` }
    const dataDir = await torture.folder('f23')
    const publishers = await provision(dataDir, { fields: 4, devices: 20, everyS: 60, plantedDaysAgo: 1 })
    await provisionValves(dataDir, { controllers: 1, valvesEach: 1 })
    const server = await startOn(torture, dataDir, env)
    const person = await signUp(server.port, server.setupToken)
    const stream = createStream(publishers, RATE_PER_S)
    await stream.run(server.mqttPort, LOAD_MS)
    // what is lost from the last second, before the next mark, cannot be noticed
    await pause(MARKED_WITHIN_MS)
    await server.end('SIGKILL')
    const acked = stream.acked()

    const damages = [
      ...Array.from({ length: FLIPS[size] }, () => flipped('journal.db-wal', chance)),
      gone('journal.db-wal'),
      cutShort('journal.db-wal'),
      gone('state.db-wal'),
      gone('secrets.json'),
      gone(...withLog('journal.db')),
      gone(...withLog('state.db'), 'stores.json'),
    ]
    const copies = await Promise.all(
      damages.map(async (damage, index) => {
        const copy = await copyOf(torture, dataDir, `damaged-${index}`)
        damage.make(copy)
        return { ...damage, copy }
      }),
    )
    const silent: string[] = []
    const harmless: string[] = []
    let asNew = 0
    for (const { what, names, copy } of copies) {
      const { output, code } = await refusal(copy, env)
      if (output.includes('setup?token=')) asNew += 1
      const isOneLine = /^tilth: [^\n]+--accept-loss \w+[^\n]+\n$/.test(output) && names.test(output)
      if (code === 1 && isOneLine) continue
      // the damage may lie in a part of the log that is in the database already
      if (IS_READY.test(output) && (await lostOn(torture, copy, env, acked)) === 0) harmless.push(what)
      else silent.push(`${what}: ${output.slice(0, 200)}`)
    }
    for (const text of silent) torture.log(`F23: ${text}`)
    const accepted = await startOn(
      torture,
      copies.find(({ what }) => what.startsWith('journal.db '))!.copy,
      env,
      ['--accept-loss', 'journal'],
    )
    const shown = await accepting(accepted, person)
    await accepted.end('SIGKILL')

    return [
      infoFigure('F23', 'readings acknowledged, then kill -9', count(acked)),
      infoFigure('F23', 'damages of which nothing was lost, so that Tilth starts', count(harmless.length)),
      atLeast(
        'F23',
        'refused by name in one line, of the other damages',
        damages.length - harmless.length - silent.length,
        damages.length - harmless.length,
        count,
      ),
      atMost('F23', 'taken for a first start', asNew, 0, count),
      atLeast('F23', 'accepted loss shown as an alert and in the audit', shown, 2, count),
      ...(await whole(torture, dataDir, { env, acked, kills: START_KILLS[size], chance })),
    ]
  },
}

/** Acknowledged readings that a started Tilth does not have any more. */
async function lostOn(
  torture: Torture,
  dataDir: string,
  env: NodeJS.ProcessEnv,
  acked: number,
): Promise<number> {
  const server = await startOn(torture, dataDir, env)
  const lost = Math.max(0, acked - (await behind(server.port)))
  await server.end('SIGKILL')
  return lost
}

/** What is whole starts: killed again at random moments of the start, then stopped, then copied file by file. */
async function whole(
  torture: Torture,
  dataDir: string,
  { env, acked, kills, chance }: { env: NodeJS.ProcessEnv; acked: number; kills: number; chance: Random },
): Promise<Figure[]> {
  let refused = 0
  for (let i = 0; i < kills; i++) {
    const afterMs = 300 + chance.next() * 1_500
    const { output, code } = await refusal(dataDir, env, afterMs)
    if (code === 1) {
      refused += 1
      torture.log(`F23: ${output.slice(0, 300)}`)
    }
  }
  const startMs = performance.now()
  const server = await startOn(torture, dataDir, env)
  const tookMs = performance.now() - startMs
  const lost = Math.max(0, acked - (await behind(server.port)))
  await server.end('SIGTERM')
  const left = readdirSync(dataDir).filter((name) => /-wal$|-shm$/.test(name)).length
  const moved = join(await torture.folder('f23-moved'), 'data')
  await mkdir(moved)
  for (const name of readdirSync(dataDir).filter((name) => /\.db$|^secrets/.test(name)))
    cpSync(join(dataDir, name), join(moved, name))
  const copied = await startOn(torture, moved, env)
  const lostInCopy = Math.max(0, acked - (await behind(copied.port)))
  await copied.end('SIGKILL')
  return [
    atMost('F23', `whole, and refused after ${kills} x kill -9 within the start`, refused, 0, count),
    atMost('F23', 'whole: acknowledged and lost', lost, 0, count),
    atMost('F23', 'stopped: logs left next to the databases', left, 0, count),
    atMost('F23', 'stopped and only *.db and secrets copied: lost', lostInCopy, 0, count),
    infoFigure('F23', 'start with all checks', seconds(tookMs)),
  ]
}

async function copyOf(torture: Torture, dataDir: string, name: string): Promise<string> {
  const copy = join(await torture.folder(`f23-${name}`), 'data')
  await cp(dataDir, copy, { recursive: true, filter: (path) => !/tilth\.sock$|reserve$/.test(path) })
  return copy
}

async function startOn(
  torture: Torture,
  dataDir: string,
  env: NodeJS.ProcessEnv,
  args: readonly string[] = [],
): Promise<Server> {
  const server = await startServer(dataDir, [], { env, args, isWhole: false })
  torture.onEnd(() => server.end('SIGKILL'))
  return server
}

/** The output of a start that ends by itself, or is killed after some time. */
async function refusal(
  dataDir: string,
  env: NodeJS.ProcessEnv,
  killAfterMs = 20_000,
): Promise<{ output: string; code: number | null }> {
  const program = spawnServer(dataDir, [], { env })
  const ended = new Promise<number | null>((done) => program.child.once('close', done))
  const untilMs = performance.now() + killAfterMs
  while (program.child.exitCode === null && performance.now() < untilMs) {
    if (killAfterMs === 20_000 && IS_READY.test(program.output())) break
    await pause(20)
  }
  if (program.child.exitCode === null) await program.end('SIGKILL')
  const code = await ended
  return { output: program.output(), code }
}

/** 1 for the alert and 1 for the line of the audit. */
async function accepting(server: Server, person: Person): Promise<number> {
  await person.signIn(server.port)
  await until('the alert', 10_000, async () => {
    const { alerts } = await person.get<Today>('/api/today')
    return alerts.some(({ cause }) => cause === 'data-lost') || null
  })
  const lines = await person.get<{ action: string }[]>('/api/audit?limit=100')
  return 1 + lines.filter(({ action }) => action === 'store.loss-accepted').length
}
