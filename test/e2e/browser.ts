/** A real browser on the built dashboard: Debian's Chromium, without a network beyond the machine. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import {
  chromium,
  type Browser,
  type BrowserContext,
  type LaunchOptions,
  type Locator,
  type Page,
} from 'playwright-core'

const path = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser'].find(
  (candidate) => candidate !== undefined && existsSync(candidate),
)
/** Without Chromium these tests are skipped with a message; in CI they fail instead. */
export const hasBrowser = path !== undefined || process.env.CI === 'true'
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

/** Launch options of the browser: always the same fonts, and quiet. */
export function launchOptions(): LaunchOptions & { args: string[] } {
  if (path === undefined) throw new Error('Chromium is missing: sudo apt-get install chromium')
  return {
    executablePath: path,
    args: quietFlags,
    env: { ...process.env, FONTCONFIG_FILE: join(import.meta.dirname, 'fonts.conf') } as Record<
      string,
      string
    >,
  }
}

export const openBrowser = async (): Promise<Browser> => chromium.launch(launchOptions())

/** The built dashboard; the set-up of the lane builds it (support/build.ts). */
export const dashboardDir = join(import.meta.dirname, '../../dist/dashboard')

export interface Phone {
  page: Page
  context: BrowserContext
  /** Complaints of the browser: page errors and violations of the content security policy. */
  complaints: string[]
  close(): Promise<void>
}

export interface PhoneOptions {
  language?: string
  theme?: string
  width?: number
  height?: number
  /** As over plain HTTP on a farm's own network: without a service worker everything comes from the server. */
  isPlainHttp?: boolean
}

/** A phone with its own storage, 390 x 844 by default. */
export async function openPhone(browser: Browser, options: PhoneOptions = {}): Promise<Phone> {
  const { language = 'en', theme = 'light', width = 390, height = 844, isPlainHttp = false } = options
  const context = await browser.newContext({
    viewport: { width, height },
    deviceScaleFactor: 2,
    hasTouch: true,
    timezoneId: 'Europe/Berlin', // not the farm's zone: times must use the farm's
    locale: 'en-GB',
  })
  await context.addInitScript(
    ([chosenLanguage, chosenTheme]) => {
      if (localStorage.getItem('tilth') === null)
        localStorage.setItem('tilth', JSON.stringify({ language: chosenLanguage, theme: chosenTheme }))
    },
    [language, theme],
  )
  if (isPlainHttp)
    await context.addInitScript(() => Reflect.deleteProperty(Navigator.prototype, 'serviceWorker'))
  const page = await context.newPage()
  // only the limit of the test applies: a busy machine is not a fault of a screen
  page.setDefaultTimeout(28_000)
  const complaints: string[] = []
  page.on('pageerror', (error) => complaints.push(`page error: ${error.message}`))
  page.on('console', (message) => {
    if (/Content Security Policy|Refused to/.test(message.text())) complaints.push(message.text())
  })
  return {
    page,
    context,
    complaints,
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
