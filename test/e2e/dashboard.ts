/** The built dashboard in a browser: built once per run; each test has its own fixture and phone. */
import type { Browser, Page, Locator } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect } from 'vitest'
import { dashboardDir, openPhone, sharedBrowser, type Phone, type PhoneOptions } from './browser.ts'
import { freePort } from '../support/free-port.ts'
import { startFixture, type Fixture, type FixtureOptions } from './fixture-server.ts'

export interface Dashboard {
  /** of the running test */
  readonly fixture: Fixture
  readonly phone: Phone
  /** folder of the build */
  readonly dir: string
  /** Serves a fixture and opens a page of it on a phone. */
  open(path: string, options?: FixtureOptions, how?: PhoneOptions): Promise<Page>
  /** Opens a phone without a page, for another server. */
  openPhone(how?: PhoneOptions): Promise<Phone>
  /** Closes phone and fixture, and expects no complaints of the browser. A test that opens several calls it itself. */
  close(): Promise<void>
}

/**
 * Call it in a describe block: its hooks build, close, and check the complaints of the browser. With `onePhone` tests with
 * the same options of a phone use one, which forgets everything between them: it has compiled the page's code already.
 */
export function useDashboard(
  defaults: { options?: FixtureOptions; how?: PhoneOptions; onePhone?: boolean } = {},
): Dashboard {
  let browser: Browser | undefined
  let fixture: Fixture | undefined
  let phone: Phone | undefined
  let optionsOfPhone = ''
  // the code that a browser has compiled belongs to an address
  let port = 0

  beforeAll(async () => {
    browser = await sharedBrowser()
    if (defaults.onePhone) port = await freePort()
  })
  afterAll(() => closePhone())
  afterEach(() => close())

  async function close(): Promise<void> {
    const complaints = phone?.complaints.splice(0) ?? []
    if (defaults.onePhone) await phone?.forget()
    else await closePhone()
    await fixture?.close()
    fixture = undefined
    expect(complaints).toEqual([])
  }
  async function closePhone(): Promise<void> {
    await phone?.close()
    phone = undefined
  }
  async function openOwnPhone(how: PhoneOptions = {}): Promise<Phone> {
    await closePhone()
    optionsOfPhone = JSON.stringify(how)
    return (phone = await openPhone(browser!, { ...defaults.how, ...how }))
  }

  return {
    get fixture() {
      return fixture!
    },
    get phone() {
      return phone!
    },
    get dir() {
      return dashboardDir
    },
    async open(path, options = {}, how = {}) {
      await close()
      fixture = await startFixture({ dashboardDir, port, ...defaults.options, ...options })
      const isOther = JSON.stringify(how) !== optionsOfPhone
      const { page } = phone && !isOther ? phone : await openOwnPhone(how)
      await page.goto(fixture.url + path)
      return page
    },
    openPhone: openOwnPhone,
    close,
  }
}

/** The shell is in the worker's cache, and the worker serves this page. */
export const shellIsKept = (page: Page): Promise<void> =>
  page.evaluate(async () => {
    await navigator.serviceWorker.ready
    if (!navigator.serviceWorker.controller)
      await new Promise((resolve) =>
        navigator.serviceWorker.addEventListener('controllerchange', resolve, { once: true }),
      )
  })

/** The choice of a form in the export menu: its name stands before what the form is for. */
export const exportChoice = (page: Page, form: string): Locator =>
  page.locator('button.choice').filter({ has: page.getByText(form, { exact: true }) })
