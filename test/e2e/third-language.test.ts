/**
 * A third language is one folder and one line in a finished build. The language of this test is generated from English:
 * every letter with an accent, each text two fifths longer and in brackets. It exists only in a copy of the build; on
 * every screen none of its texts may be cut off or overflow.
 */
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { dashboardDir, hasBrowser, needs, openPhone, sharedBrowser, type Phone } from './browser.ts'
import { readParts } from '../support/read-catalogue.ts'
import { startFixture, type Fixture, type FixtureOptions } from './fixture-server.ts'

const ACCENTS: Record<string, string> = Object.fromEntries(
  [...'aáeéiíoóuúyýcçnñsšzžAÁEÉIÍOÓUÚCÇNÑSŠ'.matchAll(/(.)(.)/gu)].map(([, plain, accented]) => [
    plain,
    accented,
  ]),
)

/** Adds accents, brackets and two fifths of length; placeholders stay. */
function pseudo(text: string): string {
  const parts = text.split(/(\{[^}]*\})/)
  const accented = parts.map((part) =>
    part.startsWith('{') ? part : part.replace(/./gu, (letter) => ACCENTS[letter] ?? letter),
  )
  const letterCount = parts
    .filter((part) => !part.startsWith('{'))
    .join('')
    .trim().length
  const padding = 'ñóç ûäö '
    .repeat(10)
    .slice(0, Math.ceil(0.4 * letterCount))
    .trim()
  return letterCount < 2 ? text : `[${accented.join('')}${padding === '' ? '' : ` ${padding}`}]`
}

/** Adds the language to a copy of the build: one folder, and one line of index.html. */
async function addThirdLanguage(dir: string): Promise<void> {
  await cp(dashboardDir, dir, { recursive: true })
  await mkdir(join(dir, 'i18n/eo'))
  for (const [part, texts] of Object.entries(readParts('en', join(dir, 'i18n')))) {
    const third = Object.fromEntries(Object.entries(texts).map(([key, text]) => [key, pseudo(text)]))
    await writeFile(join(dir, 'i18n/eo', `${part}.json`), JSON.stringify(third))
  }
  const page = await readFile(join(dir, 'index.html'), 'utf8')
  const line = '<link rel="alternate" hreflang="eo" title="Éñĝļîŝĥ" href="/i18n/eo/" />'
  await writeFile(join(dir, 'index.html'), page.replace('</head>', `${line}</head>`))
}

const screens: [path: string, options?: FixtureOptions][] = [
  ['/', { running: true, fault: true, flow: true }],
  ['/', { fields: 'ok', sky: 'none' }],
  ['/begin', { fields: 'none', newcomer: true }],
  ['/begin#add-field'],
  ['/begin#add-season'],
  ['/settings'],
  ['/fields'],
  ['/fields#shapes'],
  ['/fields/north-3'],
  ['/fields/paddy-7'],
  ['/fields/north-3#why/why-north-3'],
  ['/fields/north-3#start/north-3'],
  ['/fields/north-3#zone/north-3/zone-north-3'],
  ['/water', { flow: true }],
  ['/water#run/2026-07-24/run-4'],
  ['/water#pause'],
  ['/water#pump/pump-1'],
  ['/water#set-pump/pump-1'],
  ['/pests'],
  ['/devices'],
  ['/devices#device/probe-river'],
  ['/devices#add-device'],
  ['/devices#claim-device'],
  ['/devices', { networks: true }],
  ['/devices#add-integration/chirpstack'],
  ['/devices#assign/chirpstack-1/lw:24e124126a148401', { networks: true }],
  ['/devices#dead-letters'],
  ['/more'],
  ['/more#notifications'],
  ['/more#products'],
  ['/people'],
  ['/audit'],
  ['/reports'],
  ['/reports', { reports: 'members' }],
  ['/reports', { reports: 'none' }],
  ['/', { signedIn: false }],
  ['/setup?token=one-time', { signedIn: false }],
]

/** Texts that extend beyond the phone, or beyond a box that clips them. */
const cutTexts = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const foundTexts: string[] = []
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    for (let node = walk.nextNode(); node; node = walk.nextNode()) {
      const parent = node.parentElement!
      if (node.textContent!.trim() === '' || parent.closest('svg, script, style, .visually-hidden, .skip'))
        continue
      const range = document.createRange()
      range.selectNodeContents(node)
      const rects = [...range.getClientRects()].filter(({ width, height }) => width > 0 && height > 0)
      if (rects.length === 0) continue
      const right = Math.max(...rects.map((rect) => rect.right))
      const left = Math.min(...rects.map((rect) => rect.left))
      let edge = { left: 0, right: innerWidth }
      for (let box: Element | null = parent; box; box = box.parentElement)
        if (/hidden|clip/.test(getComputedStyle(box).overflowX)) {
          edge = box.getBoundingClientRect()
          break
        }
      if (right > edge.right + 1 || left < edge.left - 1)
        foundTexts.push(node.textContent!.trim().slice(0, 80))
    }
    return foundTexts
  })

describe.skipIf(!hasBrowser)(`a language that is half as long again${needs}`, () => {
  let dir: string
  let browser: Browser
  let fixture: Fixture | undefined
  let phone: Phone | undefined

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'tilth-third-'))
    await addThirdLanguage(dir)
    browser = await sharedBrowser()
  })
  afterAll(async () => {
    await rm(dir, { recursive: true, force: true })
  })
  afterEach(async () => {
    await phone?.close()
    await fixture?.close()
    phone = fixture = undefined
  })

  it('is offered with the others, and takes effect at once', async () => {
    fixture = await startFixture({ dashboardDir: dir })
    phone = await openPhone(browser)
    const { page } = phone
    await page.goto(`${fixture.url}/settings`)
    await page.getByRole('button', { name: 'Éñĝļîŝĥ' }).tap()
    await page.getByRole('heading', { name: '[Šéttíñgš' }).waitFor()
    expect(await page.evaluate(() => document.documentElement.lang)).toBe('eo')
  })

  it.each(screens)('%s %o shows every text in full', async (path, options = {}) => {
    fixture = await startFixture({ dashboardDir: dir, ...options })
    phone = await openPhone(browser, { language: 'eo' })
    const { page } = phone
    await page.goto(fixture.url + path)
    await page.getByText('[', { exact: false }).first().waitFor()
    if (path.includes('#')) await page.getByRole('dialog').getByText('[').first().waitFor()
    // layout after the texts arrive
    await page.evaluate(() => new Promise((done) => setTimeout(done, 300)))
    expect(await cutTexts(page)).toEqual([])
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(
      0,
    )
  })
})
