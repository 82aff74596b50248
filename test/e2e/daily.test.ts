/** The jobs F1 to F6 of a farmer with the phone in the field, with the taps counted (F2, STOP, is in stop.test.ts). */
import { describe, expect, it } from 'vitest'
import { hasBrowser, needs, tapCounter } from './browser.ts'
import { useDashboard } from './dashboard.ts'

describe.skipIf(!hasBrowser)(`the farmer's day on the phone${needs}`, () => {
  const dashboard = useDashboard({ onePhone: true })
  const { open } = dashboard

  it('F1: sees without a tap that two fields and one with a silent probe need attention, as one list with one count', async () => {
    const page = await open('/')
    await page.getByRole('heading', { name: '3 things need attention' }).waitFor()
    const rows = await page.getByRole('list', { name: 'Fields' }).getByRole('link').allInnerTexts()
    // the one that is short of water, the one that will be, unknown, soon, wet; the fields that are OK are one line
    expect(rows.map((row) => row.split('\n')[0])).toEqual([
      'Greenhouse 1 Abe',
      'North 3 Sato',
      'River bend Mori',
      'Hill 2 Mori',
      'Shrine east Ito',
      'Paddy 7 Ito',
    ])
    await page.getByRole('button', { name: '6 fields OK' }).waitFor()
    await page.getByText('The most urgent first').waitFor()
    expect(rows[0]).toMatch(/6\smm short/)
    expect(rows[1]).toMatch(/2 of 45\smm left\s·\sby 14:00/)
  })

  it('F1: the heading counts the rows above what is only to be watched, which has a heading and a count of its own', async () => {
    const page = await open('/', { sprayDue: true, fault: true })
    const list = page.getByRole('list', { name: 'Fields' })
    await list.getByRole('button', { name: /fields OK/ }).waitFor()
    const rows = await list.evaluate((element) => [...element.children].map((row) => row.className))
    const heading = await page.getByRole('heading', { name: /things need attention/ }).innerText()
    const watched = await list.getByRole('heading', { name: /^To watch/ }).innerText()
    const isPart = (name: string): boolean => name.split(' ').includes('part')
    const start = rows.findIndex(isPart)
    expect([heading, watched]).toEqual([
      `${start} things need attention`,
      `To watch (${rows.length - start - 2})`, // without the heading itself and the line of those that are OK
    ])
  })

  it('F1: a field with enough water and a spray due is counted, marked, and shows both', async () => {
    const page = await open('/', { sprayDue: true })
    await page.getByRole('heading', { name: '4 things need attention' }).waitFor()
    const row = page.getByRole('list', { name: 'Fields' }).getByRole('link', { name: /South 1/ })
    expect(await row.innerText()).toMatch(
      /Water OK\s+31 of 45\smm left\s+Corn earworm: spray until Mon\s27\sJul/,
    )
    expect(await row.locator('svg.mark').getAttribute('class')).toContain('status-act')
    await page.getByRole('button', { name: '5 fields OK' }).waitFor()
    await row.tap()
    await page.getByRole('link', { name: /Corn earworm: spray until/ }).waitFor()
  })

  it('F1: each field names its member, where the list has fields of several', async () => {
    const page = await open('/', { fault: true })
    const list = page.getByRole('list', { name: 'Fields' })
    await list.getByRole('link', { name: /^North 3/ }).waitFor()
    expect(await list.getByRole('link', { name: /^North 3/ }).innerText()).toMatch(
      /^North 3 (Sato|Mori|Ito|Abe)\s/,
    )
    const ownPage = await open('/', { fault: true, oneMember: true })
    const ownList = ownPage.getByRole('list', { name: 'Fields' })
    await ownList.getByRole('link', { name: /^North 3/ }).waitFor()
    expect(await ownList.innerText()).not.toMatch(/Sato|Mori|Ito|Abe/)
  })

  it('F1: the target band of a paddy is green only while its verdict is OK, and its level has the colour of the verdict', async () => {
    const page = await open('/')
    const gauge = page.getByRole('link', { name: /^Paddy 7/ }).locator('.line svg')
    await gauge.locator('.level-mark.wet').waitFor()
    const colour = () => gauge.locator('.level-band').evaluate((band) => getComputedStyle(band).fill)
    const wet = await colour()
    dashboard.fixture.turn('paddy-7', 'ok')
    await gauge.locator('.level-mark.ok').waitFor()
    expect(await colour()).not.toBe(wet)
    dashboard.fixture.turn('paddy-7', 'act')
    await gauge.locator('.level-mark.act').waitFor()
    expect(await colour()).toBe(wet)
  })

  it('F1: an unknown field is shown as unknown, with its last value and time (U16)', async () => {
    const page = await open('/')
    const row = page.getByRole('list', { name: 'Fields' }).getByRole('link', { name: /River bend/ })
    expect(await row.innerText()).toMatch(/Unknown[\s\S]*estimated 20\smm[\s\S]*measured 2 days ago/)
  })

  it('C1: a controller with a fault is one row above the fields, with the affected fields and the remedy (U5)', async () => {
    const page = await open('/', { fault: true })
    const row = page.getByRole('list', { name: 'Fields' }).getByRole('listitem').first()
    expect((await row.innerText()).split('\n')).toEqual([
      'Valve controller: too much flow (since Mon 18 May, 06:40)',
      'Paddy 7, Hill 2, North 3',
      'All valves here are locked. Fix the cause, then clear the fault here or at the controller.',
      'Fixed: clear alert',
    ])
  })

  it.each(['/', '/fields', '/fields/north-3', '/water', '/pests', '/devices', '/more'])(
    'F2: stops a running valve with one tap and no confirmation, from %s',
    async (path) => {
      const page = await open(path, { running: true })
      const { tap, count } = tapCounter()
      await tap(page.getByRole('button', { name: 'Stop Paddy 7, Inlet' }))
      await page.getByText(/^Stopped/).waitFor()
      expect(count()).toBe(1)
      expect(dashboard.fixture.received.map(({ route }) => route)).toEqual(['POST /api/stop'])
    },
  )

  it('F4: sees why with one tap on the field, in at most six lines and no formula (U6)', async () => {
    const page = await open('/fields/north-3')
    const { tap, count } = tapCounter()
    await tap(page.getByRole('button', { name: 'Why?' }))
    const dialog = page.getByRole('dialog', { name: 'North 3: why?' })
    await dialog.getByText('18\u00a0mm, of which 85 % reaches the roots').waitFor()
    await dialog
      .getByText('not more than 2\u00a0h 10\u00a0min: the longest run that this valve may have')
      .waitFor()
    await dialog.getByText('After this run').waitFor()
    await dialog.getByText(/^This fills the soil from [34.5]+\smm short to 12 of 45\smm\.$/).waitFor()
    expect(count()).toBe(1)
    const amounts = await dialog.locator('dl dd').allInnerTexts()
    // left, crop, the rain that is counted, the run, and their sum
    expect(amounts).toEqual(['2.1', '−5.6', '0', '+15.3', '11.8'].map((mm) => `${mm}\u00a0mm`))
    await dialog.getByText('likely 0–1 mm').waitFor()
    await dialog.getByText('5 mm of rain or more by').waitFor()
    // the calculation is a tap further
    await dialog.getByText('Details').tap()
    await dialog.getByText('Run: 2 h 10 min at 8.3 mm per hour').waitFor()
  })

  it('F4: an earlier decision names its time, and leads to what is decided now (U6)', async () => {
    const page = await open('/fields/north-3#why/why-north-3-1')
    const dialog = page.getByRole('dialog', { name: 'North 3: why?' })
    await dialog.getByText(/^Needs approval: decided .*05:20$/).waitFor()
    await dialog.getByRole('button', { name: 'Now: Needs approval' }).tap()
    await dialog.getByText('Needs approval', { exact: true }).waitFor()
    expect(await dialog.getByRole('button', { name: /^Now:/ }).count()).toBe(0)
  })

  it('F5: starts a valve in three taps from Today, always with an end, and sees it confirmed', async () => {
    const page = await open('/')
    const { tap, count } = tapCounter()
    await tap(page.getByRole('link', { name: /North 3/ }))
    await tap(page.getByRole('button', { name: 'Start…' }))
    await tap(page.getByRole('button', { name: 'Open for 2 h 10 min' }))
    await page.getByText(/Open, confirmed \d\d:\d\d, 31\sL\/min/).waitFor()
    expect(count()).toBe(3)
    const starts = dashboard.fixture.received.filter(({ route }) => route === 'POST /api/start')
    expect(starts.map(({ body }) => body)).toEqual([
      { idem: expect.any(String), zoneId: 'zone-north-3', pressedAtMs: expect.any(Number), minutes: 130 },
    ])
  })

  it('F5: a command without a response is sent again as the same command', async () => {
    const page = await open('/fields/north-3#start/north-3')
    await page.getByRole('heading', { name: 'Open North 3, Zone 1' }).waitFor()
    let isFirst = true
    await page.route('**/api/start', async (route) => {
      if (!isFirst) return route.continue()
      isFirst = false
      // the request arrives and its response is lost
      await route.fetch()
      await route.abort('connectionreset')
    })
    await page.getByRole('button', { name: /^Open for/ }).tap()
    await page.getByText('No response. It is unknown whether the command arrived.').waitFor()
    await page.getByRole('button', { name: 'Try again' }).tap()
    await page.getByText(/Open, confirmed/).waitFor()
    const keys = dashboard.fixture.received
      .filter(({ route }) => route === 'POST /api/start')
      .map(({ body }) => (body as { idem: string }).idem)
    expect(keys).toHaveLength(2)
    expect(keys[0]).toBe(keys[1])
  })

  it('F5: a controller that never responds is shown as not confirmed after 90 s (U13)', async () => {
    const page = await open('/fields/north-3#start/north-3', { controller: 'silent' })
    await page.getByRole('button', { name: /^Open for/ }).waitFor()
    await page.clock.install()
    await page.getByRole('button', { name: /^Open for/ }).tap()
    await page.getByText('Sent, waiting for the valve').first().waitFor()
    for (let second = 0; second < 95; second += 5) await page.clock.runFor(5_000)
    await page.getByText('Not confirmed after 90 s: go and look').first().waitFor()
    await page.getByRole('dialog').getByRole('link', { name: 'Map' }).first().tap()
    await page.waitForURL('**/fields?map=*')
  })

  it('F6: pauses everything for 24 h in two taps on Water, and gives one zone 10 % less (U7)', async () => {
    const page = await open('/water')
    const { tap, count } = tapCounter()
    await tap(page.getByRole('button', { name: 'Pause all irrigation' }))
    await tap(page.getByRole('button', { name: '24 h' }))
    await page.getByText('12 zones paused.').waitFor()
    expect(count()).toBe(2)

    await page.goto(`${dashboard.fixture.url}/fields/north-3#zone/north-3/zone-north-3`)
    await page.getByRole('button', { name: '−10 %' }).tap()
    await page.getByRole('button', { name: '−10 %', pressed: true }).waitFor()
    expect(dashboard.fixture.received.at(-1)).toEqual({
      route: 'PATCH /api/zones/zone-north-3',
      body: { adjustPercent: -10 },
    })
  })

  it('F4: marks a decision as too dry, also without signal, and is offered more water', async () => {
    const page = await open('/fields/north-3#why/why-north-3', {}, { worksOffline: true })
    const dialog = page.getByRole('dialog', { name: 'North 3: why?' })
    await dialog.getByRole('button', { name: 'Too dry' }).waitFor()
    await page.context().setOffline(true)
    await dialog.getByRole('button', { name: 'Too dry' }).tap()
    await dialog.getByText('Saved as a note on this field.').waitFor()
    expect(dashboard.fixture.received).toEqual([])
    await page.context().setOffline(false)
    await expect
      .poll(
        () =>
          dashboard.fixture.received.find(({ route }) => route === 'POST /api/fields/north-3/notes')?.body,
      )
      .toMatchObject({ text: expect.stringMatching(/: Too dry$/) as string })
    await dialog.getByRole('button', { name: 'More or less water: Zone 1' }).tap()
    await page.getByRole('dialog').getByRole('button', { name: '+10 %' }).tap()
    await expect
      .poll(() => dashboard.fixture.received.at(-1))
      .toEqual({
        route: 'PATCH /api/zones/zone-north-3',
        body: { adjustPercent: 10 },
      })
  })

  it('F6: pauses everything until a day', async () => {
    const page = await open('/water#pause')
    const dialog = page.getByRole('dialog', { name: 'Pause all irrigation' })
    await dialog.getByLabel('Resume on').fill('2026-07-23') // already over
    expect(await dialog.getByRole('button', { name: 'Pause', exact: true }).count()).toBe(0)
    await dialog.getByLabel('Resume on').fill('2026-07-30')
    await dialog.getByRole('button', { name: 'Pause', exact: true }).tap()
    await dialog.getByText('12 zones paused.').waitFor()
    const untilMs = Date.parse('2026-07-30T00:00+09:00') // midnight on the farm, independent of the phone's zone
    expect(dashboard.fixture.received.at(-1)!.body).toEqual({ pause: { untilMs } })
  })

  it('approves the plan of the day with one tap', async () => {
    const page = await open('/water')
    await page.getByRole('button', { name: 'Approve all 2 runs' }).tap()
    await page.getByRole('button', { name: /Approve/ }).waitFor({ state: 'detached' })
    expect(dashboard.fixture.received.map(({ route }) => route)).toEqual([
      'POST /api/runs/run-2/approve',
      'POST /api/runs/run-4/approve',
    ])
  })

  it('sees what waits first, and eleven failures of one cause as one line that leads to the device', async () => {
    const page = await open('/water', { stuck: true })
    await page.getByRole('heading', { name: 'Did not work' }).waitFor()
    const [first, second] = await page.locator('main h2').allInnerTexts()
    expect([first, second]).toEqual(['Waiting for you (2)', 'Did not work'])
    const stuck = page.getByRole('list', { name: 'Did not work' })
    await stuck
      .getByText('11 attempts, the controller is not connected (since Wed 22 Jul, 05:30)', { exact: true })
      .waitFor()
    expect(await stuck.getByRole('button').count()).toBe(0)
    await stuck.getByText('Show all 11').tap()
    await expect.poll(() => stuck.getByRole('button', { name: /River bend/ }).count()).toBe(11)
    await stuck.getByRole('link', { name: 'Fix: River bend' }).tap()
    await page.getByRole('dialog', { name: 'River probe' }).waitFor()
  })

  it('skips a run, and sees that a person skipped it (U9)', async () => {
    const page = await open('/water')
    await page.getByRole('button', { name: /Hill 2/ }).tap()
    await page.getByRole('button', { name: 'Skip this run' }).tap()
    await page.getByText('skipped by a person').waitFor()
  })

  it('the list does not move when states change, and sorts on request (U4)', async () => {
    const page = await open('/')
    const names = async () =>
      (await page.getByRole('list', { name: 'Fields' }).getByRole('link').allInnerTexts()).map(
        (row) => row.split('\n')[0],
      )
    await page.getByRole('link', { name: /^Hill 2/ }).waitFor()
    const namesBefore = await names()
    dashboard.fixture.turn('paddy-7', 'act')
    await page.getByRole('heading', { name: '4 things need attention' }).waitFor()
    expect(await names()).toEqual(namesBefore)
    await page.getByRole('button', { name: /changed: sort again/ }).tap()
    await page.getByRole('button', { name: /changed: sort again/ }).waitFor({ state: 'detached' })
    expect((await names()).indexOf('Paddy 7')).toBeLessThan(3)
  })

  it('shows times of the farm, not of the phone (which is set to Berlin here)', async () => {
    const page = await open('/')
    await page.getByText('Fri 24 Jul, 05:3').waitFor()
  })

  it('a device is added, and its credentials are shown once', async () => {
    const page = await open('/devices')
    await page.getByRole('button', { name: 'Add a device' }).tap()
    await page.getByRole('link', { name: 'A device made for Tilth' }).tap()
    await page.getByLabel('Name').fill('South probe')
    await page.getByRole('button', { name: 'Create credentials' }).tap()
    await page.getByText('k7Qm2v9XbT4sLw8d').waitFor()
    expect(dashboard.fixture.received.at(-1)!.body).toMatchObject({ id: 'probe-south-probe', kind: 'probe' })
    await page.getByRole('button', { name: 'I have copied them' }).tap()
    await page.getByText('South probe').waitFor()
    await page.getByText('k7Qm2v9XbT4sLw8d').waitFor({ state: 'detached' })
  })

  it('the back button of the phone closes a sheet, and then leaves the field', async () => {
    const page = await open('/')
    await page.getByRole('link', { name: /North 3/ }).tap()
    await page.getByRole('button', { name: 'Why?' }).tap()
    await page.getByRole('dialog').waitFor()
    await page.goBack()
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    await page.goBack()
    await page.getByRole('heading', { name: /things need attention/ }).waitFor()
  })

  it('a chart responds to a tap and to the arrow keys, with the reading above it (U3)', async () => {
    const page = await open('/fields/north-3')
    const chart = page.getByRole('slider', { name: /^Water left/ })
    await chart.waitFor()
    const now = await chart.getAttribute('aria-valuetext')
    await chart.focus()
    await page.keyboard.press('ArrowLeft')
    expect(await chart.getAttribute('aria-valuetext')).not.toBe(now)
    const box = (await chart.boundingBox())!
    await page.touchscreen.tap(box.x + 60, box.y + 100)
    expect(await chart.getAttribute('aria-valuetext')).toMatch(/mm.*left/)
    await page.getByText('Show as table').tap()
    await page.getByRole('columnheader', { name: 'Left, mm' }).waitFor()
  })

  it('a viewer sees why the buttons are off (U26)', async () => {
    const page = await open('/fields/north-3', { role: 'viewer' })
    await page.getByText('Start is unavailable: your role does not include it.').waitFor()
    // a button that is off with a reason can be focused and tapped, without effect
    await page.getByRole('button', { name: 'Start…' }).tap({ force: true })
    expect(await page.getByRole('dialog').count()).toBe(0)
  })
})
