/** What the comparison of pictures finds, and what it lets pass. */
import { cp, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { hasBrowser, needs, openBrowser } from './browser.ts'
import { openPictures, otherChromium, sameChromium } from './pictures.ts'

const screen = (style = ''): string => `<style>
  body { margin: 0; background: #f3f6f2; color: #0f1a14; font: 17px sans-serif }
  h1 { color: #0a5c3a } div { height: 60px; background: #0a5c3a } ${style}
</style><h1>Hill 2</h1><p>11 of 45 mm left</p><p class="age">measured 2 days ago</p><div></div>`

const smallScreen = { width: 390, height: 400 }
const newDir = (): Promise<string> => mkdtemp(join(tmpdir(), 'tilth-pictures-'))

describe.skipIf(!hasBrowser)(`approved pictures${needs}`, () => {
  let browser: Browser
  let page: Page
  let approvedDir: string
  let dir: string
  beforeAll(async () => {
    browser = await openBrowser()
    page = await browser.newPage({ viewport: smallScreen })
    await page.setContent(screen())
    approvedDir = await newDir()
    await (await openPictures(browser, { dir: approvedDir, approves: true })).differenceOf(page, 'screen-en')
  })
  afterAll(async () => {
    await browser?.close()
    await rm(approvedDir, { recursive: true, force: true })
  })
  beforeEach(async () => {
    dir = await newDir()
    await cp(approvedDir, dir, { recursive: true, preserveTimestamps: true })
    await page.setViewportSize(smallScreen)
    await page.setContent(screen())
  })
  afterEach(() => rm(dir, { recursive: true, force: true }))

  for (const [chromium, limits] of [
    ['the same Chromium', sameChromium],
    ['another Chromium', otherChromium],
  ] as const)
    describe(`with ${chromium}`, () => {
      const compared = async (html: string): Promise<string | null> => {
        await page.setContent(html)
        const pictures = await openPictures(browser, {
          dir,
          outDir: dir,
          limits,
          approves: false,
          attempts: 1,
        })
        return pictures.differenceOf(page, 'screen-en')
      }
      it('the same screen passes', async () => expect(await compared(screen())).toBe(null))
      it.each([
        ['a part of another colour', 'div { background: #2a5db0 }'],
        ['a part that is gone', 'div { visibility: hidden }'],
        ['a part that has moved', 'div { margin-top: 40px }'],
        ['another size of text', 'h1 { font-size: 48px }'],
      ])('%s fails, and leaves what was drawn and the difference', async (_what, style) => {
        expect(await compared(screen(style))).toMatch(/^screen-en: \d+ (pixels|blocks of 16 px) differ/)
        expect(await readdir(dir)).toEqual(
          expect.arrayContaining(['screen-en.actual.png', 'screen-en.difference.png']),
        )
      })
    })

  it('with the same Chromium a colour that is four levels darker fails, and a word that is not bold', async () => {
    for (const style of ['div { background: #06583a }', '.age { font-weight: bold }']) {
      await page.setContent(screen(style))
      const pictures = await openPictures(browser, { dir, outDir: dir, approves: false, attempts: 1 })
      expect(await pictures.differenceOf(page, 'screen-en')).toContain('pixels differ')
    }
  })

  it('with the same Chromium letters half a pixel away pass, and two pixels away fail', async () => {
    const pictures = await openPictures(browser, { dir, outDir: dir, approves: false, attempts: 1 })
    await page.setContent(screen('p { transform: translateY(0.5px) }'))
    expect(await pictures.differenceOf(page, 'screen-en')).toBe(null)
    await page.setContent(screen('p { transform: translateY(2px) }'))
    expect(await pictures.differenceOf(page, 'screen-en')).toContain('pixels differ')
  })

  it('with another Chromium letters at other pixels pass, and the message of a difference names both versions', async () => {
    await writeFile(join(dir, 'chromium.txt'), '1\n')
    const pictures = await openPictures(browser, { dir, outDir: dir, approves: false, attempts: 1 })
    await page.setContent(screen('p { transform: translate(0.4px, 0.4px) }'))
    expect(await pictures.differenceOf(page, 'screen-en')).toBe(null)
    await page.setContent(screen('div { visibility: hidden }'))
    const version = browser.version().split('.')[0]
    expect(await pictures.differenceOf(page, 'screen-en')).toContain(
      `(approved with Chromium 1, this is ${version})`,
    )
  })

  it('another size of the screen fails, and a screen without a picture', async () => {
    const pictures = await openPictures(browser, { dir, outDir: dir, approves: false, attempts: 1 })
    await page.setViewportSize({ width: 400, height: 400 })
    expect(await pictures.differenceOf(page, 'screen-en')).toContain('400 x 400 px instead of 390 x 400')
    expect(await pictures.differenceOf(page, 'new-en')).toContain('there is no approved picture')
  })

  it('a picture of no screen is reported, and removed when all are approved', async () => {
    await writeFile(join(dir, 'gone-en.webp'), '')
    const asks = { dir, outDir: dir }
    const pictures = await openPictures(browser, { ...asks, approves: false })
    await pictures.differenceOf(page, 'screen-en')
    expect(await pictures.leftOver('-en.webp')).toEqual(['gone-en.webp'])
    const approval = await openPictures(browser, { ...asks, approves: true })
    await approval.differenceOf(page, 'screen-en')
    expect(await approval.leftOver('-en.webp')).toEqual([])
    expect(await readdir(dir)).not.toContain('gone-en.webp')
  })

  it('approving keeps the file of a screen that looks the same, and replaces another', async () => {
    const file = join(dir, 'screen-en.webp')
    const before = await stat(file)
    await (await openPictures(browser, { dir, approves: true })).differenceOf(page, 'screen-en')
    expect((await stat(file)).mtimeMs).toBe(before.mtimeMs)
    await page.setContent(screen('div { visibility: hidden }'))
    await (await openPictures(browser, { dir, approves: true })).differenceOf(page, 'screen-en')
    expect((await stat(file)).mtimeMs).toBeGreaterThan(before.mtimeMs)
  })
})
