/** From 1024 px on the page is a desk: navigation at the left, two columns, and sheets as a panel at the side. */
import { describe, expect, it } from 'vitest'
import { hasBrowser, needs } from './browser.ts'
import { useDashboard } from './dashboard.ts'
import { cut, findings, wide } from './faults.ts'

describe.skipIf(!hasBrowser)(`the desk${needs}`, () => {
  const dashboard = useDashboard({ options: { running: true }, onePhone: true })
  const screens = [
    '/',
    '/fields',
    '/fields/north-3',
    '/fields/paddy-7',
    '/water',
    '/pests',
    '/reports',
    '/devices',
  ]

  it('is readable at 1024 px, where it begins, and nothing is cut', async () => {
    const page = await dashboard.open('/', {}, { width: 1024, height: 768 })
    for (const path of screens) {
      await page.goto(dashboard.fixture.url + path)
      await page.locator('main .card, main table').first().waitFor()
      expect([path, await wide(page), await cut(page)]).toEqual([path, [], []])
    }
  })

  it('has its navigation at the left, with devices and settings, and STOP at the bottom of the page', async () => {
    const page = await dashboard.open('/fields/north-3', {}, { width: 1280, height: 800 })
    await page.locator('[role=slider]').waitFor()
    const navigation = page.getByRole('navigation')
    expect(await navigation.getByRole('link').allInnerTexts()).toEqual([
      'Today',
      'Fields',
      'Water',
      'Pests',
      'Reports',
      'Devices',
      'Settings',
      'More',
    ])
    expect(await navigation.locator('[aria-current=page]').innerText()).toBe('Fields')
    expect(await navigation.boundingBox()).toMatchObject({ x: 0, y: 0, height: 800 })
    const dock = (await page.locator('.dock').boundingBox())!
    expect([dock.x, dock.y + dock.height]).toEqual([220, 800])
    await navigation.getByRole('link', { name: 'Settings' }).click()
    await page.getByRole('heading', { level: 1, name: 'Settings' }).waitFor()
    expect(await navigation.locator('[aria-current=page]').innerText()).toBe('Settings')
  })

  it('shows the water and a tab of a field side by side, and a sheet at the right', async () => {
    const page = await dashboard.open('/fields/north-3', {}, { width: 1280, height: 800 })
    await page.locator('[role=slider]').waitFor()
    const left = (await page.locator('[role=slider]').boundingBox())!
    await page.getByRole('tab', { name: 'Work' }).click()
    const right = (await page.getByRole('heading', { name: 'Field work' }).boundingBox())!
    expect(right.x).toBeGreaterThan(left.x + left.width)
    expect(right.y).toBeLessThan(left.y)
    expect(await findings(page)).toEqual([])
    await page.setViewportSize({ width: 1280, height: 800 })
    await page.getByRole('button', { name: 'Why?' }).click()
    const sheet = page.getByRole('dialog')
    await sheet.getByRole('heading').first().waitFor()
    await page.evaluate(() => Promise.all(document.getAnimations().map((move) => move.finished)))
    expect(await sheet.boundingBox()).toEqual({ x: 760, y: 0, width: 520, height: 800 })
    await page.keyboard.press('Escape')
    expect(await sheet.count()).toBe(0)
  })
})
