/** The foot of Today: the weather, spray hours, and a run that stopped early and waits for a decision. */
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import type { Today } from '../../services/api/schemas.ts'
import { hasBrowser, needs } from './browser.ts'
import { useDashboard } from './dashboard.ts'
import type { FixtureOptions } from './fixture-server.ts'

describe.skipIf(!hasBrowser)(`the foot of Today${needs}`, () => {
  const dashboard = useDashboard({ onePhone: true })
  const open = async (options: FixtureOptions, language = 'en'): Promise<Page> => {
    const page = await dashboard.open('/', options, { language })
    await page.locator('ul.fields li').first().waitFor()
    return page
  }

  it('states of the next run whether it needs an approval', async () => {
    const page = await open({})
    const next = page.locator('a.next')
    await next.getByText('12 mm').waitFor()
    expect(await next.textContent()).not.toContain('approval')
    await page.route('**/api/today', async (route) => {
      const response = await route.fetch({ headers: {} })
      const today = (await response.json()) as Today
      const { run, ...field } = today.nextRun!
      await route.fulfill({ json: { ...today, nextRun: { ...field, run: { ...run, state: 'proposed' } } } })
    })
    await page.reload()
    await next.getByText('Needs approval').waitFor()
  })
  it('shows when it rains and how much, when the wind blows, and when spraying is possible', async () => {
    const page = await open({})
    await page.getByText('Rain 18:00–21:00: 2–9 mm (likely)').waitFor()
    await page.getByText('Spray weather: 05:00–08:00, 17:00–19:00 with care').waitFor()
    await page.getByText('Wind up to 5.1 m/s, 21:00–22:00').waitFor()
  })
  it('shows the same in Japanese, in the hours of the farm', async () => {
    const page = await open({}, 'ja')
    await page.getByText('雨 18〜21時：2〜9 mm（見込み）').waitFor()
  })
  it('shows that there is no hourly forecast, which is not the same as a dry day', async () => {
    const page = await open({ sky: 'none', role: 'viewer' })
    await page.getByText('No hourly forecast set up.').waitFor()
    expect(await page.getByText('No rain in the next 24 h').count()).toBe(0)
    // only an administrator is offered the way out of it
    expect(await page.getByRole('link', { name: 'Connect a forecast' }).count()).toBe(0)
  })
  it('leads an administrator from there to the setting that connects a forecast', async () => {
    const page = await open({ sky: 'none', role: 'admin' })
    await page.getByRole('link', { name: 'Connect a forecast' }).tap()
    await page.getByRole('dialog').getByText('FORECAST=open-meteo:https://api.open-meteo.com').waitFor()
  })
  it('draws rain and wind hour by hour on scales with units, and the spray hours as a named track', async () => {
    const page = await open({})
    const sky = page.getByRole('region', { name: 'Weather' }).locator('svg:has(.track)')
    await page.getByText('Spray weather', { exact: true }).waitFor()
    const texts = await sky.evaluate((svg) =>
      [...svg.querySelectorAll('text')].map((text) => text.textContent),
    )
    expect(texts).toEqual(expect.arrayContaining(['Rain, mm', 'Wind, m/s', 'Spray weather']))
    expect(await sky.locator('.good').count()).toBe(2)
    expect(await sky.locator('.good.care').count()).toBe(1)
  })
  it('opens by a tap anywhere on it: the hours one by one, and the days with their evaporation', async () => {
    const page = await open({})
    const card = page.getByRole('region', { name: 'Weather' })
    const line = card.getByText('Wind up to 5.1 m/s')
    await line.evaluate((element) => element.scrollIntoView({ block: 'center' }))
    const { x, y } = (await line.boundingBox())!
    await page.touchscreen.tap(x + 20, y + 5)
    const sheet = page.getByRole('dialog', { name: 'Weather' })
    const rowOf = (name: string) => sheet.getByRole('row', { name: new RegExp(`^${name}`) })
    await rowOf('18:00').waitFor()
    expect(await rowOf('05:00').getByRole('cell').last().innerText()).toBe('yes')
    expect(await rowOf('17:00').getByRole('cell').last().innerText()).toBe('with care')
    expect(await rowOf('12:00').getByRole('cell').last().innerText()).toBe('–')
    expect(await rowOf('Fri 24 Jul').getByRole('cell').allInnerTexts()).toEqual(['23–32', '2.0–9.0', '5.1'])
  })
  it('keeps a run that stopped early until a person dismisses its rest', async () => {
    const page = await open({ flow: true })
    const unfinished = page.getByRole('list', { name: 'Stopped early' })
    await unfinished.getByText('South 1: 6 min of irrigation missed').waitFor()
    // irrigating the rest is a start, and has its own sheet
    await unfinished.getByRole('button', { name: /^Irrigate the rest: 6\smin/ }).tap()
    await page.getByRole('dialog').getByRole('button', { name: 'Irrigate the rest: 6 min' }).waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    await unfinished.getByRole('button', { name: /^Dismiss/ }).tap()
    await unfinished.waitFor({ state: 'detached' })
    expect(dashboard.fixture.received.map(({ route }) => route)).toEqual([
      'POST /api/runs/run-cut/dismiss-remainder',
    ])
  })
  it('does not offer to dismiss it without the permission', async () => {
    const page = await open({ flow: true, role: 'viewer' })
    const leave = page.getByRole('button', { name: /^Dismiss/ })
    await leave.waitFor()
    await leave.press('Enter')
    expect(await leave.getAttribute('aria-disabled')).toBe('true')
    expect(dashboard.fixture.received).toEqual([])
  })
  it('shows that all fields are OK, and the next run', async () => {
    const page = await open({ fields: 'ok' })
    await page.getByRole('heading', { name: 'All 6 fields OK' }).waitFor()
  })
})
