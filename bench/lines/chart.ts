/**
 * A season's chart of a field over HTTP, as the phone asks for it, with half a year of 20 fields stored. One client,
 * signed in, one request after the other, the fields in turn so that none is warmer than a visit would find it.
 */
import type { Bench } from '../support/bench.ts'
import { quantile } from '../support/generator.ts'
import { fieldId, ORG } from '../support/place.ts'
import { atMost, count, ms, infoFigure, type Figure } from '../support/report.ts'
import { waitUntilIdle, SEASON_FIELDS, sharedSeason } from '../support/season.ts'
import { startServer, type Server } from '../support/server.ts'
import { profileOptions } from '../support/tilth-load.ts'
import { DAY_MS } from '../../broker/contract/time.ts'

const REQUESTS = 200
const P95_MS = 20
const LEAST_DAYS = 90
// the season is the only range of the field's page that is longer than 30 days
const RANGE = 'season'

export async function chart(bench: Bench): Promise<Figure[]> {
  const { dataDir, readings } = await sharedSeason(bench)
  bench.log(`chart: ${REQUESTS} requests with ${count(readings)} readings stored`)
  const server = await startServer(dataDir, profileOptions())
  bench.onEnd(() => server.end('SIGKILL'))
  try {
    const wasIdle = await waitUntilIdle(server, 180_000)
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
      infoFigure('chart', 'readings stored', count(readings)),
      infoFigure('chart', `field, range ${RANGE}: p50`, ms(quantile(tookMs, 0.5))),
      atMost('chart', `field, range ${RANGE}: p95`, quantile(tookMs, 0.95), P95_MS, ms),
      infoFigure('chart', 'longest', ms(tookMs.at(-1)!)),
      infoFigure('chart', 'largest answer', `${Math.round(bytes / 1000)} kB`),
      ...(wasIdle ? [] : [infoFigure('chart', 'the server was still catching up', 'yes')]),
    ]
  } finally {
    await server.end('SIGTERM')
  }
}

/** The one-time link of the first start, as a person uses it. Gives the session's cookie. */
export async function signUp({ port, setupToken }: Server): Promise<string> {
  if (setupToken === null) throw new Error('the server printed no link for the first account')
  const origin = `http://127.0.0.1:${port}`
  const response = await fetch(`${origin}/api/setup`, {
    method: 'POST',
    // a browser says where a write comes from; fetch of Node does not, and is refused the session without it
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
  if (cookies.length === 0) throw new Error('the first account was made, but no session came with it')
  return cookies.join('; ')
}

/** An empty answer would be a fast one: every gauge of the field must be there, over at least 90 days. */
function mustBeWhole(path: string, text: string): void {
  const { sensors } = JSON.parse(text) as { sensors: { atMs: number[] }[] }
  const spans = sensors.map(({ atMs }) => ((atMs.at(-1) ?? 0) - (atMs[0] ?? 0)) / DAY_MS)
  if (spans.length < 6 || spans.some((days) => days < LEAST_DAYS - 1))
    throw new Error(`${path} answered ${spans.length} gauges over ${spans.map(Math.round).join(', ')} days`)
}
