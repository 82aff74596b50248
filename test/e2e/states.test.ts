/** The states of a screen: first run, empty, no connection, trouble of the server, signed out. */
import { describe, expect, it } from 'vitest'
import { hasBrowser, needs } from './browser.ts'
import { shellIsKept, useDashboard } from './dashboard.ts'

describe.skipIf(!hasBrowser)(`the states of the screens${needs}`, () => {
  const dashboard = useDashboard({ onePhone: true })
  const { open } = dashboard

  it('without a network the page opens with the last data, dated (U15)', async () => {
    const page = await open('/', {}, { worksOffline: true })
    await page.getByRole('heading', { name: '3 things need attention' }).waitFor()
    await page.getByRole('link', { name: /North 3/ }).tap()
    await page.getByRole('slider').waitFor()
    await shellIsKept(page)
    await dashboard.phone.context.setOffline(true)
    await page.goto(`${dashboard.fixture.url}/`)
    await page.getByRole('heading', { name: '3 things need attention' }).waitFor()
    await page.getByText(/No connection\. Data from 05:3\d/).waitFor()
    // the detail of a field that was opened is available too, with its chart
    await page.getByRole('link', { name: /North 3/ }).tap()
    await page.getByRole('slider', { name: /^Water left/ }).waitFor()
  })

  it('a crop that a frost has killed gets no water, until a person reports that it lives', async () => {
    const page = await open('/fields/north-3', { frost: true })
    await page.getByText(/: no more irrigation$/).waitFor()
    await page.getByRole('button', { name: 'The crop lives' }).tap()
    await expect
      .poll(() => dashboard.fixture.received)
      .toEqual([{ route: 'POST /api/fields/north-3/frost-survived', body: { day: '2026-07-24' } }])
  })

  it('without a network Start is disabled with its reason, and STOP stays and is sent when the network is back', async () => {
    const page = await open('/fields/north-3', { running: true }, { worksOffline: true })
    await page.getByRole('button', { name: /^Stop Paddy 7/ }).waitFor()
    await page.getByRole('slider').waitFor()
    await dashboard.phone.context.setOffline(true)
    await page.getByText('Start is unavailable: this phone has no connection.').waitFor()
    // by key: the page may still move under a finger
    await page.getByRole('button', { name: 'Start…' }).press('Enter')
    expect(await page.getByRole('dialog').count()).toBe(0)

    await page.getByRole('button', { name: /^Stop Paddy 7/ }).tap()
    await page.getByText('Sending stop…').waitFor()
    expect(dashboard.fixture.received).toEqual([])
    await dashboard.phone.context.setOffline(false)
    await page.getByText(/^Stopped/).waitFor()
    const stops = dashboard.fixture.received.filter(({ route }) => route === 'POST /api/stop')
    expect(new Set(stops.map(({ body }) => (body as { idem: string }).idem)).size).toBe(1)
  })

  it('without a network an approval waits on this phone until the planned start, and is sent when the network is back (U20)', async () => {
    const page = await open('/water', {}, { worksOffline: true })
    await page.getByRole('button', { name: 'Approve all 2 runs' }).waitFor()
    await shellIsKept(page)
    await dashboard.phone.context.setOffline(true)
    await page.getByText(/No connection/).waitFor()
    await page.getByRole('button', { name: 'Approve all 2 runs' }).tap()
    const [morning, evening] = [/^(05:40|Now).*North 3/, /^18:00.*Shrine east/].map((name) =>
      page
        .getByRole('list', { name: /^(Waiting for you|Approved, not sent yet)/ })
        .getByRole('button', { name }),
    )
    await page.getByRole('heading', { name: 'Approved, not sent yet' }).waitFor()
    for (const row of [morning!, evening!]) {
      await row.getByText('on this phone, not sent yet').waitFor()
      // nothing outdated is shown as current
      await row.getByText('needs approval').waitFor()
    }
    expect(await page.getByRole('button', { name: /^Approve/ }).count()).toBe(0)
    await evening!.tap()
    await page.getByRole('dialog').getByText('on this phone, not sent yet').waitFor()
    await page.getByRole('dialog').getByText('This phone has no connection.').waitFor() // skipping needs a connection
    expect(await page.getByRole('button', { name: /^Approve/ }).count()).toBe(0)

    // it survives a reload, and after 05:40 the first one has expired
    await page.clock.install()
    await page.goto(`${dashboard.fixture.url}/water`)
    await morning!.getByText('on this phone, not sent yet').waitFor()
    await page.clock.fastForward('12:00')
    await morning!.getByText('rejected, its time has passed').waitFor()
    await evening!.getByText('on this phone, not sent yet').waitFor()
    expect(dashboard.fixture.received).toEqual([])
    await dashboard.phone.context.setOffline(false)
    const ahead = page.getByRole('list', { name: 'Ahead' })
    await ahead
      .getByRole('button', { name: /^18:00.*Shrine east/ })
      .getByText('planned')
      .waitFor()
    expect(dashboard.fixture.received).toMatchObject([
      {
        route: 'POST /api/runs/run-4/approve',
        body: { seen: { startMs: Date.parse('2026-07-24T18:00+09:00'), minutes: 110 } },
      },
    ])
  })

  it('an approval that is deleted while another is being sent is not sent, and one that is being sent cannot be deleted', async () => {
    const page = await open('/water', {}, { worksOffline: true })
    await page.getByRole('button', { name: 'Approve all 2 runs' }).waitFor()
    await shellIsKept(page)
    await page.getByRole('link', { name: 'Pests' }).tap()
    await page.getByRole('heading', { name: 'Pests and diseases' }).waitFor()
    await page.getByRole('link', { name: 'Water', exact: true }).tap()
    await dashboard.phone.context.setOffline(true)
    await page.getByText(/No connection/).waitFor()
    await page.getByRole('button', { name: 'Approve all 2 runs' }).tap()
    await page.getByText('on this phone, not sent yet').nth(1).waitFor()
    await page.getByRole('link', { name: 'Pests' }).tap()
    const requests: string[] = []
    let letGo = (): void => {}
    const blocked = new Promise<void>((resolve) => (letGo = resolve))
    await page.route('**/approve', async (route) => {
      requests.push(new URL(route.request().url()).pathname)
      await blocked
      await route.continue()
    })
    await page.getByRole('button', { name: 'Delete' }).nth(1).waitFor()
    await dashboard.phone.context.setOffline(false)
    await page.getByText('No response. It is unknown whether the command arrived.').waitFor()
    expect(await page.getByRole('button', { name: 'Delete' }).count()).toBe(1)
    await page.getByRole('button', { name: 'Delete' }).tap()
    await page.getByRole('button', { name: 'Delete for good' }).tap()
    await expect.poll(() => page.getByRole('button', { name: /^Delete/ }).count()).toBe(0)
    letGo()
    await page.getByText(/^sent /).waitFor()
    // a first attempt may fail because the network is not back yet: the retry is the same approval
    expect(new Set(requests).size).toBe(1)
    expect(dashboard.fixture.received.map(({ route }) => route)).toEqual([`POST ${requests[0]}`])
  })

  it('an approval that the server has is sent again with its key until it is processed, and a refusal is shown with the run', async () => {
    const page = await open('/water', {}, { worksOffline: true })
    await page.clock.install()
    await page.reload()
    await page.getByRole('button', { name: /^18:00.*Shrine east/ }).tap()
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('button', { name: /^Approve/ }).waitFor()
    await dashboard.phone.context.setOffline(true)
    await dialog.getByText('This phone has no connection.').waitFor()
    await dialog.getByRole('button', { name: /^Approve/ }).press('Enter')
    await dialog.getByText('on this phone, not sent yet').waitFor()
    const requests: string[] = []
    let decided = { state: 'new', reason: null as string | null }
    await page.route('**/api/runs/run-4/approve', (route) => {
      const { idem } = route.request().postDataJSON() as { idem: string }
      requests.push(idem)
      return route.fulfill({ json: { id: idem, ...decided, command: null } })
    })
    await dashboard.phone.context.setOffline(false)
    await expect.poll(() => requests.length).toBeGreaterThan(0)
    // it may have arrived: it is not shown as waiting on this phone and cannot be withdrawn
    await dialog.getByText('No response. It is unknown whether the command arrived.').waitFor()
    decided = { state: 'refused', reason: 'stale-request' }
    await page.clock.fastForward('00:31')
    await dialog.getByText('rejected, something changed in the meantime').waitFor()
    expect(new Set(requests).size).toBe(1)
    await dialog.getByRole('button', { name: /^Approve/ }).waitFor()
  })

  it('a sheet that could not be loaded is reported, and STOP stays in reach', async () => {
    const page = await open('/fields/north-3#field-set-up/north-3', { running: true })
    await page.route('**/assets/set-up*.js', (route) => route.abort())
    await page.getByRole('link', { name: 'Add a zone' }).tap()
    await page.getByRole('alert').getByText('This page could not be loaded.').waitFor()
    expect(await page.getByRole('button', { name: /^Stop Paddy 7/ }).isVisible()).toBe(true)
    await page.unroute('**/assets/set-up*.js')
    await page.getByRole('button', { name: 'Try again' }).tap()
    await page.getByRole('dialog', { name: 'Add a zone' }).waitFor()
  })

  it('a STOP that cannot be sent for ten minutes instructs you to close the valve by hand', async () => {
    const page = await open('/', { running: true }, { worksOffline: true })
    await page.getByRole('button', { name: /^Stop/ }).waitFor()
    await dashboard.phone.context.setOffline(true)
    await page.clock.install()
    await page.getByRole('button', { name: /^Stop/ }).tap()
    for (let minute = 0; minute < 11; minute++)
      for (let part = 0; part < 6; part++) await page.clock.runFor(10_000)
    await page.getByText('Not sent. Close it by hand.').waitFor()
  })

  it('when the server is in trouble the last good screen stays, under one strip', async () => {
    const page = await open('/')
    await page.getByRole('heading', { name: '3 things need attention' }).waitFor()
    dashboard.fixture.trouble(503)
    dashboard.fixture.turn('hill-2', 'ok')
    await page.getByText('Could not refresh (the database does not respond)').waitFor()
    await page.getByRole('heading', { name: '3 things need attention' }).waitFor()
    dashboard.fixture.trouble(null)
    await page.getByRole('button', { name: 'Now' }).tap()
    await page.getByText('Could not refresh').waitFor({ state: 'detached' })
  })

  it('without a problem the page states it and shows the next run', async () => {
    const page = await open('/', { fields: 'ok' })
    await page.getByRole('heading', { name: 'All 6 fields OK' }).waitFor()
    expect(await page.getByRole('list', { name: 'Fields' }).getByRole('link').count()).toBe(6)
  })

  it('an empty farm shows what is missing, on every screen', async () => {
    const page = await open('/', { fields: 'none' })
    await page.getByRole('heading', { name: 'No fields yet' }).waitFor()
    await page.getByRole('link', { name: 'Water', exact: true }).tap()
    await page.getByText('No runs on this day').waitFor()
    await page.getByRole('link', { name: 'Pests' }).tap()
    await page.getByText(/^An administrator sets up the fields/).waitFor()
    await page.getByRole('link', { name: 'More' }).tap()
    await page.getByRole('link', { name: /^Devices/ }).tap()
    await page.getByText(/No devices yet/).waitFor()
  })

  it('a field of another organisation is not found, and a way back is offered', async () => {
    const page = await open('/fields/nowhere')
    await page.getByText('This field is not in your organisation.').waitFor()
  })

  it('a person who is not signed in signs in, and a wrong password is reported', async () => {
    const page = await open('/', { signedIn: false })
    await page.getByLabel('E-mail').fill('haruko@example.org')
    await page.getByLabel('Password', { exact: true }).fill('wrong-one')
    await page.getByRole('button', { name: 'Sign in' }).tap()
    await page.getByText('Wrong e-mail or password.').waitFor()
    await page.getByLabel('Password', { exact: true }).fill('green-fields')
    await page.getByRole('button', { name: 'Sign in' }).tap()
    await page.getByRole('heading', { name: '3 things need attention' }).waitFor()
  })

  it('signing out leaves nothing of the farm on the phone', async () => {
    const page = await open('/more')
    await page.getByRole('button', { name: 'Sign out' }).tap()
    await page.getByLabel('E-mail').waitFor()
    const cached = await page.evaluate(
      () =>
        new Promise<unknown[]>((resolve) => {
          const opening = indexedDB.open('tilth', 1)
          opening.onsuccess = () => {
            const entries = opening.result.transaction('responses').objectStore('responses').getAll()
            entries.onsuccess = () => resolve((entries.result as { body: unknown }[]).map(({ body }) => body))
          }
        }),
    )
    // the signed-out state may be cached: nobody, and the number that helps with signing in
    const signedOut = JSON.stringify({ me: null, supportPhone: '025-123-4567' })
    expect(cached.filter((body) => JSON.stringify(body) !== signedOut)).toEqual([])
  })

  it("signing in after another person's session shows nothing of theirs", async () => {
    const page = await open('/')
    await page.getByRole('heading', { name: '3 things need attention' }).waitFor()
    dashboard.fixture.trouble(401)
    await page.getByRole('link', { name: 'Pests' }).tap()
    await page.getByLabel('E-mail').waitFor()
    dashboard.fixture.trouble(null)
    // responses must be deleted: the page would show the other person's data
    await page.route('**/api/today', (route) => route.abort())
    await page.getByLabel('E-mail').fill('haruko@example.org')
    await page.getByLabel('Password', { exact: true }).fill('green-fields')
    await page.getByRole('button', { name: 'Sign in' }).tap()
    await page.getByRole('link', { name: 'Today' }).tap()
    await page.waitForURL(/\/$/)
    expect(await page.getByRole('heading', { name: '3 things need attention' }).count()).toBe(0)
  })

  it('the one-time link sets the farm up, and a used one is reported as used', async () => {
    const page = await open('/setup?token=used', { signedIn: false })
    const fillIn = async () => {
      await page.getByLabel('Farm or co-operative').fill('North River')
      await page.getByLabel('Your name').fill('Haruko Sato')
      await page.getByLabel('E-mail').fill('haruko@example.org')
      await page.getByLabel('Password').fill('green-fields')
      await page.getByRole('button', { name: 'Get started' }).tap()
    }
    await fillIn()
    await page.getByText(/This link was used/).waitFor()
    await page.goto(`${dashboard.fixture.url}/setup?token=one-time`)
    await fillIn()
    await page.getByRole('heading', { name: '3 things need attention' }).waitFor()
    expect(dashboard.fixture.received.at(-1)!.body).toMatchObject({ orgId: 'north-river', token: 'one-time' })
  })

  it('the language is changed on the spot and kept', async () => {
    const page = await open('/settings')
    await page.getByRole('button', { name: '日本語' }).tap()
    await page.getByRole('heading', { name: '設定' }).waitFor()
    expect(await page.evaluate(() => document.documentElement.lang)).toBe('ja')
    await page.reload()
    await page.getByRole('heading', { name: '設定' }).waitFor()
  })

  it('an address of no decision and of no page is named as such, with a network', async () => {
    const page = await open('/fields/north-3#why/gone')
    await page.getByRole('dialog').getByText('There is no decision at this address.').waitFor()
    await page.goto(`${dashboard.fixture.url}/nonsense`)
    await page.getByRole('heading', { name: 'There is no page at this address.' }).waitFor()
  })
})
