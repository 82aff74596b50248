/**
 * F27: two engines on one PostgreSQL, behind one broker. The one at work is killed with a valve open, again and again,
 * and at last frozen: the other takes over and closes the valve, no order is given twice, and all water is recorded once.
 */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import { systemClock } from '../../../broker/contract/time.ts'
import { openState } from '../../../services/adapters/state.ts'
import { moveState } from '../../../services/backup/move-state.ts'
import { freePort } from '../../../test/support/free-port.ts'
import { startMosquitto } from '../../../test/support/mosquitto.ts'
import { hasPostgres, startPostgres } from '../../../test/support/postgres.ts'
import { ORG, provision } from '../../support/place.ts'
import type { Program } from '../../support/process.ts'
import { atLeast, atMost, count, infoFigure, machineDependent, type Figure } from '../../support/report.ts'
import { spawnServer } from '../../support/server.ts'
import { seconds, type FaultLine, type Torture } from '../support/fault-line.ts'
import { signUp, type Person } from '../support/person.ts'
import { timeUntil, until } from '../support/until.ts'
import { LITRES_PER_PULSE, provisionValves, switchOn } from '../support/valve-place.ts'
import { watchValves, type ValveWatch } from '../support/valve-watch.ts'

const KILLS = { short: 2, long: 20 }
const FROZEN_MS = { short: 20_000, long: 90_000 }
const TAKES_OVER_WITHIN_MS = 20_000
// the water that passes before the fault
const OPEN_MS = 3_000
// a start so soon after a STOP is refused
const AFTER_STOP_MS = 2_500

interface Engine {
  name: string
  port: number
  program: Program
}

interface Pair {
  active: Engine
  waiting: Engine
  start(name: string): Promise<Engine>
  person: Person
  zone: string
  watch: ValveWatch
  db: pg.Pool
}

export const f27: FaultLine = {
  name: 'F27',
  fault: 'the engine on PostgreSQL killed and frozen with a valve open, another one next to it',
  async run(torture) {
    if (!hasPostgres()) return [infoFigure('F27', 'skipped', 'apt-get install postgresql')]
    const pair = await startPair(torture)
    const size = torture.isLong ? 'long' : 'short'
    const tookMs: number[] = []
    for (let kill = 1; kill <= KILLS[size]; kill++) {
      torture.log(`F27: kill ${kill} of ${KILLS[size]}`)
      tookMs.push(await kills(pair))
    }
    torture.log(`F27: frozen for ${FROZEN_MS[size] / 1_000} s`)
    return [
      ...killFigures(tookMs),
      ...(await freeze(pair, FROZEN_MS[size])),
      ...(await records(pair, KILLS[size] + 1)),
    ]
  },
}

async function startPair(torture: Torture): Promise<Pair> {
  const server = await startPostgres()
  torture.onEnd(() => server.stop())
  const { url } = await server.newDatabase()
  const dataDir = await torture.folder('f27')
  await provision(dataDir, { fields: 1, devices: 1, everyS: 60, plantedDaysAgo: 1 })
  const place = await provisionValves(dataDir, { controllers: 1, valvesEach: 1 })
  await moveTo(url, dataDir)
  const mosquitto = await startMosquitto(
    ORG,
    place.credentials.map(({ id }) => id),
  )
  torture.onEnd(() => mosquitto.stop())

  async function start(name: string): Promise<Engine> {
    const folder = join(dataDir, name)
    await mkdir(folder, { recursive: true, mode: 0o700 })
    const port = await freePort()
    const program = spawnServer(folder, [], {
      env: {
        PORT: String(port),
        STATE: url,
        SERIES: url,
        BUS: mosquitto.url.replace('//', `//tilth:${mosquitto.secretOf('tilth')}@`),
        SECRETS_FILE: join(dataDir, 'secrets.json'),
        LOG_LEVEL: 'info',
      },
    })
    torture.onEnd(() => program.end('SIGKILL'))
    return { name, port, program }
  }

  const active = await start('office')
  await until('the first engine is ready', 60_000, () => isReady(active))
  const setupToken = /\/setup\?token=([\w-]+)/.exec(active.program.output())?.[1] ?? null
  const person = await signUp(active.port, setupToken)
  const credentials = place.credentials.map((own) => ({ ...own, secret: mosquitto.secretOf(own.id) }))
  const controllers = await switchOn(
    torture,
    { ...place, credentials },
    { mqttPort: mosquitto.port, clock: systemClock },
  )
  const watch = watchValves(controllers, place.zones, systemClock)
  torture.onEnd(async () => watch.stop())
  const db = new pg.Pool({ connectionString: url, max: 2 })
  torture.onEnd(() => db.end())
  const waiting = await start('barn')
  await until('the second engine stands by', 60_000, () => standsBy(waiting))
  return { active, waiting, start, person, zone: place.zones[0]!.id, watch, db }
}

/** The rows of the farm, made in a file, and the people's tables empty in both. */
async function moveTo(url: string, dataDir: string): Promise<void> {
  const from = await openState(`sqlite:${join(dataDir, 'state.db')}`)
  const to = await openState(url)
  await moveState(from.state, to.state, () => {})
  await from.close()
  await to.close()
}

const statusOf = async ({ port }: Engine, path: string): Promise<number | null> =>
  fetch(`http://127.0.0.1:${port}${path}`, { signal: AbortSignal.timeout(2_000) }).then(
    async (response) => {
      await response.arrayBuffer()
      return response.status
    },
    () => null,
  )
const isReady = async (engine: Engine): Promise<boolean> => (await statusOf(engine, '/readyz')) === 200
const standsBy = async (engine: Engine): Promise<boolean> =>
  (await statusOf(engine, '/healthz')) === 200 && (await statusOf(engine, '/readyz')) === 503

/** A person opens the valve at the engine at work. */
async function open({ active, person, zone, watch }: Pair): Promise<void> {
  await pause(AFTER_STOP_MS)
  await person.signIn(active.port)
  await person.start(zone, 10)
  await until('the valve is open', 20_000, () => watch.isOpen(zone))
  await pause(OPEN_MS)
}

/** Time until the other engine has taken over and closed the valve at the request of a person. */
async function takenOver({ waiting, person, zone, watch }: Pair): Promise<number> {
  const sinceMs = performance.now()
  await until('the other engine is at work', 60_000, () => isReady(waiting))
  await person.signIn(waiting.port)
  await person.stop(zone)
  await timeUntil(20_000, () => !watch.isOpen(zone))
  return watch.isOpen(zone) ? Number.NaN : performance.now() - sinceMs
}

/** Kills the engine at work with the valve open; afterwards the other one is at work, and a new one stands by. */
async function kills(pair: Pair): Promise<number> {
  await open(pair)
  const { active, waiting } = pair
  await active.program.end('SIGKILL')
  const tookMs = await takenOver(pair)
  pair.active = waiting
  pair.waiting = await pair.start(active.name)
  await until('the killed engine stands by', 60_000, () => standsBy(pair.waiting))
  return tookMs
}

function killFigures(tookMs: readonly number[]): Figure[] {
  const sorted = tookMs.toSorted((a, b) => a - b)
  const longest = tookMs.some(Number.isNaN) ? Number.NaN : sorted.at(-1)!
  return [
    infoFigure('F27', 'kills with the valve open', count(tookMs.length)),
    infoFigure('F27', 'killed to closed by the other, median', seconds(sorted[sorted.length >> 1]!)),
    machineDependent(
      atMost('F27', 'killed to closed by the other, longest', longest, TAKES_OVER_WITHIN_MS, seconds),
    ),
  ]
}

async function freeze(pair: Pair, frozenMs: number): Promise<Figure[]> {
  await open(pair)
  const frozen = pair.active.program.child
  const sinceMs = performance.now()
  frozen.kill('SIGSTOP')
  const tookMs = await takenOver(pair)
  await pause(Math.max(0, frozenMs - (performance.now() - sinceMs)))
  const commands = () => pair.db.query('select id, op, seq, state from command order by seq')
  const before = JSON.stringify((await commands()).rows)
  frozen.kill('SIGCONT')
  const endMs = await timeUntil(30_000, () => frozen.exitCode !== null)
  const isChanged = JSON.stringify((await commands()).rows) !== before || pair.watch.isOpen(pair.zone)
  return [
    machineDependent(atMost('F27', 'frozen to closed by the other', tookMs, TAKES_OVER_WITHIN_MS, seconds)),
    infoFigure('F27', 'awake to ended', seconds(endMs)),
    atMost(
      'F27',
      'the frozen one goes on, instead of ending with 1',
      frozen.exitCode === 1 ? 0 : 1,
      0,
      count,
    ),
    atMost('F27', 'commands or valves changed by the frozen one', isChanged ? 1 : 0, 0, count),
  ]
}

/** What the store and the valve show of `runs` runs. */
async function records({ db, watch, zone }: Pair, runs: number): Promise<Figure[]> {
  const litres = () =>
    db.query<{ litres: number }>('select litres from irrigation where litres is not null and litres > 0')
  await until('every run is recorded', 60_000, async () => (await litres()).rowCount! >= runs)
  const { rows } = await litres()
  const orders = await db.query<{ seq: number }>("select seq from command where op = 'open'")
  const passed = watch.passedLitres(zone)
  const recorded = rows.reduce((sum, { litres: one }) => sum + one, 0)
  return [
    atMost(
      'F27',
      `valve openings beyond the ${runs} that people requested`,
      watch.openings().length - runs,
      0,
      count,
    ),
    atLeast('F27', 'openings', watch.openings().length, runs, count),
    atMost('F27', 'orders to open beyond the requests', orders.rowCount! - runs, 0, count),
    atMost('F27', 'records of water beyond one for each run', rows.length - runs, 0, count),
    infoFigure('F27', 'litres that passed, and that were recorded', `${count(passed)}, ${count(recorded)}`),
    // a run ends between two pulses of its meter
    atMost('F27', 'litres that differ', Math.abs(passed - recorded), runs * LITRES_PER_PULSE, count),
  ]
}
