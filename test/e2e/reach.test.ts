/** Use without a finger, or with low vision: the keyboard alone, 200 % zoom, a phone in landscape. */
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { hasBrowser, needs, type PhoneOptions } from './browser.ts'
import { useDashboard } from './dashboard.ts'
import type { FixtureOptions } from './fixture-server.ts'

describe.skipIf(!hasBrowser)(`within reach of everyone${needs}`, () => {
  const dashboard = useDashboard({ onePhone: true })
  async function open(path: string, options: FixtureOptions, size: PhoneOptions = {}): Promise<Page> {
    const page = await dashboard.open(path, options, size)
    await page.locator('#main h1').first().waitFor()
    return page
  }
  /** Presses Tab until the focused element has this name; returns the names on the way. */
  async function tabTo(page: Page, name: RegExp): Promise<string[]> {
    const names: string[] = []
    for (let steps = 0; steps < 60; steps++) {
      await page.keyboard.press('Tab')
      const text = await page.evaluate(() => {
        const { activeElement } = document
        return activeElement?.getAttribute('aria-label') ?? activeElement?.textContent?.trim() ?? ''
      })
      names.push(text.replace(/\s+/g, ' '))
      if (name.test(names.at(-1)!)) return names
    }
    throw new Error(`Tab never reached ${name}: ${names.join(' | ')}`)
  }

  it('the keyboard alone goes from Today to a field, its reasons, and an open valve that it stops again', async () => {
    const page = await open('/', {})
    const first = await tabTo(page, /./)
    expect(first).toEqual(['Skip to content'])
    await page.keyboard.press('Enter')
    await tabTo(page, /^North 3/)
    await page.keyboard.press('Enter')
    await page.getByRole('slider').waitFor()

    await tabTo(page, /^Why\?/)
    await page.keyboard.press('Enter')
    const sheet = page.getByRole('dialog')
    await sheet.waitFor()
    // content behind the open sheet is out of reach
    await page.keyboard.press('Tab')
    expect(await page.evaluate(() => document.activeElement?.closest('dialog') !== null)).toBe(true)
    await page.keyboard.press('Escape')
    await sheet.waitFor({ state: 'detached' })
    expect(await page.evaluate(() => document.activeElement?.textContent?.trim())).toMatch(/^Why\?/)

    await tabTo(page, /^Start/)
    await page.keyboard.press('Enter')
    await tabTo(page, /^Open for/)
    await page.keyboard.press('Enter')
    await sheet.getByText(/Open, confirmed/).waitFor()
    await tabTo(page, /^Stop North 3/)
    await page.keyboard.press('Enter')
    await page
      .getByText(/^Stopped/)
      .first()
      .waitFor()
  })

  it('each screen has a title of its own, one main heading, and a name for every control', async () => {
    const page = await open('/', { running: true })
    const titles = new Set<string>()
    for (const path of [
      '/',
      '/fields',
      '/fields/north-3',
      '/water',
      '/pests',
      '/devices',
      '/more',
      '/settings',
      '/begin',
    ]) {
      await page.goto(dashboard.fixture.url + path)
      await page.locator('#main h1').first().waitFor()
      titles.add(await page.title())
      expect([path, await page.getByRole('heading', { level: 1 }).count()]).toEqual([path, 1])
      const nameless = await page.evaluate(() =>
        [...document.querySelectorAll('button, a[href], input, select, [role=slider]')]
          .filter((element) => element.getClientRects().length > 0)
          .filter((element) => {
            const labels = [...((element as HTMLInputElement).labels ?? [])].map((label) => label.textContent)
            const accessibleName = [
              element.getAttribute('aria-label'),
              element.getAttribute('aria-labelledby'),
              element.textContent,
              ...labels,
            ]
            return accessibleName.every((text) => (text ?? '').trim() === '')
          })
          .map((element) => element.outerHTML.slice(0, 120)),
      )
      expect([path, nameless]).toEqual([path, []])
    }
    expect(titles.size).toBe(9)
  }, 120_000)

  it.each([
    ['zoomed to 200 %', { width: 195, height: 422 }],
    ['on a phone of 320 px on its side', { width: 568, height: 320 }],
  ])(
    '%s every screen fits, and only STOP stays fixed, with the name of its valve',
    async (_, size) => {
      const page = await open('/', { running: true }, size)
      for (const path of [
        '/',
        '/fields',
        '/fields/north-3',
        '/water',
        '/pests',
        '/devices',
        '/more',
        '/settings',
        '/begin',
      ]) {
        await page.goto(dashboard.fixture.url + path)
        await page.locator('.dock .stop').waitFor()
        await page.locator('#main h1').first().waitFor()
        const { wide, fixed } = await page.evaluate(() => ({
          wide: document.documentElement.scrollWidth - innerWidth,
          fixed: [...document.querySelectorAll('body *')]
            .filter((element) => ['fixed', 'sticky'].includes(getComputedStyle(element).position))
            .filter((element) => element.getBoundingClientRect().height > 0)
            .map((element) => (element as HTMLElement).innerText.replace(/\s+/g, ' ').trim()),
        }))
        expect([path, wide, fixed]).toEqual([path, 0, ['STOP Paddy 7, Inlet']])
      }
    },
    120_000,
  )

  it('a network failure signs nobody out, whatever the status (U17)', async () => {
    const page = await open('/', {})
    await page.getByRole('heading', { name: '3 things need attention' }).waitFor()
    for (const status of [500, 502, 503]) {
      dashboard.fixture.trouble(status)
      await page.reload()
      await page.getByRole('heading', { name: '3 things need attention' }).waitFor()
      expect(await page.getByLabel('E-mail').count()).toBe(0)
    }
    // a proxy that blocks the stream
    dashboard.fixture.trouble(null)
    await page.route('**/api/**', (route) => route.abort())
    await page.reload()
    await page.getByRole('heading', { name: '3 things need attention' }).waitFor()
  })
})
