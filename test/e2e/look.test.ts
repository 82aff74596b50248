/**
 * How every screen looks and reads: no finding of axe (WCAG 2.2 AA) in two languages and three themes, nothing wider
 * than the phone, targets large enough for gloves. Pictures go to test-output/ for a person to look at.
 */
import { mkdir, readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import {
  buildDashboard,
  hasBrowser,
  needs,
  openBrowser,
  openPhone,
  type Phone,
  type PhoneOptions,
} from './browser.ts'
import { startFixture, type Fixture, type FixtureOptions } from './fixture-server.ts'

const shots = join(import.meta.dirname, '../../test-output/screens')
const axePath = createRequire(import.meta.url).resolve('axe-core/axe.min.js')

const screens: [name: string, path: string, ready: string, options?: FixtureOptions][] = [
  ['today', '/', 'ul.fields li', { running: true }],
  ['today-ok', '/', 'ul.fields li', { fields: 'ok' }],
  ['today-empty', '/', 'h1', { fields: 'none' }],
  ['fields', '/fields', 'ul.card li'],
  ['fields-map', '/fields?map=', '.map-field'],
  ['fields-map-one', '/fields?map=north-3', '.is-shown'],
  ['fields-map-none', '/fields?map=', 'main .wide', { fields: 'none' }],
  ['shapes', '/fields#shapes', 'dialog input'],
  ['field', '/fields/north-3', '[role=slider]', { running: true }],
  ['field-unknown', '/fields/river-bend', '[role=slider]'],
  ['field-paddy', '/fields/paddy-7', '[role=slider]', { running: true }],
  ['field-apple', '/fields/hill-2', '[role=slider]'],
  ['why', '/fields/north-3#why/why-north-3', 'dialog dl', { running: true }],
  ['why-paddy', '/fields/paddy-7#why/why-paddy-7', 'dialog dl'],
  ['model', '/fields/hill-2#model/soil-moisture:probe-hill-2@30', 'dialog table'],
  ['start', '/fields/north-3#start/north-3', 'dialog .chips'],
  ['zone', '/fields/north-3#zone/north-3/zone-north-3', 'dialog .chips'],
  ['water', '/water', 'ul.card li', { running: true }],
  ['run', '/water#run/2026-07-24/run-4', 'dialog .button'],
  ['pause', '/water#pause', 'dialog .button'],
  ['pests', '/pests', 'main li'],
  ['pests-calm', '/pests', 'main .calm', { pests: 'calm' }],
  ['pests-none', '/pests', 'main p', { pests: 'none' }],
  ['devices', '/devices', 'ul.card li'],
  ['device', '/devices#device/probe-river', 'dialog .button'],
  ['letters', '/devices#letters', 'dialog li'],
  ['letters-none', '/devices#letters', 'dialog .status-ok', { fields: 'none' }],
  ['add-device', '/devices#add-device', 'dialog form'],
  ['more', '/more', '.chips'],
  ['notices', '/more#notices', 'dialog select'],
  ['notices-plain', '/more#notices', 'dialog select', { fields: 'none' }],
  ['sign-in', '/', 'form', { signedIn: false }],
  ['setup', '/setup?token=one-time', 'form', { signedIn: false }],
]

describe.skipIf(!hasBrowser)(`the look of the screens${needs}`, () => {
  let browser: Browser
  let built: Awaited<ReturnType<typeof buildDashboard>>
  let axe: string
  let fixture: Fixture | undefined
  let phone: Phone | undefined

  beforeAll(async () => {
    built = await buildDashboard()
    browser = await openBrowser()
    axe = await readFile(axePath, 'utf8')
    await mkdir(shots, { recursive: true })
  })
  afterAll(async () => {
    await browser?.close()
    await built?.remove()
  })
  afterEach(async () => {
    const complaints = phone?.complaints ?? []
    await phone?.close()
    await fixture?.close()
    phone = fixture = undefined
    expect(complaints).toEqual([])
  })

  async function open(path: string, ready: string, options: FixtureOptions = {}, how: PhoneOptions = {}) {
    fixture = await startFixture({ dashboardDir: built.dir, ...options })
    phone = await openPhone(browser, how)
    await phone.page.goto(fixture.url + path)
    await phone.page.locator(ready).first().waitFor()
    // sheets rise in 180 ms, and axe sees half-drawn colours before
    await phone.page.evaluate(() => Promise.all(document.getAnimations().map((move) => move.finished)))
    return phone.page
  }

  async function findings(page: Page): Promise<string[]> {
    // a page in full: what scrolls under the dock is out of reach only until it is scrolled up
    await page.setViewportSize({ width: page.viewportSize()!.width, height: 6000 })
    // the policy of the page allows no foreign script element, an evaluation is not one
    await page.evaluate(axe)
    return page.evaluate(async () => {
      const { axe } = window as unknown as {
        axe: {
          run(
            options: object,
          ): Promise<{ violations: { id: string; nodes: { html: string; failureSummary: string }[] }[] }>
        }
      }
      const { violations } = await axe.run({
        runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
      })
      return violations.flatMap(({ id, nodes }) =>
        nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 160)} ${failureSummary}`),
      )
    })
  }

  /** What sticks out to the right of the phone. */
  const wide = (page: Page): Promise<string[]> =>
    page.evaluate(() =>
      document.documentElement.scrollWidth <= innerWidth
        ? []
        : [...document.querySelectorAll('main *')]
            .filter((element) => element.getBoundingClientRect().right > innerWidth + 1)
            .map((element) => element.outerHTML.slice(0, 120)),
    )

  /** Buttons and links lower than 48 px, or narrower. Text links inside a sentence are none here. */
  const small = (page: Page): Promise<string[]> =>
    page.evaluate(() =>
      [...document.querySelectorAll('button, a, input, select, summary, [role=slider]')]
        .filter((element) => element.className !== 'skip')
        .flatMap((element) => {
          const { width, height } = element.getBoundingClientRect()
          return width > 0 && (height < 47.5 || width < 47.5)
            ? [`${Math.round(width)} x ${Math.round(height)}: ${element.outerHTML.slice(0, 100)}`]
            : []
        }),
    )

  describe.each([
    { language: 'en', theme: 'light' },
    { language: 'en', theme: 'dark' },
    { language: 'en', theme: 'sun' },
    { language: 'ja', theme: 'light' },
    { language: 'ja', theme: 'dark' },
    { language: 'ja', theme: 'sun' },
  ])('in $language, $theme', (how) => {
    it.each(screens)('%s can be read, reached and tapped by everyone', async (name, path, ready, options) => {
      const page = await open(path, ready, options, how)
      await page.screenshot({ path: join(shots, `${name}-${how.language}-${how.theme}.png`) })
      expect(await findings(page)).toEqual([])
      expect(await wide(page)).toEqual([])
      expect(await small(page)).toEqual([])
      expect(await page.evaluate(() => document.documentElement.lang)).toBe(how.language)
    })
  })

  it.each(['/', '/fields/north-3', '/fields/paddy-7', '/water', '/pests', '/devices', '/more'])(
    '%s fits a phone of 320 px, and one in the largest letters',
    async (path) => {
      for (const language of ['en', 'ja']) {
        const page = await open(
          path,
          'main .card',
          { running: true },
          { width: 320, height: 568, language, theme: 'sun' },
        )
        expect(await wide(page)).toEqual([])
        await phone!.close()
        await fixture!.close()
      }
    },
  )

  it('zoomed to 200 % only STOP stays fixed: it does not eat the page', async () => {
    // 390 x 844 at 200 % is a window of 195 x 422
    const page = await open('/', '.dock .stop', { running: true }, { width: 195, height: 422 })
    const fixed = await page.evaluate(() =>
      [...document.querySelectorAll('body *')]
        .filter((element) => ['fixed', 'sticky'].includes(getComputedStyle(element).position))
        .filter((element) => element.getBoundingClientRect().height > 0)
        .map((element) => element.textContent?.trim()),
    )
    expect(fixed).toEqual(['STOP'])
    const box = (await page.getByRole('button', { name: /^Stop/ }).boundingBox())!
    expect(box.y + box.height).toBeLessThanOrEqual(422)
  })

  it('all that matters of twelve fields stands above the dock on a phone of 390 x 844', async () => {
    const page = await open('/', 'ul.fields li', { running: true })
    const seen = await page.evaluate(() => {
      const dockTop = document.querySelector('.dock')!.getBoundingClientRect().top
      return [...document.querySelectorAll('ul.fields > li')].filter(
        (row) => row.getBoundingClientRect().bottom <= dockTop + 1,
      ).length
    })
    // six that want a look and the one line that stands for the six that are OK
    expect(seen).toBe(7)
  })

  it('moves nothing for whoever asked for less motion', async () => {
    const page = await open('/fields/north-3', 'main .card')
    await page.emulateMedia({ reducedMotion: 'reduce' })
    await page.getByRole('button', { name: 'Why?' }).tap()
    await page.getByRole('dialog').waitFor()
    expect(await page.evaluate(() => document.getAnimations().length)).toBe(0)
  })
})
