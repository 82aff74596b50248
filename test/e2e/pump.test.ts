/** A person with the permission enters pumps and main valves: added, given their limits and valves, and removed. */
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { hasBrowser, needs } from './browser.ts'
import { useDashboard } from './dashboard.ts'

/** Collects the requests that change data, in order. */
function changesOf(page: Page): [what: string, body: unknown][] {
  const changes: [string, unknown][] = []
  page.on('request', (request) => {
    const path = new URL(request.url()).pathname
    if (request.method() !== 'GET' && /^\/api\/(pumps|zones)/.test(path))
      changes.push([`${request.method()} ${path}`, request.postDataJSON()])
  })
  return changes
}

describe.skipIf(!hasBrowser)(`pumps and main valves${needs}`, () => {
  const dashboard = useDashboard({ onePhone: true })

  it('one is added with its limits, its supply, and the valves that it feeds', async () => {
    const page = await dashboard.open('/water', { role: 'agronomist' })
    const changes = changesOf(page)
    await page.getByRole('link', { name: 'Add a pump or main valve' }).tap()
    const sheet = page.getByRole('dialog')
    const save = sheet.getByRole('button', { name: 'Save' })
    expect(await save.getAttribute('aria-disabled')).toBe('true')
    await sheet.getByLabel('Name').fill('Well')
    await sheet.getByLabel('Capacity, L/min').fill('４５０')
    await sheet.getByLabel('Valves open at once').fill('3')
    await sheet.getByLabel('Fed by').selectOption('main-1')
    await sheet.getByRole('checkbox', { name: 'Paddy 7' }).tap()
    await save.tap()
    await sheet.waitFor({ state: 'detached' })
    const limits = { name: 'Well', capacityLpm: 450, maxOpenValves: 3, dailyM3: null, feedsFromId: 'main-1' }
    expect(changes).toEqual([
      ['POST /api/pumps', { farmId: 'farm-sato', ...limits }],
      ['PATCH /api/zones/zone-paddy-7', { pumpId: 'pump-new' }],
    ])
  })

  it('one is renamed, and a valve is removed from it; its hours stay unchanged', async () => {
    const page = await dashboard.open('/water#pump/pump-1')
    const changes = changesOf(page)
    await page.getByText(/Feeds .*North 3/).waitFor()
    await page.getByRole('button', { name: 'Limits and connections' }).tap()
    const sheet = page.getByRole('dialog')
    await sheet.getByLabel('Name').fill('Pump by the shrine')
    await sheet.getByLabel('Daily limit, m³').fill('')
    await sheet.getByRole('checkbox', { name: 'North 3' }).tap()
    await sheet.getByRole('button', { name: 'Save' }).tap()
    await sheet.waitFor({ state: 'detached' })
    const limits = { capacityLpm: 900, maxOpenValves: 2, dailyM3: null, feedsFromId: 'main-1' }
    expect(changes).toEqual([
      ['PATCH /api/pumps/pump-1', { name: 'Pump by the shrine', ...limits }],
      ['PATCH /api/zones/zone-north-3', { pumpId: null }],
    ])
  })

  it('keeps the hours that were entered, without a price too, and shows none that nobody has set', async () => {
    const page = await dashboard.open('/water#pump/pump-2', { role: 'admin' })
    const changes = changesOf(page)
    const sheet = page.getByRole('dialog')
    const runs = sheet.getByRole('group', { name: 'Runs only' })
    const save = sheet.getByRole('button', { name: 'Save hours' })
    expect(await runs.getByLabel('From').inputValue()).toBe('')
    await runs.getByLabel('From').fill('22:00')
    await save.tap()
    await sheet.getByText('Enter both times, or none.').waitFor()
    await runs.getByLabel('Until').fill('05:00')
    const priced = sheet.getByRole('group', { name: 'Hours of this price' })
    await priced.getByLabel('From').fill('09:00')
    await priced.getByLabel('Until').fill('17:00')
    await save.tap()
    await sheet.getByText('Enter the price for these hours, or leave them empty.').waitFor()
    expect(changes).toEqual([])
    await priced.getByLabel('From').fill('')
    await priced.getByLabel('Until').fill('')
    await save.tap()
    await sheet.getByText('Saved.').waitFor()
    expect(changes).toEqual([
      ['PATCH /api/pumps/pump-2', { schedule: { windows: [{ fromMin: 1320, toMin: 300 }] } }],
    ])
  })

  it('one that feeds nothing is removed after a confirmation; one that feeds something is not', async () => {
    const page = await dashboard.open('/water#pump/pump-2')
    const changes = changesOf(page)
    await page.getByRole('button', { name: 'Remove this pump' }).tap()
    expect(changes).toEqual([])
    await page.getByRole('button', { name: 'Yes, remove' }).tap()
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    expect(changes.map(([route]) => route)).toEqual(['DELETE /api/pumps/pump-2'])
    await page.goto(`${dashboard.fixture.url}/water#pump/main-1`)
    await page.getByText('Feeds Pump 1.').waitFor()
    expect(await page.getByRole('button', { name: 'Remove this pump' }).count()).toBe(0)
  })

  it('is not offered to a person who may not set up the farm', async () => {
    const page = await dashboard.open('/water', { role: 'operator' })
    await page.locator('main section li').first().waitFor()
    expect(await page.getByRole('link', { name: 'Add a pump or main valve' }).count()).toBe(0)
  })

  it('a pump shows its water use, and has no switch (U30)', async () => {
    const page = await dashboard.open('/water#pump/pump-1')
    await page.getByText('Runs of unknown amount, counted at the maximum: 1').waitFor()
    const sheet = page.getByRole('dialog')
    await sheet
      .getByText(/L\/min/)
      .first()
      .waitFor()
    await sheet.getByText('12 JPY per m³').waitFor()
    const buttons = await sheet.getByRole('button').allInnerTexts()
    expect(buttons.join(' ')).not.toMatch(/open|start|stop|on\b|off\b/i)
    expect(await sheet.getByRole('switch').or(sheet.getByRole('checkbox')).count()).toBe(0)
  })
})
