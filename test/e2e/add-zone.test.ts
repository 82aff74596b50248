/** A valve is added to a field by whoever sets up the farm: usual figures stand there, and it asks before it waters. */
import { describe, expect, it } from 'vitest'
import { hasBrowser, needs } from './browser.ts'
import { useDashboard } from './dashboard.ts'

describe.skipIf(!hasBrowser)(`adding a valve${needs}`, () => {
  const dashboard = useDashboard()

  it('sends what was chosen, with the usual figures of the way it waters', async () => {
    const page = await dashboard.open('/fields/north-3', { role: 'admin' })
    await page.getByRole('link', { name: 'Add a valve' }).tap()
    await page.getByLabel('Name').fill('North, upper half')
    await page.getByRole('button', { name: 'Drip' }).tap()
    expect(await page.getByLabel('Millimetres an hour').inputValue()).toBe('3')
    await page.getByLabel('Millimetres an hour').fill('４.５')
    await page.getByLabel('Controller').selectOption('controller-1')
    await page.getByLabel('Its valve, as the controller calls it').fill('V2')
    const sent = page.waitForRequest((request) => request.url().endsWith('/api/zones'))
    await page.getByRole('dialog').getByRole('button', { name: 'Add a valve' }).tap()
    expect((await sent).postDataJSON()).toMatchObject({
      ...{ fieldId: 'north-3', name: 'North, upper half', method: 'drip', applicationRateMmH: 4.5 },
      ...{ efficiency: 0.9, wettedFraction: 0.35, controllerId: 'controller-1', valve: 'V2' },
    })
    await page.getByRole('dialog').waitFor({ state: 'detached' })
  })

  it('is not offered to who may not set up the farm', async () => {
    const page = await dashboard.open('/fields/north-3', { role: 'operator' })
    await page.locator('[role=slider]').first().waitFor()
    expect(await page.getByRole('link', { name: 'Add a valve' }).count()).toBe(0)
  })
})
