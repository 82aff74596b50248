/**
 * A season's chart of a field over HTTP, as the phone requests it, with half a year of 20 fields stored. One signed-in
 * client, one request after another, fields in turn so that none is warmer than in real use.
 */
import type { Bench } from '../support/bench.ts'
import { quantile } from '../support/generator.ts'
import { fieldId, ORG } from '../support/place.ts'
import { atMost, count, ms, infoFigure, type Figure } from '../support/report.ts'
import { afterFirstWork, SEASON_FIELDS, sharedSeason, type Season } from '../support/season.ts'
import { startServer, type Server } from '../support/server.ts'
import { profileOptions } from '../support/tilth-load.ts'
import { DAY_MS } from '../../broker/contract/time.ts'

const REQUESTS = 200
const P95_MS = 15
const LEAST_DAYS = 90
// the only range of the field's page longer than 30 days
const RANGE = 'season'

export const chart = async (bench: Bench): Promise<Figure[]> =>
  chartOf(bench, { line: 'chart', season: await sharedSeason(bench), p95Ms: P95_MS })

/** The figures of a stored season; `env`: where its series are. */
export async function chartOf(
  bench: Bench,
  { line, season, p95Ms, env = {} }: { line: string; season: Season; p95Ms: number; env?: NodeJS.ProcessEnv },
): Promise<Figure[]> {
  const { dataDir, readings } = season
  bench.log(`${line}: ${REQUESTS} requests with ${count(readings)} readings stored`)
  const server = await startServer(dataDir, profileOptions(), { env })
  bench.onEnd(() => server.end('SIGKILL'))
  try {
    const wasIdle = await afterFirstWork(server)
    const cookie = await signUp(server)
    const tookMs: number[] = []
    let bytes = 0
    for (let request = 0; request < REQUESTS; request++) {
      const path = `/api/fields/${fieldId(request % SEASON_FIELDS)}?range=${RANGE}`
      const startMs = performance.now()
      const response = await fetch(`http://127.0.0.1:${server.port}${path}`, { headers: { cookie } })
      const text = await response.text()
      tookMs.push(performance.now() - startMs)
      if (response.status !== 200)
        throw new Error(`${path} answered ${response.status}: ${text.slice(0, 200)}`)
      bytes = Math.max(bytes, text.length)
      if (request < SEASON_FIELDS) mustBeWhole(path, text)
    }
    tookMs.sort((a, b) => a - b)
    return [
      infoFigure(line, 'readings stored', count(readings)),
      infoFigure(line, `field, range ${RANGE}: p50`, ms(quantile(tookMs, 0.5))),
      atMost(line, `field, range ${RANGE}: p95`, quantile(tookMs, 0.95), p95Ms, ms),
      infoFigure(line, 'longest', ms(tookMs.at(-1)!)),
      infoFigure(line, 'largest response', `${Math.round(bytes / 1000)} kB`),
      ...(wasIdle ? [] : [infoFigure(line, 'the server was still catching up', 'yes')]),
    ]
  } finally {
    await server.end('SIGTERM')
  }
}

/** Signs up through the one-time setup link. Returns the session cookie. */
export async function signUp({ port, setupToken }: Server): Promise<string> {
  if (setupToken === null) throw new Error('the server printed no setup link')
  const origin = `http://127.0.0.1:${port}`
  const response = await fetch(`${origin}/api/setup`, {
    method: 'POST',
    // browsers send the origin of a write, Node's fetch does not, and the session requires it
    headers: { 'content-type': 'application/json', origin },
    body: JSON.stringify({
      token: setupToken,
      name: 'Bench',
      email: 'bench@example.org',
      password: crypto.randomUUID(),
      orgName: 'Bench',
      orgId: ORG,
    }),
  })
  if (response.status !== 200)
    throw new Error(`the first account was refused with ${response.status}: ${await response.text()}`)
  const cookies = response.headers.getSetCookie().map((cookie) => cookie.split(';')[0]!)
  if (cookies.length === 0) throw new Error('the first account was created without a session')
  return cookies.join('; ')
}

/** An empty response would be fast: every gauge of the field must be included, over at least 90 days. */
function mustBeWhole(path: string, text: string): void {
  const { sensors } = JSON.parse(text) as { sensors: { atMs: number[] }[] }
  const spans = sensors.map(({ atMs }) => ((atMs.at(-1) ?? 0) - (atMs[0] ?? 0)) / DAY_MS)
  if (spans.length < 6 || spans.some((days) => days < LEAST_DAYS - 1))
    throw new Error(`${path} answered ${spans.length} gauges over ${spans.map(Math.round).join(', ')} days`)
}
