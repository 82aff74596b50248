/** Notification settings in both languages, and the handling of a push in the service worker. */
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import {
  dashboardDir,
  hasBrowser,
  needs,
  openBrowserWithNotifications,
  openPhone,
  type Phone,
  type PhoneOptions,
} from './browser.ts'
import { startFixture, type Fixture, type FixtureOptions } from './fixture-server.ts'

const axePath = createRequire(import.meta.url).resolve('axe-core/axe.min.js')
const shots = join(import.meta.dirname, '../../test-output/screens')

describe.skipIf(!hasBrowser)(`notices${needs}`, () => {
  let browser: Browser
  let axe: string
  let fixture: Fixture
  let phone: Phone

  beforeAll(async () => {
    browser = await openBrowserWithNotifications()
    axe = await readFile(axePath, 'utf8')
  })
  afterAll(async () => {
    await browser?.close()
  })
  afterEach(async () => {
    const complaints = phone?.complaints
    await phone?.close()
    await fixture?.close()
    expect(complaints).toEqual([])
  })

  async function open(options: FixtureOptions = {}, how: PhoneOptions = {}): Promise<Page> {
    fixture = await startFixture({ dashboardDir, ...options })
    phone = await openPhone(browser, { worksOffline: true, ...how })
    await phone.page.goto(`${fixture.url}/more#notifications`)
    await phone.page.locator('dialog select').first().waitFor()
    return phone.page
  }
  const posted = (route: string) =>
    fixture.received.filter((item) => item.route === route).map(({ body }) => body)

  it('each choice is saved at once, with the language of the page', async () => {
    const page = await open()
    await page.getByLabel('Devices and batteries').selectOption('off')
    await page.getByText('Saved.', { exact: true }).waitFor()
    await page.getByLabel('No notifications at night').uncheck()
    await expect.poll(() => posted('POST /api/notifications').length).toBe(2)
    expect(posted('POST /api/notifications')[1]).toMatchObject({
      language: 'en',
      byMail: true,
      digestMin: 360,
      quietHours: null,
      modes: { water: 'urgent', devices: 'off', server: 'off' },
    })
    expect(await page.getByLabel('Alerts for valves, leaks and frost may wake me').count()).toBe(0)
  })

  it('a test notification reports its delivery, or the reason for its failure', async () => {
    const page = await open()
    await page.getByRole('button', { name: 'Send a test: Android, Chrome' }).tap()
    await page.getByText('Sent. It should arrive in a moment.').waitFor()
    await page.getByRole('button', { name: 'Send a test: By e-mail' }).tap()
    await page.getByRole('alert').getByText('it was rejected').waitFor()
    await page
      .getByText(/Delivery has failed since .*: it was rejected\. 2 notifications were dropped/)
      .waitFor()
  })

  it('a removed device receives no more notifications', async () => {
    const page = await open()
    await page.getByRole('button', { name: 'Remove Android, Chrome' }).tap()
    await page.getByText('None of your devices gets notifications yet.').waitFor()
    expect(fixture.received.map(({ route }) => route)).toContain('DELETE /api/notifications/devices/phone-1')
  })

  it('a browser that blocks notifications gets instructions to allow them, and no prompt', async () => {
    const page = await open()
    // a browser without a window denies the permission without a prompt
    await page.getByRole('button', { name: 'Notify me on this device' }).tap()
    await page.getByText(/Notifications from Tilth are blocked in this browser/).waitFor()
    expect(await page.getByRole('button', { name: 'Notify me on this device' }).count()).toBe(0)
    expect(posted('POST /api/notifications/devices')).toEqual([])
  })

  it('without a mail server it sends to the person who runs the server', async () => {
    const page = await open({ fields: 'none' })
    await page.getByText(/E-mail is not set up here/).waitFor()
    expect(await page.getByLabel('E-mail me').count()).toBe(0)
  })

  it('the webhook is an administrator’s, and its secret is shown once', async () => {
    const page = await open()
    await page.getByLabel('Address').fill('http://10.0.0.1/')
    await page.getByRole('button', { name: 'Save' }).tap()
    await page.getByText(/Enter an https address/).waitFor()
    await page.getByLabel('Address').fill('https://hooks.example.org/tilth')
    await page.getByRole('button', { name: 'Save' }).tap()
    await page.getByText('kZ4vT2mQ8sXw1bN7rY5cJ0dL3fH6gP9aUeIoMxWq2Rt').waitFor()
    await page.getByRole('button', { name: 'Remove', exact: true }).tap()
    await expect.poll(() => page.getByText('kZ4vT2mQ8s').count()).toBe(0)
  })

  it('an operator sees no webhook', async () => {
    const page = await open({ role: 'operator' })
    expect(await page.getByText('Webhook of the organisation').count()).toBe(0)
  })

  it('without a network it can be read and not changed', async () => {
    const page = await open()
    await phone.context.setOffline(true)
    await page.locator('dialog').getByText('This phone has no connection').first().waitFor()
    expect(await page.getByLabel('E-mail me').isDisabled()).toBe(true)
    await phone.context.setOffline(false)
  })

  it('the frost, wind and rain limits of a farm are set under Settings, in the chosen unit', async () => {
    const page = await open()
    await page.goto(`${fixture.url}/settings`)
    await page.getByRole('button', { name: '°F' }).tap()
    await page.getByLabel('Frost: at or below, °F').fill('39.2')
    await page.getByLabel('Gusts: at or above, m/s').fill('１５')
    await page.getByRole('button', { name: 'Save', exact: true }).tap()
    await page.getByText('Saved.', { exact: true }).waitFor()
    const [limits] = posted('POST /api/farms/farm-sato/weather-thresholds') as { frostC: number }[]
    expect(limits).toEqual({ frostC: expect.closeTo(4, 6) as number, gustMps: 15, rainMm: 50 })
  })

  it('a person without permission to set up a farm sees no limits', async () => {
    const page = await open({ role: 'operator' })
    await page.goto(`${fixture.url}/settings`)
    await page.getByRole('heading', { name: 'Clock' }).waitFor()
    expect(await page.getByLabel('Gusts: at or above, m/s').count()).toBe(0)
  })

  it.each([
    ['en', 'light'],
    ['ja', 'dark'],
    ['ja', 'sun'],
  ])('in %s, %s, axe finds nothing, with a webhook and its secret too', async (language, theme) => {
    const page = await open({}, { language, theme })
    await page.locator('#notice-hook').fill('https://hooks.example.org/tilth')
    await page.getByRole('button', { name: /^(Save|保存)$/ }).tap()
    await page.locator('dialog code').waitFor()
    await page.setViewportSize({ width: 390, height: 2600 })
    await page.screenshot({ path: join(shots, `notices-all-${language}-${theme}.png`) })
    await page.evaluate(axe)
    const result = await page.evaluate(async () => {
      const run = (window as unknown as { axe: { run(): Promise<{ violations: { id: string }[] }> } }).axe.run
      return (await run()).violations.map(({ id }) => id)
    })
    expect(result).toEqual([])
  })

  describe('a notice that is pushed', () => {
    type Scope = {
      registration: {
        getNotifications(): Promise<{ title: string; body: string; tag: string }[]>
      }
      clients: { openWindow(url: string): Promise<void>; matchAll(): Promise<unknown[]> }
      dispatchEvent(event: Event): boolean
      NotificationEvent: new (type: string, init: object) => Event
      opened: string[]
    }

    /** A page with its worker, for pushes through the browser's debugging interface. */
    async function openPushed() {
      fixture = await startFixture({ dashboardDir })
      phone = await openPhone(browser, { worksOffline: true })
      const { page, context } = phone
      await context.grantPermissions(['notifications'], { origin: fixture.url })
      await page.goto(fixture.url)
      await page.evaluate(async () => void (await navigator.serviceWorker.ready))
      const cdp = await context.newCDPSession(page)
      const registered = new Promise<string>((resolve) =>
        cdp.on('ServiceWorker.workerRegistrationUpdated', ({ registrations: [first] }) => {
          if (first) resolve(first.registrationId)
        }),
      )
      await cdp.send('ServiceWorker.enable')
      const registrationId = await registered
      const worker = context.serviceWorkers()[0]!
      const shown = () =>
        worker.evaluate(async () => {
          const { registration } = globalThis as unknown as Scope
          return (await registration.getNotifications()).map(
            ({ title, body, tag }) => `${title}: ${body} (${tag})`,
          )
        })
      return {
        page,
        shown,
        worker,
        push: (data: string) =>
          cdp.send('ServiceWorker.deliverPushMessage', { origin: fixture.url, registrationId, data }),
        /** Sends the worker the browser's event of a tap on the notification; returns its tag. */
        click: () =>
          worker.evaluate(async () => {
            const scope = globalThis as unknown as Scope
            const [notification] = await scope.registration.getNotifications()
            scope.dispatchEvent(new scope.NotificationEvent('notificationclick', { notification }))
            return notification!.tag
          }),
      }
    }
    /**
     * The debugging interface sometimes loses or delays a push while the worker starts: it is pushed again with
     * another tag, so that a late one is not mistaken for the tapped one.
     */
    async function pushUntilShown({ push, shown }: Awaited<ReturnType<typeof openPushed>>, path: string) {
      let tries = 0
      await expect
        .poll(
          async () => {
            await push(notice(path, `a${++tries}`))
            return (await shown()).length
          },
          { interval: 1_000 },
        )
        .toBeGreaterThan(0)
    }
    const notice = (path: string, tag: string) =>
      JSON.stringify({ title: 'A valve', body: 'V1', path, tag, language: 'en' })

    it('is shown; an invalid push message is not', async () => {
      const pushed = await openPushed()
      await pushed.push('no JSON')
      await pushUntilShown(pushed, '/water')
      for (const item of await pushed.shown()) expect(item).toMatch(/^A valve: V1 \(a\d+\)$/)
    })

    it('opens its screen in the page that is open, and is gone', async () => {
      const pushed = await openPushed()
      const { page, shown, click } = pushed
      await pushUntilShown(pushed, '/fields/north-3#why/why-north-3')
      const tapped = await click()
      await page.getByRole('dialog', { name: 'North 3: why?' }).waitFor()
      expect(new URL(page.url()).pathname).toBe('/fields/north-3')
      expect(await shown()).not.toContain(`A valve: V1 (${tapped})`)
    })

    it('opens no other address, regardless of the sender', async () => {
      const pushed = await openPushed()
      const { page, click } = pushed
      await page.goto(`${fixture.url}/water`)
      await pushUntilShown(pushed, 'https://elsewhere.example/')
      await click()
      await page.waitForURL(`${fixture.url}/`)
    })

    it('opens a page where none is open', async () => {
      const pushed = await openPushed()
      const { page, worker, click } = pushed
      await pushUntilShown(pushed, '/water')
      // only a tap may open a window: the address to open is recorded
      await worker.evaluate(() => {
        const scope = globalThis as unknown as Scope
        scope.opened = []
        scope.clients.openWindow = async (url) => void scope.opened.push(url)
      })
      await page.close()
      await click()
      await expect
        .poll(() => worker.evaluate(() => (globalThis as unknown as Scope).opened))
        .toEqual([`${fixture.url}/water`])
    })
  })

  it('the service worker reports a changed subscription to the server', async () => {
    fixture = await startFixture({ dashboardDir })
    phone = await openPhone(browser, { worksOffline: true })
    await phone.page.goto(fixture.url)
    await phone.page.evaluate(async () => void (await navigator.serviceWorker.ready))
    const [worker] = phone.context.serviceWorkers()
    await worker!.evaluate(() => {
      const scope = globalThis as unknown as {
        ExtendableEvent: new (type: string) => Event
        dispatchEvent(event: Event): boolean
      }
      const pushTarget = (endpoint: string) => ({
        endpoint,
        options: { applicationServerKey: new ArrayBuffer(65) },
        toJSON: () => ({ endpoint, keys: { p256dh: 'K', auth: 'A' } }),
      })
      const event = new scope.ExtendableEvent('pushsubscriptionchange')
      scope.dispatchEvent(
        Object.assign(event, {
          oldSubscription: pushTarget('https://push.example/old'),
          newSubscription: pushTarget('https://push.example/new'),
        }),
      )
    })
    await expect
      .poll(() => posted('POST /api/notifications/devices/renew'))
      .toEqual([{ oldUrl: 'https://push.example/old', url: 'https://push.example/new', key: 'K', auth: 'A' }])
  })
})
