/** Flow alarms on a phone: the alarm states its cause, the action taken and the remedy; the rest of a run is one tap. */
import { describe, expect, it } from 'vitest'
import { hasBrowser, needs } from './browser.ts'
import { useDashboard } from './dashboard.ts'
import type { FixtureOptions } from './fixture-server.ts'

describe.skipIf(!hasBrowser)(`the flow on a phone${needs}`, () => {
  const dashboard = useDashboard({ options: { flow: true }, onePhone: true })
  const open = (path: string, options: FixtureOptions = {}, language = 'en') =>
    dashboard.open(path, options, { language })
  const posts = () => dashboard.fixture.received.filter(({ route }) => route.startsWith('POST'))

  it('an alarm shows the event, the action taken and the remedy, and an operator clears it', async () => {
    const page = await open('/', { role: 'operator' })
    await page.getByText(/^Valve controller V2: too much flow \(since/).waitFor()
    await page.getByText('Metered 131.4 L/min, usually 66.7.').waitFor()
    await page.getByText('The valve was closed and locked.').waitFor()
    await page.getByText('No valve opens here until you clear the alert.').waitFor()
    await page.getByRole('button', { name: 'Fixed: clear alert' }).tap()
    // it asks first: the valves behind it open again
    await page.getByText('Is the fault fixed?').waitFor()
    await page.getByRole('button', { name: 'Yes, unlock' }).tap()
    await page.getByText(/too much flow/).waitFor({ state: 'detached' })
    expect(posts().map(({ route }) => route)).toEqual(['POST /api/zones/zone-hill-2/unlock'])
  })

  it('somebody who may not open a valve may not clear it, and reads the same', async () => {
    const page = await open('/', { role: 'viewer' })
    await page.getByText(/^Valve controller V2: too much flow \(since/).waitFor()
    expect(await page.getByRole('button', { name: 'Fixed: clear alert' }).count()).toBe(0)
  })

  it('a run that was cut short shows what ran, what flowed and why it ended; its rest is one tap', async () => {
    const page = await open('/water', { role: 'operator' })
    await page.getByText('6 min of irrigation missed').tap()
    const sheet = page.getByRole('dialog')
    await sheet.getByText('Ran 3 min of 10 min').waitFor()
    await sheet.getByText(/^Metered\s*0\.23\sm³$/).waitFor()
    await sheet.getByText('failed: the connection was lost, so the valve closed itself').waitFor()
    await sheet.getByRole('button', { name: 'Irrigate the rest: 6 min' }).tap()
    await sheet.waitFor({ state: 'detached' })
    expect(posts()).toMatchObject([
      { route: 'POST /api/start', body: { zoneId: 'zone-south-1', minutes: 6 } },
    ])
  })

  it('all of it in Japanese', async () => {
    const page = await open('/', {}, 'ja')
    await page.getByText('実測 毎分131.4 L、通常 66.7 L。').waitFor()
    await page.getByText('バルブを閉じ、開かないようにしました。').waitFor()
    await page.getByRole('button', { name: '修理済み：警報を解除' }).waitFor()
    await page.goto(`${dashboard.fixture.url}/water`)
    await page.getByText('残り 6分').tap()
    await page.getByRole('button', { name: '残りをかん水：6分' }).waitFor()
  })
})
