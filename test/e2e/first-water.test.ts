/**
 * From nothing to an irrigating field on the page alone: the one-time link, the guide, and a simulated controller that is
 * given its code, against a whole Tilth. Every tap counts, and every box that is typed into counts as one.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Locator } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readSettings } from '../../services/config/settings.ts'
import { startTilth, type Tilth } from '../../services/app/start.ts'
import { builtProgram } from '../support/program.ts'
import {
  dashboardDir,
  hasBrowser,
  needs,
  openPhone,
  sharedBrowser,
  tapCounter,
  type Phone,
} from './browser.ts'

const MOST_TAPS = 25
const MOST_MS = 8 * 60_000
const silentLog = {
  debug() {},
  info() {},
  warn() {},
  error: (fields: object, text: string) => console.error(text, fields),
}

describe.skipIf(!hasBrowser)(`the first water of a farm${needs}`, () => {
  const dir = mkdtempSync(join(tmpdir(), 'tilth-first-water-'))
  let tilth: Tilth
  let browser: Browser
  let phone: Phone
  let device: ChildProcess | undefined

  beforeAll(async () => {
    browser = await sharedBrowser()
    const settings = readSettings(
      { DATA_DIR: join(dir, 'data'), HOST: '127.0.0.1', MQTT_HOST: '127.0.0.1', PORT: '0', MQTT_PORT: '0' },
      null,
    )
    if (!settings.ok) throw new Error(settings.error)
    tilth = await startTilth(settings.value, { log: silentLog, dashboardDir })
  }, 120_000)
  afterAll(async () => {
    device?.kill('SIGKILL')
    await phone?.close()
    await tilth?.stop()
    rmSync(dir, { recursive: true, force: true })
  })

  /** A controller to which a person gives its code: it claims, connects and reports. */
  function switchOnDevice(code: string): void {
    const at = `http://127.0.0.1:${tilth.port}`
    const credentials = join(dir, 'device.json')
    device = spawn(
      process.execPath,
      builtProgram('firmware-sim/main.ts', '--claim', code, '--at', at, '--credentials', credentials),
      { env: { PATH: process.env.PATH ?? '' }, stdio: 'ignore' },
    )
  }

  it('takes at most 25 taps and 8 minutes, and ends with litres on the page (U31)', async () => {
    phone = await openPhone(browser)
    const { page, context } = phone
    await context.grantPermissions(['geolocation'])
    await context.setGeolocation({ latitude: 36.8, longitude: 138.3 })
    const taps = tapCounter()
    const sheet = page.getByRole('dialog')
    const type = async (box: Locator, text: string): Promise<void> => {
      await taps.tap(box)
      await box.fill(text)
      await box.blur()
    }
    const press = (name: string | RegExp, within: Locator = page.locator('body')) =>
      taps.tap(within.getByRole('button', { name, exact: true }))
    const startMs = performance.now()

    // the printed link
    await page.goto(tilth.api.setupLink()!.replace('localhost', '127.0.0.1'))
    await type(page.getByLabel('Farm or co-operative'), '佐藤果樹園')
    await type(page.getByLabel('Your name'), 'Haruko Sato')
    await type(page.getByLabel('E-mail'), 'haruko@example.org')
    expect(await page.getByLabel('Short farm name used by devices').inputValue()).toBe('haruko')
    await type(page.getByLabel('Password'), 'green-fields')
    await press('Get started')

    await page.getByText('0 of 7 done').waitFor()
    await press('Add a field')
    await type(sheet.getByLabel('Name of the field'), 'Upper orchard')
    await type(sheet.getByLabel(/^Area/), '0.12')
    await press(/use my location/i, sheet)
    await expect.poll(() => sheet.getByLabel('Latitude').inputValue()).toBe('36.8')
    expect(await sheet.getByLabel(/^Elevation/).inputValue()).toBe('')
    await press('Add a field', sheet)

    // the crop follows at once; an apple tree is not sown today
    await sheet.getByRole('button', { name: 'Enter the crop' }).waitFor()
    await type(sheet.getByLabel('Search'), 'appl')
    expect(await sheet.getByLabel('Crop', { exact: true }).inputValue()).toBe('apple')
    expect(await sheet.getByLabel('Growing since').inputValue()).toMatch(/-04-01$/)
    await press('Enter the crop', sheet)
    await sheet.waitFor({ state: 'detached' })

    await press('A device made for Tilth')
    await press('Add device', sheet)
    const code = await sheet.locator('code').innerText()
    switchOnDevice(code)
    await sheet.getByText(/^Works: first reading/).waitFor({ timeout: 180_000 })
    await press('Continue', sheet)

    await press('Choose the valve')
    await expect.poll(() => sheet.getByLabel('Valve ID on the controller').inputValue()).toBe('V1')
    await sheet.getByText('100 % of the field.').waitFor()
    await sheet.getByText('It asks you before it waters, until you change this.').waitFor()
    await press('Add a zone', sheet)
    await sheet.waitFor({ state: 'detached' })

    await press('Enter the pump')
    await type(sheet.getByLabel('Capacity, L/min'), '90')
    expect(await sheet.getByRole('checkbox').isChecked()).toBe(true)
    await press('Save', sheet)
    await sheet.waitFor({ state: 'detached' })

    // half a minute of water, counted while it flows; the guide is not over before
    await page.getByText('5 of 7 done').waitFor()
    expect(await page.getByRole('button', { name: 'Go to Today' }).count()).toBe(0)
    await press('Open for 30 seconds')
    await page.getByText(/^Open, confirmed/).waitFor({ timeout: 60_000 })
    const flowed = page.getByText(/^\d[\d.]*\sL have flowed\. The valve is closed again, confirmed\.$/)
    await flowed.waitFor({ timeout: 120_000 })
    expect(parseFloat(await flowed.innerText())).toBeGreaterThan(0)

    await press(/^Asks before each run/)
    await page.getByText('7 of 7 done').waitFor()
    await press('Go to Today')
    await page
      .getByRole('link', { name: /Upper orchard/ })
      .first()
      .waitFor()

    const tookMs = performance.now() - startMs
    console.log(`first water: ${taps.count()} taps, ${Math.round(tookMs / 1000)} s`)
    expect(taps.count()).toBeLessThanOrEqual(MOST_TAPS)
    expect(tookMs).toBeLessThan(MOST_MS)
    const record = await tilth.state.selectFrom('irrigation').selectAll().executeTakeFirstOrThrow()
    expect(record).toMatchObject({ cause: 'test', volumeSource: 'metered' })
    expect(await tilth.state.selectFrom('zone').select('mode').execute()).toEqual([{ mode: 'approve' }])
    expect(phone.complaints).toEqual([])
  }, 600_000)
})
