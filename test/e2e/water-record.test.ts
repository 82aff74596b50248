/** The irrigation record on a field's page: confirmed with one tap, voided with a reason, and entered by hand. */
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { HOUR_MS } from '../../broker/contract/time.ts'
import { hasBrowser, needs } from './browser.ts'
import { shellIsKept, useDashboard } from './dashboard.ts'
import { MORNING_MS } from './fixture-day.ts'

describe.skipIf(!hasBrowser)(`the irrigation record${needs}`, () => {
  const dashboard = useDashboard({ onePhone: true })
  const receivedBodies = (route: RegExp) =>
    dashboard.fixture.received
      .filter((item) => route.test(item.route))
      .map(({ body }) => body as Record<string, unknown>)
  const card = (page: Page) => page.locator('#card-water')
  const unfold = (page: Page, name: string) => card(page).locator('summary', { hasText: name }).click()

  it('of several runs is confirmed below the runs themselves, and one of them is voided with a reason', async () => {
    const page = await dashboard.open('/fields/hill-2')
    // the runs are in sight before they can be confirmed
    await card(page).getByText('2 runs to confirm').click()
    await card(page).locator('li').nth(1).waitFor()
    await card(page).getByRole('button', { name: 'Confirm these 2 runs' }).click()
    await card(page).getByText('2 runs to confirm').waitFor({ state: 'detached' })
    expect(receivedBodies(/irrigations\/confirm$/)).toMatchObject([{ fieldId: 'hill-2' }])
    await unfold(page, 'List of runs')
    const run = card(page).getByRole('listitem').filter({ hasText: 'Irrigated 12' })
    await run.getByText('Recorded').waitFor()
    await run.getByRole('button', { name: 'Void entry' }).click()
    await run.getByLabel(/^Reason/).fill('the pump was off')
    await run.getByRole('button', { name: 'Void entry' }).click()
    await run.getByText('Voided: the pump was off').waitFor()
    expect(receivedBodies(/void$/)).toEqual([{ reason: 'the pump was off' }])
    const struck = run.locator('p').first()
    expect(await struck.evaluate((line) => getComputedStyle(line).textDecorationLine)).toBe('line-through')
  })

  it('by hand is stored on a phone without signal, for two fields, and sent once when the network is back (U19)', async () => {
    const page = await dashboard.open('/fields/hill-2', {}, { worksOffline: true })
    await card(page).waitFor()
    await shellIsKept(page)
    await dashboard.phone.context.setOffline(true)
    await unfold(page, 'Irrigation by hand')
    await card(page)
      .getByLabel(/^Add more fields/)
      .fill('1')
    await card(page).getByLabel('Amount').fill('２５')
    await card(page).getByRole('button', { name: 'Save' }).click()
    const queuedEntry = page.getByRole('listitem').filter({ hasText: 'on this phone, not sent yet' })
    await queuedEntry.getByText('Irrigation by hand').waitFor()
    expect(receivedBodies(/irrigations$/)).toEqual([])
    await dashboard.phone.context.setOffline(false)
    await queuedEntry.waitFor({ state: 'detached' })
    expect(receivedBodies(/irrigations$/)).toMatchObject([
      {
        fields: [{ fieldId: 'hill-2' }, { fieldId: 'hill-1' }],
        amount: { value: 25, unit: 'mm' },
        idem: expect.any(String) as string,
      },
    ])
    await unfold(page, 'List of runs')
    await card(page).getByText('Irrigated by hand: 25').waitFor()
  })

  it('starts in the past, has a duration or an amount, or neither; an impossible value is not stored', async () => {
    const page = await dashboard.open('/fields/hill-2')
    await unfold(page, 'Irrigation by hand')
    const [amount, startField] = [card(page).getByLabel('Amount'), card(page).getByLabel('Start time')]
    const save = card(page).getByRole('button', { name: 'Save' })
    await amount.fill('2500')
    await amount.blur()
    await save.click()
    expect(receivedBodies(/irrigations$/)).toEqual([])
    await card(page).getByLabel('Unit').selectOption('min')
    await amount.fill('90')
    await amount.blur()
    await save.click()
    await expect.poll(() => receivedBodies(/irrigations$/).length).toBe(1)
    const [timed] = receivedBodies(/irrigations$/)
    expect(timed).toMatchObject({ amount: { value: 90, unit: 'min' } })
    expect((timed as { atMs: number }).atMs + 1.5 * HOUR_MS).toBeLessThan(MORNING_MS + HOUR_MS)
    await startField.fill('2026-07-21T05:30')
    await save.click()
    await expect.poll(() => receivedBodies(/irrigations$/).length).toBe(2)
    expect(receivedBodies(/irrigations$/)[1]).toMatchObject({
      atMs: Date.parse('2026-07-21T05:30+09:00'),
      amount: null,
    })
    await startField.fill('2027-07-21T05:30')
    await card(page).getByText('This is in the future').waitFor()
    expect(await save.getAttribute('aria-disabled')).toBe('true')
  })
})
