/** A browser on the built dashboard: Debian's Chromium, without a network beyond the machine. */
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  chromium,
  type Browser,
  type BrowserContext,
  type LaunchOptions,
  type Locator,
  type Page,
} from 'playwright-core'

const found = (...paths: (string | undefined)[]): string | undefined =>
  paths.find((path) => path !== undefined && existsSync(path))
const chromiumPath = found(process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser')
// the same engine without the parts of a desktop browser, notifications among them: it draws a page in half the time
const headlessShellPath =
  process.env.CHROMIUM === undefined ? found('/usr/bin/chromium-headless-shell') : undefined

/** Without Chromium these tests are skipped by name; in CI they fail instead. */
export const hasBrowser = chromiumPath !== undefined || process.env.CI === 'true'
export const needs = hasBrowser ? '' : ' (skipped: needs Chromium, sudo apt-get install chromium)'

const quietFlags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** How the browser is started: always with the same fonts, and quiet. */
export function launchOptions(executablePath = chromiumPath): LaunchOptions & { args: string[] } {
  if (executablePath === undefined) throw new Error('Chromium is missing: sudo apt-get install chromium')
  return {
    executablePath,
    args: quietFlags,
    env: { ...process.env, FONTCONFIG_FILE: join(import.meta.dirname, 'fonts.conf') } as Record<
      string,
      string
    >,
  }
}

/** A browser for pages: Chromium's headless shell where it is installed. */
export const openBrowser = async (): Promise<Browser> =>
  chromium.launch(launchOptions(headlessShellPath ?? chromiumPath))

let shared: Promise<Browser> | undefined

/** The browser of this worker, which ends with it: a start takes 0.4 s of a processor. Close what you open in it. */
export async function sharedBrowser(): Promise<Browser> {
  if (shared === undefined || !(await shared).isConnected()) shared = openBrowser()
  return shared
}

/** A browser that also shows notifications. */
export const openBrowserWithNotifications = async (): Promise<Browser> => chromium.launch(launchOptions())

/** The built dashboard; the set-up of the lane builds it (support/build.ts). */
export const dashboardDir = join(import.meta.dirname, '../../dist/dashboard')

export interface Phone {
  page: Page
  context: BrowserContext
  /** Complaints of the browser: page errors, violations of the content security policy, and drawings of impossible size. */
  complaints: string[]
  /** Leaves the page and empties its storage; the size of the screen and the network are as at the start. */
  forget(): Promise<void>
  close(): Promise<void>
}

export interface PhoneOptions {
  language?: string
  theme?: string
  width?: number
  height?: number
  /** pixels of the screen for each pixel of the page; 2 by default */
  pixelRatio?: number
  /** The phone's clock stands still at this time, and nothing on it moves. */
  stillAtMs?: number
  /** As over HTTPS: a service worker keeps the page. Without it, as over plain HTTP on a farm's network, the server sends it. */
  worksOffline?: boolean
}

/** A phone fetches the font with its first page and draws the next one in it; here the first one too. */
const ownFont = readFile(join(import.meta.dirname, '../../dashboard/src/styles/noto-sans.woff2'), 'base64')

/** A phone with its own storage, 390 x 844 by default. */
export async function openPhone(browser: Browser, options: PhoneOptions = {}): Promise<Phone> {
  const {
    language = 'en',
    theme = 'light',
    width = 390,
    height = 844,
    pixelRatio = 1,
    worksOffline = false,
  } = options
  const context = await browser.newContext({
    viewport: { width, height },
    deviceScaleFactor: pixelRatio,
    hasTouch: true,
    ...(options.stillAtMs !== undefined && { reducedMotion: 'reduce' as const }),
    timezoneId: 'Europe/Berlin', // not the farm's zone: times must use the farm's
    locale: 'en-GB',
  })
  await context.addInitScript(
    ([chosenLanguage, chosenTheme]) => {
      if (location.protocol === 'about:') return // it has no storage
      if (localStorage.getItem('tilth') === null)
        localStorage.setItem('tilth', JSON.stringify({ language: chosenLanguage, theme: chosenTheme }))
    },
    [language, theme],
  )
  await context.addInitScript(
    ([name, base64]) => {
      if (location.protocol === 'about:') return
      const bytes = Uint8Array.from(atob(base64!), (sign) => sign.charCodeAt(0))
      document.fonts.add(new FontFace(name!, bytes, { weight: '400 700' }))
      localStorage.setItem('tilth-font', 'yes')
    },
    ['Tilth Sans', await ownFont],
  )
  if (!worksOffline)
    await context.addInitScript(() => Reflect.deleteProperty(Navigator.prototype, 'serviceWorker'))
  const page = await context.newPage()
  if (options.stillAtMs !== undefined) await page.clock.setFixedTime(options.stillAtMs)
  // only the limit of the test applies: a busy machine is not a fault of a screen
  page.setDefaultTimeout(28_000)
  const complaints: string[] = []
  page.on('pageerror', (error) => complaints.push(`page error: ${error.message}`))
  page.on('console', (message) => {
    if (/Content Security Policy|Refused to|Error: <\w+> attribute/.test(message.text()))
      complaints.push(message.text())
  })
  return {
    page,
    context,
    complaints,
    async forget() {
      if (page.url() === 'about:blank') return
      await page.unrouteAll({ behavior: 'wait' })
      const { origin } = new URL(page.url())
      await page.evaluate(() => sessionStorage.clear())
      await page.goto('about:blank')
      const devTools = await context.newCDPSession(page)
      await devTools.send('Storage.clearDataForOrigin', {
        origin,
        storageTypes: 'cookies,local_storage,indexeddb',
      })
      await devTools.detach()
      await context.setOffline(false)
      await page.setViewportSize({ width, height })
      // requests that end because the page is left are no fault
      complaints.length = 0
    },
    async close() {
      // a response that a test intercepts may still be in transit
      if (!page.isClosed()) await page.unrouteAll({ behavior: 'wait' })
      await context.close()
    },
  }
}

/** Counts taps. */
export function tapCounter(): { tap(target: Locator): Promise<void>; count(): number } {
  let count = 0
  return {
    async tap(target) {
      await target.tap()
      count++
    },
    count: () => count,
  }
}
