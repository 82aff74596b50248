/**
 * Layout and texts of every screen in one language: nothing wider than the phone, no word cut off; in English also no
 * finding of axe (WCAG 2.2 AA), contrast in three themes, and targets large enough for gloves, which do not depend on
 * the language. With PICTURES set, pictures go to test-output/ for a person: fonts render differently in each Chromium, so
 * they are not compared.
 */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { hasBrowser, needs } from './browser.ts'
import { useDashboard } from './dashboard.ts'
import { colourFindings, cut, findings, small, wide } from './faults.ts'
import { views, type View } from './screens.ts'

const shots = join(import.meta.dirname, '../../test-output/screens')

/** The suite of one language; each has its own file, so that they run in parallel. */
export function lookAtScreens(language: string, looks: 'all' | 'words'): void {
  describe.skipIf(!hasBrowser)(`the look of the screens, ${language}${needs}`, () => {
    const dashboard = useDashboard()
    beforeAll(() => mkdir(shots, { recursive: true }))

    const picture = async (page: Page, { name }: View, theme: string): Promise<void> => {
      if (process.env.PICTURES === undefined) return
      await page.screenshot({ path: join(shots, `${name}-${language}-${theme}.png`) })
    }

    it.each(views)('$name can be read, reached and tapped by everyone (U23)', async (view) => {
      const page = await dashboard.open(view.path, view.options, { language })
      await page.locator(view.ready).first().waitFor()
      await view.make?.(page, dashboard)
      await atRest(page)
      await picture(page, view, 'light')
      expect(await page.evaluate(() => document.documentElement.lang)).toBe(language)
      expect(await cut(page)).toEqual([])
      if (looks === 'all') {
        expect(await small(page)).toEqual([])
        await wear(page, 'dark')
        await picture(page, view, 'dark')
        expect([await cut(page), await small(page)]).toEqual([[], []])
      }
      // this theme has the largest letters
      await wear(page, 'sun')
      await picture(page, view, 'sun')
      expect([await wide(page), await cut(page)]).toEqual([[], []])
      if (looks === 'words') return
      expect(await small(page)).toEqual([])
      await wear(page, 'light')
      expect(await findings(page)).toEqual([])
      for (const theme of ['dark', 'sun']) {
        await wear(page, theme)
        expect([theme, await colourFindings(page)]).toEqual([theme, []])
      }
    })
  })
}

/** Waits for the end of animations: sheets open in 180 ms, with intermediate colours. */
const atRest = (page: Page): Promise<unknown> =>
  page.evaluate(() => Promise.all(document.getAnimations().map((move) => move.finished)))

async function wear(page: Page, theme: string): Promise<void> {
  await page.evaluate((name) => (document.documentElement.dataset.theme = name), theme)
  await atRest(page)
}
