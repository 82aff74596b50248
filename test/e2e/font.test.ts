/** The page's own letters: served by Tilth, small, and never a reason for the page to move. */
import { describe, expect, it } from 'vitest'
import { hasBrowser, needs, openBrowser } from './browser.ts'
import { useDashboard } from './dashboard.ts'

describe.skipIf(!hasBrowser)(`the font${needs}`, () => {
  const dashboard = useDashboard()

  it('comes from the same server, once, with at most 25 kB, and the next page is drawn in it without moving', async () => {
    await dashboard.open('/')
    const { url } = dashboard.fixture
    const browser = await openBrowser()
    try {
      const page = await (await browser.newContext({ viewport: { width: 390, height: 844 } })).newPage()
      const fonts: { origin: string; bytes: number }[] = []
      page.on('response', async (response) => {
        if (response.request().resourceType() !== 'font') return
        const bytes = (await response.body().catch(() => Buffer.alloc(0))).length
        fonts.push({ origin: new URL(response.url()).origin, bytes })
      })
      await page.goto(url)
      await page.locator('ul.fields li').first().waitFor()
      // it competes with nothing of the first page
      expect(await page.evaluate(() => document.documentElement.className)).not.toContain('own-font')
      expect(fonts).toEqual([])
      await expect
        .poll(() => page.evaluate(() => localStorage.getItem('tilth-font')), { timeout: 10_000 })
        .toBe('yes')
      await expect.poll(() => fonts.length).toBe(1)
      expect(fonts[0]!.origin).toBe(url)
      expect(fonts[0]!.bytes).toBeGreaterThan(10_000)
      expect(fonts[0]!.bytes).toBeLessThanOrEqual(25_000)
      await page.reload()
      await page.locator('ul.fields li').first().waitFor()
      const faces = () =>
        page.evaluate(() =>
          [...document.fonts].map(({ family, status }) => [family.replaceAll('"', ''), status]),
        )
      await expect.poll(faces).toEqual([['Tilth Sans', 'loaded']])
      const shift = await page.evaluate(
        () =>
          new Promise<number>((resolve) => {
            let sum = 0
            new PerformanceObserver((list) => {
              for (const entry of list.getEntries() as (PerformanceEntry & { value: number })[])
                sum += entry.value
            }).observe({ type: 'layout-shift', buffered: true })
            setTimeout(() => resolve(sum), 300)
          }),
      )
      expect(shift).toBeLessThanOrEqual(0.05)
    } finally {
      await browser.close()
    }
  })
})
