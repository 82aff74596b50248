/**
 * A new user without documentation: from the link that the first start prints, through the first steps of the
 * guide, to the first reading of a real device on the page of its field. A real browser, a real broker, a real MQTT
 * client.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import mqtt from 'mqtt'
import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { readSettings } from '../../services/config/settings.ts'
import { startTilth, type Tilth } from '../../services/app/start.ts'
import { dashboardDir, hasBrowser, needs, openBrowser, openPhone, type Phone } from '../e2e/browser.ts'

const READ_DELAY_MS = 1_000

const silentLog = {
  debug() {},
  info() {},
  warn() {},
  error: (fields: object, text: string) => console.error(text, fields),
}

describe.skipIf(!hasBrowser)(`a new user${needs}`, () => {
  let dir: string
  let tilth: Tilth
  let browser: Browser
  let phone: Phone

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'tilth-new-user-'))
    browser = await openBrowser()
    const settings = readSettings(
      {
        DATA_DIR: dir,
        HOST: '127.0.0.1',
        MQTT_HOST: '127.0.0.1',
        PORT: '0',
        MQTT_PORT: '0',
        SUPPORT_PHONE: '025-123-4567',
      },
      null,
    )
    if (!settings.ok) throw new Error(settings.error)
    tilth = await startTilth(settings.value, { log: silentLog, dashboardDir })
  }, 120_000)
  afterEach(async () => {
    const complaints = phone?.complaints
    await phone?.close()
    expect(complaints).toEqual([])
  })
  afterAll(async () => {
    await browser?.close()
    await tilth?.stop()
    await rm(dir, { recursive: true, force: true })
  })

  it('gets from the first link to the first reading of a device', async () => {
    phone = await openPhone(browser)
    const { page, context } = phone
    await context.grantPermissions(['geolocation'])
    await context.setGeolocation({ latitude: 37.4, longitude: 138.9 })

    // the printed setup link
    await page.goto(tilth.api.setupLink()!.replace('localhost', '127.0.0.1'))
    await page.getByLabel('Farm or co-operative').fill('North river')
    await page.getByLabel('Your name').fill('Haruko Sato')
    await page.getByLabel('E-mail').fill('haruko@example.org')
    await page.getByLabel('Password').fill('green-fields')
    await page.getByRole('button', { name: 'Get started' }).tap()

    // an empty farm: the guide opens automatically
    await page.getByRole('heading', { name: 'Set up your farm' }).waitFor()
    await page.getByText('0 of 7 done').waitFor()

    await page.getByRole('button', { name: 'Add a field' }).tap()
    const sheet = page.getByRole('dialog')
    await sheet.getByLabel('Name of the field').fill('North 3')
    // in full-width digits, as from a Japanese keyboard
    await sheet.getByLabel(/^Area/).fill('０．３２')
    await sheet.getByRole('button', { name: /use my location/i }).tap()
    await expect.poll(() => sheet.getByLabel('Latitude').inputValue()).toBe('37.4')
    await sheet.getByLabel('Elevation').fill('20')
    await sheet.getByLabel('Time zone').selectOption('Asia/Tokyo')
    // with poor signal the form of the crop opens before the page has read the new field
    for (const path of ['**/api/today', '**/api/farms'])
      await page.route(path, async (route) => {
        if (route.request().method() === 'GET') await pause(READ_DELAY_MS)
        await route.continue()
      })
    await sheet.getByRole('button', { name: 'Add a field' }).tap()

    // the crop is requested next
    await sheet.getByRole('button', { name: 'Enter the crop' }).waitFor()
    await sheet.getByLabel('Crop', { exact: true }).selectOption({ label: 'Soybean' })
    await sheet.getByRole('button', { name: 'Enter the crop' }).tap()
    await sheet.waitFor({ state: 'detached' })
    await page.getByText('2 of 7 done').waitFor()
    await page.unrouteAll({ behavior: 'wait' })

    await page.getByRole('button', { name: 'A device of another make' }).tap()
    await page.getByRole('link', { name: 'A device made for Tilth' }).tap()
    await sheet.getByLabel('Name').fill('North probe')
    await sheet.getByLabel('Location').selectOption({ label: 'North 3' })
    await sheet.getByRole('button', { name: 'Create credentials' }).tap()
    await sheet.getByRole('button', { name: 'I have copied them' }).waitFor()
    const [identity, secret] = await sheet.locator('code').allInnerTexts()
    await sheet.getByRole('button', { name: 'I have copied them' }).tap()

    // a probe opens no valve: the guide waits for a controller, and Today leads back to it
    await page.getByText('2 of 7 done').waitFor()
    await page.getByRole('button', { name: 'Continue later' }).tap()
    await page.getByRole('heading', { name: '1 field: state unknown' }).waitFor()
    await page.getByRole('link', { name: 'Continue the set-up' }).tap()
    await page.getByText('2 of 7 done').waitFor()
    await page.getByRole('button', { name: 'Continue later' }).tap()

    const device = await mqtt.connectAsync(`mqtt://127.0.0.1:${tilth.mqttPort}`, {
      clientId: identity!,
      username: identity!,
      password: secret!,
    })
    const topic = `tilth/v1/north-river/${identity}`
    await device.publishAsync(
      `${topic}/telemetry`,
      JSON.stringify({
        v: 1,
        n: 1,
        boot: 1,
        monoMs: 5_000,
        measurements: [{ soil: { depth: 30, moisture: 21.4 } }],
      }),
      { qos: 1 },
    )
    await page.getByRole('link', { name: /North 3/ }).tap()
    await page.getByText('1 sensor value').tap()
    await page.getByText('21.4 % vol').waitFor()
    await device.endAsync()
  })

  it('is not prompted again, and keeps units and clock on another phone', async () => {
    phone = await openPhone(browser)
    const { page } = phone
    const url = `http://127.0.0.1:${tilth.port}`
    await page.goto(url)
    expect(await page.getByRole('link', { name: '025-123-4567' }).getAttribute('href')).toBe('tel:0251234567')
    const signIn = async () => {
      await page.getByLabel('E-mail').fill('haruko@example.org')
      await page.getByLabel('Password', { exact: true }).fill('green-fields')
      await page.getByRole('button', { name: 'Sign in' }).tap()
      await page.getByRole('heading', { name: /field/ }).first().waitFor()
    }
    await signIn()
    await page.goto(`${url}/settings`)
    const choicesResponse = page.waitForResponse(
      (response) => response.url().endsWith('/api/me/preferences') && response.ok(),
    )
    await page.getByRole('button', { name: 'are (a, 100 m²)' }).tap()
    await choicesResponse
    const clockResponse = page.waitForResponse(
      (response) => response.url().endsWith('/api/me/preferences') && response.ok(),
    )
    await page.getByRole('button', { name: '12 h' }).tap()
    await clockResponse

    await phone.close()
    phone = await openPhone(browser)
    const otherPage = phone.page
    await otherPage.goto(url)
    await otherPage.getByLabel('E-mail').fill('haruko@example.org')
    await otherPage.getByLabel('Password', { exact: true }).fill('green-fields')
    await otherPage.getByRole('button', { name: 'Sign in' }).tap()
    await otherPage.getByRole('link', { name: /North 3/ }).tap()
    await otherPage.getByText(/32\sa/).waitFor()
    await otherPage.goto(`${url}/settings`)
    expect(await otherPage.getByRole('button', { name: '12 h' }).getAttribute('aria-pressed')).toBe('true')
  })
})
