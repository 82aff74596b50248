/** The audit record: its pages, its filters, an incident and its remedy, and a phone without a connection. */
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { hasBrowser, needs } from './browser.ts'
import { useDashboard } from './dashboard.ts'
import type { FixtureOptions } from './fixture-server.ts'

describe.skipIf(!hasBrowser)(`the audit record${needs}`, () => {
  const dashboard = useDashboard({ onePhone: true })
  const open = (options: FixtureOptions = {}, language = 'en') =>
    dashboard.open('/more', options, { language, worksOffline: true })
  const lines = (page: Page) => page.locator('main .rows > li')

  it('is reached under More, states that it is complete, and shows 50 entries and then the rest', async () => {
    const page = await open()
    await page.getByText('Audit record').click()
    await page.getByText(/The record is complete: 70 entries, checked/).waitFor()
    await expect.poll(() => lines(page).count()).toBe(50)
    await page.getByRole('button', { name: 'Older entries' }).click()
    await expect.poll(() => lines(page).count()).toBe(70)
    expect(await page.getByRole('button', { name: 'Older entries' }).count()).toBe(0)
  })

  it('shows an incident as text, with its remedy; and a command with the previous state', async () => {
    const page = await open()
    await page.getByText('Audit record').click()
    const incident = lines(page).first()
    await incident.getByText('A valve was open when it should have been closed (rule I4)').waitFor()
    expect(await incident.innerText()).toContain('Controller 1 V1')
    expect(await incident.innerText()).toContain('What to do: Look at the valve and close it by hand')
    const order = await lines(page).nth(1).innerText()
    expect(order).toContain('Valve command: time was up')
    expect(order).toContain('before: Open, confirmed by the valve')
    expect(order).toContain('the plan')
    expect(await lines(page).nth(2).innerText()).toContain('Zone: changed')
    // the source address of a sign-in is not a state
    expect(await lines(page).nth(4).innerText()).not.toContain('before')
  })

  it('is filtered by kind, person and day, and the file has the same filter', async () => {
    const page = await open()
    await page.getByText('Audit record').click()
    await page.getByRole('button', { name: 'Incidents' }).click()
    await expect.poll(() => lines(page).count()).toBe(2)
    await page.getByRole('button', { name: 'All', exact: true }).click()
    await page.getByText('Filter by person, device or day').click()
    await page.getByLabel('Person').selectOption('Kenji Mori')
    await page.getByText('No matching entries.').waitFor()
    await page.getByLabel('Person').selectOption('Haruko Sato')
    await page.getByLabel('Day').fill('2026-07-23')
    await expect.poll(() => lines(page).count()).toBe(24)
    const file = await page.getByRole('link', { name: 'Download as CSV' }).getAttribute('href')
    expect(file).toMatch(/^\/api\/audit\.csv\?actor=user-1&fromMs=\d+&toMs=\d+$/)
  })

  it('names the entry that fails the integrity check when the chain is broken', async () => {
    const page = await open({ brokenAudit: true })
    await page.goto(`${dashboard.fixture.url}/audit`)
    await page.getByText(/^Entry 42 failed the integrity check/).waitFor()
  })

  it('without a connection shows the cached entries, and offers no more', async () => {
    const page = await open()
    await page.getByText('Audit record').click()
    await expect.poll(() => lines(page).count()).toBe(50)
    dashboard.fixture.trouble(503)
    await dashboard.phone.context.setOffline(true)
    await page.getByText('This phone has no connection.').waitFor()
    expect(await lines(page).count()).toBe(50)
    expect(await page.getByRole('button', { name: 'Older entries' }).count()).toBe(0)
  })

  it('is not offered to a person who may not read it', async () => {
    const page = await open({ role: 'operator' })
    await page.getByText('Sign out').waitFor()
    expect(await page.getByText('Audit record').count()).toBe(0)
  })

  it('is in Japanese', async () => {
    const page = await open({}, 'ja')
    await page.getByText('監査記録').click()
    await page.getByText(/記録はすべてそろっています：70件/).waitFor()
    await page.getByText('閉じているはずのバルブが開いていました（規則I4）').waitFor()
  })
})
