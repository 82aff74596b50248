/** STOP on the phone (job F2): one tap, from every screen, and the result for each valve. */
import { describe, expect, it } from 'vitest'
import { hasBrowser, needs } from './browser.ts'
import { useDashboard } from './dashboard.ts'

describe.skipIf(!hasBrowser)(`STOP on the phone${needs}`, () => {
  const dashboard = useDashboard({ onePhone: true })
  const { open } = dashboard

  it('F2: stops all running valves with one tap, and shows the outcome of each', async () => {
    const page = await open('/', { running: 'three' })
    const dock = page.getByRole('region', { name: 'Running now' })
    await dock.getByRole('button', { name: 'Stop all' }).tap()
    await dock
      .getByText(/^Stopped/)
      .nth(2)
      .waitFor()
    const stops = dashboard.fixture.received.filter(({ route }) => route === 'POST /api/stop')
    expect(stops.map(({ body }) => (body as { zoneId: string }).zoneId).sort()).toEqual([
      'zone-hill-2',
      'zone-north-3',
      'zone-paddy-7',
    ])
    expect(await dock.getByRole('button', { name: /^Stop all/ }).count()).toBe(0)
  })

  it('F2: with one of three already stopped, one more tap stops the rest', async () => {
    const page = await open('/', { running: 'three' })
    const dock = page.getByRole('region', { name: 'Running now' })
    await dock.getByRole('button', { name: 'Stop Paddy 7, Inlet' }).tap()
    await dock.getByRole('button', { name: 'Stop all' }).tap()
    await dock
      .getByText(/^Stopped/)
      .nth(1)
      .waitFor()
    const zones = dashboard.fixture.received.map(({ body }) => (body as { zoneId: string }).zoneId)
    expect(zones.sort()).toEqual(['zone-hill-2', 'zone-north-3', 'zone-paddy-7'])
  })

  it('F2: the tap is confirmed at once, before the server responds', async () => {
    const page = await open('/', { running: true })
    await page.route('**/api/stop', async (route) => {
      await page.getByText('Sending stop…').waitFor()
      await route.continue()
    })
    await page.getByRole('button', { name: /^Stop/ }).tap()
    await page.getByText(/^Stopped/).waitFor()
  })

  it('F2: a stop that the server cannot record is shown as sent, and is repeated until it is recorded', async () => {
    const page = await open('/', { running: true })
    let attempts = 0
    await page.route('**/api/stop', async (route) => {
      if (++attempts > 1) {
        await page.getByText('The server cannot record now; the stop was sent.').waitFor()
        return route.continue()
      }
      await route.fulfill({ status: 503, json: { error: 'STOP_UNRECORDED', message: 'recorded later' } })
    })
    await page.getByRole('button', { name: /^Stop/ }).tap()
    await page.getByText(/^Stopped/).waitFor()
    expect(attempts).toBe(2)
  })

  it('F2: STOP can be reached while a sheet is open (U10)', async () => {
    const page = await open('/fields/north-3#why/why-north-3', { running: true })
    await page
      .getByRole('dialog')
      .getByRole('button', { name: /^Stop Paddy 7/ })
      .tap()
    await page
      .getByRole('dialog')
      .getByText(/^Stopped/)
      .waitFor()
  })

  it('F2: a stop that the valve does not confirm for 90 s instructs a person to go and look', async () => {
    const page = await open('/', { running: true, controller: 'silent' })
    await page.getByRole('button', { name: /^Stop/ }).waitFor()
    await page.clock.install()
    await page.getByRole('button', { name: /^Stop/ }).tap()
    await page.getByText('Stop sent, waiting for the valve').waitFor()
    for (let second = 0; second < 95; second += 5) await page.clock.runFor(5_000)
    await page.getByText('Stop not confirmed after 90 s: go and look').waitFor()
    await page.getByRole('region', { name: 'Running now' }).getByRole('link', { name: 'Map' }).tap()
    await page.waitForURL('**/fields?map=paddy-7')
  })

  it('F2: undo opens the valve again for the remaining time', async () => {
    const page = await open('/', { running: true })
    await page.getByRole('button', { name: /^Stop/ }).tap()
    await page.getByRole('button', { name: 'Undo' }).tap()
    await page.getByText(/min left/).waitFor()
    const [stop, start] = ['POST /api/stop', 'POST /api/start'].map(
      (name) => dashboard.fixture.received.find(({ route }) => route === name)!.body as { idem: string },
    )
    expect(start).toMatchObject({ zoneId: 'zone-paddy-7', minutes: 14, undoesStop: stop!.idem })
  })

  it('F2: a second tap on the place of Approve does not stop what was just approved: STOP comes after three seconds (U4)', async () => {
    const page = await open('/fields/north-3')
    const approve = page.getByRole('button', { name: /^Approve/ })
    const { x, y, width, height } = (await approve.boundingBox())!
    const tapThere = () => page.touchscreen.tap(x + width / 2, y + height / 2)
    await tapThere()
    await page.getByRole('button', { name: 'Approved', disabled: true }).waitFor()
    // its valve opens at once
    await page.request.post(`${dashboard.fixture.url}/api/start`, {
      data: { idem: 'approved', zoneId: 'zone-north-3', minutes: 130 },
    })
    await expect
      .poll(() => page.evaluate(() => document.querySelector('main .head')?.textContent))
      .toContain('Approved')
    await tapThere()
    expect(await page.locator('main .head .stop').count()).toBe(0)
    await page.locator('main .head .stop').waitFor()
    const routes = dashboard.fixture.received.map(({ route }) => route)
    expect(routes.filter((route) => /stop|approve|skip/.test(route))).toEqual([
      expect.stringMatching(/^POST \/api\/runs\/.*\/approve$/),
    ])
  })

  it('F2: an approval is stated at once, and an approved run whose valve is about to open is not started twice', async () => {
    const page = await open('/fields/north-3')
    const head = page.locator('main .head')
    await page.route('**/api/fields/north-3?**', async (route) => {
      if (dashboard.fixture.received.length === 0) return route.continue()
      const response = await route.fetch()
      const detail = (await response.json()) as { field: object }
      const verdict = { key: 'starting', params: { minutes: 130, atMs: 0 } }
      await route.fulfill({ response, json: { ...detail, field: { ...detail.field, verdict, next: null } } })
    })
    await head.getByRole('button', { name: /^Approve/ }).tap()
    expect(await head.locator('#verdict').textContent()).not.toBe('Needs approval')
    await head.getByText('Starting…').waitFor()
    expect(await head.getByRole('button', { name: 'Start…' }).count()).toBe(0)
  })

  it('F2: STOP on the page of a field does not wait for a slow response of Today', async () => {
    const page = await open('/fields/north-3')
    await page.locator('main .head').getByRole('button', { name: 'Start…' }).waitFor()
    await page.route('**/api/today', () => {})
    await page.request.post(`${dashboard.fixture.url}/api/start`, {
      data: { idem: 'slow-today', zoneId: 'zone-north-3', minutes: 130 },
    })
    await page.locator('main .head .stop').waitFor()
    // the requests that wait go on
    await page.unroute('**/api/today')
  })

  it('F2: in the sheet of a run neither Skip nor STOP takes the place of Approve (U4)', async () => {
    const page = await open('/water#run/2026-07-24/run-4')
    const sheet = page.getByRole('dialog')
    const approve = sheet.getByRole('button', { name: /^Approve/ })
    const { x, y, width, height } = (await approve.boundingBox())!
    for (let taps = 0; taps < 3; taps++) await page.touchscreen.tap(x + width / 2, y + height / 2)
    await sheet.getByRole('button', { name: 'Approved', disabled: true }).waitFor()
    await sheet.waitFor({ state: 'detached' })
    expect(dashboard.fixture.received.map(({ route }) => route)).toEqual(['POST /api/runs/run-4/approve'])
  })

  it('F2: a viewer stops, and is offered no Undo: a viewer may not open a valve', async () => {
    const page = await open('/', { running: true, role: 'viewer' })
    await page.getByRole('button', { name: /^Stop/ }).tap()
    await page.getByText(/^Stopped/).waitFor()
    expect(await page.getByRole('button', { name: 'Undo' }).count()).toBe(0)
  })
})
