/** Layout of the screens: the smallest phone, letters twice as large, the thumb's reach, and reduced motion. */
import { describe, expect, it } from 'vitest'
import { hasBrowser, needs, type PhoneOptions } from './browser.ts'
import { useDashboard } from './dashboard.ts'
import { cut, wide } from './faults.ts'
import type { FixtureOptions } from './fixture-server.ts'

describe.skipIf(!hasBrowser)(`the screens fit${needs}`, () => {
  const dashboard = useDashboard({ onePhone: true })
  const open = async (path: string, ready: string, options: FixtureOptions = {}, how: PhoneOptions = {}) => {
    const page = await dashboard.open(path, options, how)
    await page.locator(ready).first().waitFor()
    return page
  }

  it.each(['/', '/fields/north-3', '/fields/paddy-7', '/water', '/pests', '/devices', '/more'])(
    '%s fits a phone of 320 px, and one with the largest font size',
    async (path) => {
      for (const language of ['en', 'ja']) {
        const page = await open(
          path,
          'main .card',
          { running: true },
          { width: 320, height: 568, language, theme: 'sun' },
        )
        expect(await wide(page)).toEqual([])
        expect(await cut(page)).toEqual([])
      }
    },
  )

  it('zoomed to 200 % only STOP stays fixed, and the page remains readable', async () => {
    // 390 x 844 at 200 % is a window of 195 x 422
    const page = await open('/', '.dock .stop', { running: true }, { width: 195, height: 422 })
    const fixed = await page.evaluate(() =>
      [...document.querySelectorAll('body *')]
        .filter((element) => ['fixed', 'sticky'].includes(getComputedStyle(element).position))
        .filter((element) => element.getBoundingClientRect().height > 0)
        .map((element) => element.textContent?.trim()),
    )
    expect(fixed).toEqual([expect.stringMatching(/^STOP\s+Paddy 7, Inlet$/)])
    const box = (await page.getByRole('button', { name: /^Stop/ }).boundingBox())!
    expect(box.y + box.height).toBeLessThanOrEqual(422)
  })

  it('on a phone on its side STOP ALL stays fixed when several valves run, and nothing covers it', async () => {
    const page = await open('/', '.dock .head', { running: 'three' }, { width: 844, height: 390 })
    const isOnTop = await page.evaluate(() => {
      const { left, top, width, height } = document
        .querySelector('.dock .head .stop')!
        .getBoundingClientRect()
      return document.elementFromPoint(left + width / 2, top + height / 2)!.matches('.head .stop')
    })
    expect(isOnTop).toBe(true)
  })

  it('the list of twelve fields fits above the dock on a phone of 390 x 844', async () => {
    const page = await open('/', 'ul.fields li', { running: true })
    const visibleCount = await page.evaluate(() => {
      const dockTop = document.querySelector('.dock')!.getBoundingClientRect().top
      return [...document.querySelectorAll('ul.fields > li:not(.part)')].filter(
        (row) => row.getBoundingClientRect().bottom <= dockTop + 1,
      ).length
    })
    // six that need attention, and one line for the six that are OK
    expect(visibleCount).toBe(7)
  })

  it('moves nothing when reduced motion is requested', async () => {
    const page = await open('/fields/north-3', 'main .card')
    await page.emulateMedia({ reducedMotion: 'reduce' })
    await page.getByRole('button', { name: 'Why?' }).tap()
    await page.getByRole('dialog').waitFor()
    expect(await page.evaluate(() => document.getAnimations().length)).toBe(0)
  })
})
