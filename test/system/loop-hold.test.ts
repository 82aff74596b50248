/**
 * No request holds the event loop, which carries leases and acknowledgements, for more than 50 ms of processor time: a
 * watch in the server names the one that does. A co-operative of 100 members with 900 fields and three seasons.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { ORG, provision } from '../../bench/support/place.ts'
import { startServer, type Server } from '../../bench/support/server.ts'
import { operationsOf } from '../../bench/torture/fuzz/requests.ts'
import { heavyRequests, type HeavyRequest } from '../../bench/torture/support/heavy-requests.ts'
import { loopWatch, readLoopHolds, type LoopHold } from '../../bench/torture/support/loop-holds.ts'
import { signUp, type Person } from '../../bench/torture/support/person.ts'
import { writeMembers } from '../../firmware-sim/demo/members/write-members.ts'
import { openSqliteState } from '../../services/adapters/sqlite/state.ts'

const HOLD_MS = 50
/** What the watch notes: some heavy requests, which shows that it sees them. */
const NOTED_MS = 5
const YEAR = 2025
/** The first compiles code; processor time also grows when another program takes the cache of the processor. */
const TRIES = 4
const WATCH_MS = 30 // for the watch to look once more
const MINUTE_MS = 60_000

let folder: string
let server: Server
let person: Person

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tilth-loop-'))
  await provision(folder, { fields: 4, devices: 4, everyS: 60, plantedDaysAgo: 100 })
  const { state, close } = await openSqliteState(join(folder, 'state.db'))
  await writeMembers(state, { coop: ORG, members: 100, fields: 900, year: YEAR, yearsBack: 2 })
  await close()
  const { nodeOptions, env } = loopWatch(folder, NOTED_MS)
  server = await startServer(folder, nodeOptions, { env: { ...env, HTTP_LIMITS: 'none' } })
  person = await signUp(server.port, server.setupToken)
}, MINUTE_MS)
afterAll(async () => {
  await server?.end('SIGKILL')
  await rm(folder, { recursive: true, force: true })
})

it(
  'each page, report, export and file is answered without holding the event loop for 50 ms',
  async () => {
    const heavy = heavyRequests(YEAR)
    const known = new Set(heavy.map(({ path }) => path.split('?')[0]))
    const others = (await plainPaths()).filter((path) => !known.has(path))
    const requests = [
      ...heavy,
      ...others.map((path) => ({ method: 'GET' as const, path: `${path}?year=${YEAR}` })),
    ]
    expect(requests.length).toBeGreaterThan(40)
    const holds: { request: string; heldMs: number }[] = []
    for (const request of requests) {
      const heldMs = await holdOf(request)
      holds.push({ request: `${request.method} ${request.path}`, heldMs })
    }
    expect(holds.filter(({ heldMs }) => heldMs > HOLD_MS)).toEqual([])
    expect(holds.filter(({ heldMs }) => heldMs > 0)).not.toEqual([])
  },
  5 * MINUTE_MS,
)

/** The shortest of some tries, ms; 0: it stayed below the limit in one of them. */
async function holdOf({
  method,
  path,
  body,
}: Pick<HeavyRequest, 'method' | 'path' | 'body'>): Promise<number> {
  let shortestMs = Infinity
  for (let tries = 0; tries < TRIES && shortestMs > HOLD_MS / 2; tries++) {
    const before = readLoopHolds(folder).length
    await person.send(method, path, body, MINUTE_MS)
    await pause(WATCH_MS)
    const isOurs = ({ requests }: LoopHold) => requests.length > 0
    const holds = readLoopHolds(folder).slice(before).filter(isOurs)
    shortestMs = Math.min(shortestMs, Math.max(0, ...holds.map(({ heldMs }) => heldMs)))
  }
  return shortestMs
}

/** Everything that is read without the id of an object. */
async function plainPaths(): Promise<string[]> {
  const file = join(import.meta.dirname, '../../docs/api/openapi.json')
  const document = JSON.parse(await readFile(file, 'utf8')) as Parameters<typeof operationsOf>[0]
  return operationsOf(document)
    .filter(({ method, path }) => method === 'GET' && !path.includes('{') && path !== '/api/events')
    .map(({ path }) => path)
}
