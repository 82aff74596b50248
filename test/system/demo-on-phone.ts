/** A browser on the running demonstration: a phone or a laptop per test. */
import { randomUUID } from 'node:crypto'
import type { Browser, Cookie, Locator, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect } from 'vitest'
import type { Today } from '../../services/api/screens/today-schemas.ts'
import { openBrowser, openPhone, type Phone, type PhoneOptions } from '../e2e/browser.ts'
import { eventually } from './farm.ts'
import type { RunningDemo } from './running-demo.ts'

export interface DemoOnPhone {
  readonly demo: RunningDemo
  /** of the running test */
  readonly phone: Phone
  /** Opens a page on a phone with a signed-in user, 390 x 844 by default. */
  open(path: string, how?: PhoneOptions): Promise<Page>
  today(): Promise<Today>
  /** Opens a valve on behalf of another person; resolves when it is open. */
  startValve(zoneId: string, minutes: number): Promise<void>
  /** Closes a valve on behalf of another person, or all that are open; resolves when it is closed. */
  stopValves(zoneId?: string): Promise<void>
}

/** Call it in a describe block. */
export function useDemoOnPhone(running: () => RunningDemo): DemoOnPhone {
  let browser: Browser | undefined
  let phone: Phone | undefined
  let cookies: Cookie[]

  beforeAll(async () => {
    const demo = running()
    browser = await openBrowser()
    phone = await openPhone(browser)
    const { page, context } = phone
    await page.goto(demo.url)
    await page.getByLabel('E-mail').fill(demo.email)
    await page.getByLabel('Password', { exact: true }).fill(demo.password)
    await page.getByRole('button', { name: 'Sign in' }).tap()
    await page.getByRole('list', { name: 'Fields' }).waitFor()
    cookies = await context.cookies()
    await close()
  })
  afterEach(() => close())
  afterAll(async () => {
    await browser?.close()
  })

  async function close(): Promise<void> {
    const complaints = phone?.complaints ?? []
    await phone?.close()
    phone = undefined
    expect(complaints).toEqual([])
  }
  const today = () => running().call<Today>('GET', '/api/today')
  const openCommands = async (zoneId?: string) =>
    (await today()).running.filter((command) => zoneId === undefined || command.zoneId === zoneId)

  return {
    get demo() {
      return running()
    },
    get phone() {
      return phone!
    },
    async open(path, how = {}) {
      await close()
      phone = await openPhone(browser!, how)
      await phone.context.addCookies(cookies)
      await phone.page.goto(running().url + path)
      return phone.page
    },
    today,
    async startValve(zoneId, minutes) {
      await running().call('POST', '/api/start', { idem: randomUUID(), zoneId, minutes })
      const isOpen = (command: Today['running'][number]) =>
        command.zoneId === zoneId && command.state === 'confirmed'
      await eventually(async () => ((await today()).running.some(isOpen) ? true : null))
    },
    async stopValves(zoneId) {
      for (const command of await openCommands(zoneId))
        await running().call('POST', '/api/stop', { idem: randomUUID(), zoneId: command.zoneId })
      await eventually(async () => ((await openCommands(zoneId)).length === 0 ? true : null))
    },
  }
}

export const fieldsOf = (page: Page): Locator => page.getByRole('list', { name: 'Fields' }).getByRole('link')
export const verdictOf = (page: Page): Locator => page.locator('#main h1')

/** In the window, and not below it. */
export async function isInView(page: Page, target: Locator): Promise<boolean> {
  const box = await target.boundingBox()
  return box !== null && box.y >= 0 && box.y + box.height <= page.viewportSize()!.height
}

/** Limits in seconds are for an idle machine; with a farm, a browser and other tests running, they are multiplied by this. */
export const BUSY = 10
export const SECOND_MS = 1_000
