/** While data is on its way: rows that hold its place, and a word when a setting is saved. */
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { hasBrowser, needs } from './browser.ts'
import { useDashboard } from './dashboard.ts'

describe.skipIf(!hasBrowser)(`waiting${needs}`, () => {
  const dashboard = useDashboard({ onePhone: true })

  it.each([
    { path: '/', api: '**/api/today', name: 'today' },
    { path: '/fields', api: '**/api/today', name: 'fields' },
    { path: '/fields/north-3', api: /\/api\/(today|fields\/)/, name: 'field' },
    { path: '/water', api: '**/api/plan*', name: 'water' },
    { path: '/pests', api: '**/api/pests', name: 'pests' },
  ])(
    '$name shows rows in the place of what is not there yet, and no white page',
    async ({ path, api, name }) => {
      // a page that requests nothing of the farm
      const page = await dashboard.open('/verify')
      await page.getByRole('heading', { level: 1 }).waitFor()
      let release: () => void = () => {}
      const released = new Promise<void>((resolve) => (release = resolve))
      await page.route(api, async (route) => {
        await released
        await route.continue()
      })
      await page.goto(dashboard.fixture.url + path)
      const rows = page.locator(`[data-skeleton=${name}]`)
      await rows.waitFor()
      expect(await rows.locator('.row').count()).toBeGreaterThan(2)
      expect(await rows.getAttribute('aria-busy')).toBe('true')
      release()
      await rows.waitFor({ state: 'detached' })
    },
  )

  it('holds as many rows as there were last time', async () => {
    const fields = await dashboard.open('/fields')
    const rowsOf = (page: Page) =>
      page.evaluate(
        () => (JSON.parse(localStorage.getItem('tilth-rows') ?? '{}') as { fields?: number }).fields,
      )
    await expect.poll(() => rowsOf(fields)).toBe(12)
    const page = await dashboard.open('/verify')
    await page.getByRole('heading', { level: 1 }).waitFor()
    await page.evaluate(() => localStorage.setItem('tilth-rows', '{"fields":7}'))
    let release: () => void = () => {}
    const released = new Promise<void>((resolve) => (release = resolve))
    await page.route('**/api/today', async (route) => {
      await released
      await route.continue()
    })
    await page.goto(`${dashboard.fixture.url}/fields`)
    await expect.poll(() => page.locator('[data-skeleton=fields] .row').count()).toBe(7)
    release()
    await expect.poll(() => page.locator('main ul.card li').count()).toBe(12)
  })

  it('a form without a change shows that there is nothing to save, and sends nothing', async () => {
    const page = await dashboard.open('/devices#device/controller-1', { networks: true })
    await page.getByText('Meter and second valve').first().tap()
    await page.locator('details form .button.wide').first().tap()
    await page.getByText('Nothing to save', { exact: true }).waitFor()
    expect(dashboard.fixture.received.filter(({ route }) => route.startsWith('PATCH'))).toEqual([])
  })

  it('a changed setting says that it is saved, and the word goes away', async () => {
    const page = await dashboard.open('/fields/north-3#zone/north-3/zone-north-3')
    await page.getByRole('button', { name: '−10 %' }).tap()
    await page.getByText('Saved', { exact: true }).waitFor()
    await page.getByText('Saved', { exact: true }).waitFor({ state: 'detached' })
  })
})
