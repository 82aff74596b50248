/**
 * Layout and texts of every screen in one language: nothing wider than the phone, no word cut off; in English also no
 * finding of axe (WCAG 2.2 AA), contrast in three themes, and targets large enough for gloves, which do not depend on
 * the language. Every screen is compared with its approved pictures (pictures.ts): on a phone, on a desk, and at the other
 * sizes (sizes.ts).
 */
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hasBrowser, needs, sharedBrowser } from './browser.ts'
import { useDashboard } from './dashboard.ts'
import { colourFindings, cut, findings, small, wide } from './faults.ts'
import { MORNING_MS } from './fixture-day.ts'
import { openPictures, type Pictures } from './pictures.ts'
import { views } from './screens.ts'
import { isPictured, isScreen, resize, sizesOf } from './sizes.ts'

/** The suite of one language; each has its own file, so that they run in parallel. */
export function lookAtScreens(language: string, looks: 'all' | 'words'): void {
  describe.skipIf(!hasBrowser)(`the look of the screens, ${language}${needs}`, () => {
    const dashboard = useDashboard({ onePhone: true })
    const theme = looks === 'all' ? 'light' : 'dark'
    let pictures: Pictures | undefined
    const consoleErrors: string[] = []
    let listenedTo: Page | undefined
    const listen = (page: Page): void => {
      if (listenedTo === page) return
      listenedTo = page
      page.on('console', (message) => {
        // a request that gets no answer, or a refusal, is no fault of the page
        if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
          consoleErrors.push(message.text())
      })
    }
    beforeAll(async () => {
      pictures = await openPictures(await sharedBrowser())
    })
    afterAll(async () => {
      await pictures?.close()
    })

    it.each(views)(
      '$name can be read, reached and tapped by everyone, and looks as approved (U23)',
      async (view) => {
        const page = await dashboard.open(
          view.path,
          { ...view.options, isStill: true },
          { language, pixelRatio: 1, stillAtMs: MORNING_MS },
        )
        const changes: (string | null)[] = []
        const compare = async (form: string): Promise<void> => {
          await hidePort(page)
          changes.push(await pictures!.differenceOf(page, `${view.name}-${form}-${language}`))
        }
        listen(page)
        await page.locator(view.ready).first().waitFor()
        await view.make?.(page, dashboard)
        await atRest(page)
        if (looks === 'all') await compare('phone-light')
        expect(await page.evaluate(() => document.documentElement.lang)).toBe(language)
        expect(await cut(page)).toEqual([])
        if (looks === 'all') {
          expect(await small(page)).toEqual([])
          await wear(page, 'dark')
          expect([await cut(page), await small(page)]).toEqual([[], []])
        }
        // this theme has the largest letters
        await wear(page, 'sun')
        expect([await wide(page), await cut(page)]).toEqual([[], []])
        if (looks === 'all') {
          expect(await small(page)).toEqual([])
          await wear(page, 'light')
          expect(await findings(page)).toEqual([])
          for (const theme of ['dark', 'sun']) {
            await wear(page, theme)
            expect([theme, await colourFindings(page)]).toEqual([theme, []])
          }
        }
        const isSheet = (await page.locator('dialog[open]').count()) > 0
        await wear(page, theme)
        if (looks === 'words') await compare('phone-dark')
        // screens are pictured on a desk in English and in the light, sheets in Japanese and in the dark: both once
        if (isSheet === (looks === 'words')) {
          await page.setViewportSize({ width: 1280, height: 800 })
          await atRest(page)
          await view.onDesk?.(page, dashboard)
          await compare(`desk-${theme}`)
        }
        // a desk has its own tables and navigation
        if (looks === 'all' && isScreen(view)) expect(await findings(page)).toEqual([])
        for (const { size, theme } of sizesOf(view, language)) {
          await resize(page, size)
          await wear(page, theme)
          const faults = [await wide(page), await cut(page), size.width < 1024 ? await small(page) : []]
          expect([size.name, theme, ...faults]).toEqual([size.name, theme, [], [], []])
          if (isPictured(view, size)) await compare(`${size.name}-${theme}`)
        }
        expect([changes.filter((change) => change !== null), consoleErrors.splice(0)]).toEqual([[], []])
      },
    )

    it('every approved picture is of a screen', async () => {
      expect(await pictures!.leftOver(`-${language}.webp`)).toEqual([])
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

/** The fixture has another port each time; the pictures show 8080. */
const hidePort = (page: Page): Promise<void> =>
  page.evaluate(() => {
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    for (let text = texts.nextNode(); text; text = texts.nextNode())
      if (text.nodeValue?.includes(location.port))
        text.nodeValue = text.nodeValue.replaceAll(location.port, '8080')
  })
