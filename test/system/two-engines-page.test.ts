/**
 * A phone behind a proxy with a health check, whose engine is killed: its page follows to the other one by itself, and
 * receives that one's events within 5 s after it is ready (T11).
 */
import type { Browser, Page, Response } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hasBrowser, needs, openBrowser } from '../e2e/browser.ts'
import { startMosquitto, type Mosquitto } from '../support/mosquitto.ts'
import { hasPostgres, newPostgresDatabase, type PostgresDatabase } from '../support/postgres.ts'
import { startRelay, type Relay } from '../support/relay.ts'
import { endEngine, isReady, standsBy, startEngine, type Engine } from './engine-process.ts'
import { eventually, setUpFarm } from './farm.ts'
import { nodesOfOneFarm, type FarmNodes } from './nodes-of-one-farm.ts'

const WITHIN_MS = 5_000
const ACCOUNT = { email: 'sato@farm.example', password: 'kome-to-mizu-2026' }

describe.skipIf(!hasBrowser || !hasPostgres())(`a page and two engines${needs}`, () => {
  let nodes: FarmNodes
  let database: PostgresDatabase
  let mosquitto: Mosquitto
  const engines: Engine[] = []
  let relay: Relay
  let browser: Browser
  let page: Page
  let fieldId: string

  beforeAll(async () => {
    database = await newPostgresDatabase()
    mosquitto = await startMosquitto('ja-test', [])
    nodes = nodesOfOneFarm({ database, broker: mosquitto })
    const farm = await setUpFarm(nodes.envOf('office'))
    fieldId = farm.fieldId
    await farm.stop()
    const office = await startEngine('office', nodes.envOf('office'))
    engines.push(office)
    await eventually(() => isReady(office), 30_000)
    const barn = await startEngine('barn', nodes.envOf('barn'))
    engines.push(barn)
    await eventually(() => standsBy(barn), 30_000)
    relay = await startRelay(office.port, barn.port)
    browser = await openBrowser()
    const context = await browser.newContext({ serviceWorkers: 'block' })
    page = await context.newPage()
  }, 120_000)
  afterAll(async () => {
    await browser?.close()
    await relay?.stop()
    for (const engine of engines) await endEngine(engine)
    await mosquitto?.stop()
    await database?.drop()
    nodes?.remove()
  })

  const isStream = (response: Response) =>
    new URL(response.url()).pathname === '/api/events' && response.status() === 200

  it('the page follows to the other engine within 5 s, and receives its events', async () => {
    const url = `http://127.0.0.1:${relay.port}`
    const { request } = page.context()
    const post = (path: string, data: object) => request.post(url + path, { data, headers: { origin: url } })
    expect((await post('/api/auth/sign-in/email', ACCOUNT)).status()).toBe(200)
    const first = page.waitForResponse(isStream)
    await page.goto(url)
    await first

    const next = page.waitForResponse(isStream, { timeout: 60_000 })
    await endEngine(engines[0]!)
    await eventually(() => isReady(engines[1]!), 30_000)
    const readyMs = performance.now()
    await next
    expect(performance.now() - readyMs).toBeLessThan(WITHIN_MS)
    await page.waitForLoadState('networkidle')

    const fetched = page.waitForRequest((sent) => sent.url().includes('/api/today'), { timeout: WITHIN_MS })
    const device = { id: 'soil-1', name: 'Probe', kind: 'probe', fieldId }
    expect((await post('/api/devices', device)).status()).toBe(200)
    await fetched
  }, 90_000)
})
