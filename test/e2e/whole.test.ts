/**
 * The whole product in one test: simulated devices on real MQTT, every service, and a person with a phone who signs
 * in, opens a valve, sees it confirmed, and stops it. The previous week passes in seconds; then the clock runs.
 */
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DAY_MS, HOUR_MS, startOfDay } from '../../broker/contract/time.ts'
import { weatherFromNormals } from '../../firmware-sim/weather/weather-normals.ts'
import { coOperative } from '../../firmware-sim/demo/co-operative.ts'
import { startSimulation, type Simulation } from '../../firmware-sim/demo/simulation.ts'
import { scratchDir } from '../../firmware-sim/demo/scratch-dir.ts'
import { readSettings } from '../../services/config/settings.ts'
import { eventually } from '../system/farm.ts'
import { dashboardDir, hasBrowser, needs, openPhone, sharedBrowser, type Phone } from './browser.ts'

const email = 'sato@shinano-hills.example'
const password = 'kome-to-mizu-2026'
const silent = {
  debug() {},
  info() {},
  warn() {},
  error: (fields: object, text: string) => console.error(text, fields),
}

describe.skipIf(!hasBrowser)(`from the sensor to the valve and the phone${needs}`, () => {
  const scratch = scratchDir('whole')
  let browser: Browser
  let rehearsal: Simulation
  let phone: Phone
  let url: string

  beforeAll(async () => {
    browser = await sharedBrowser()
    const settings = readSettings(
      { DATA_DIR: scratch.path, HOST: '127.0.0.1', MQTT_HOST: '127.0.0.1', PORT: '0', MQTT_PORT: '0' },
      null,
    )
    if (!settings.ok) throw new Error(settings.error)
    rehearsal = await startSimulation({
      place: coOperative,
      weather: weatherFromNormals('rice-plain', '2026-01-01', 'kome'),
      seed: 'kome',
      fromDay: '2026-07-28',
      settings: settings.value,
      log: silent,
      speed: 60,
      demo: true,
      dashboardDir,
    })
    await rehearsal.tilth.api.createUser({
      email,
      password,
      name: 'Sato',
      org: coOperative.org,
      orgName: coOperative.name,
      role: 'admin',
    })
    await rehearsal.fastForward(startOfDay('2026-07-28', 'Asia/Tokyo') + 4 * DAY_MS + 11 * HOUR_MS)
    rehearsal.goLive()
    url = `http://127.0.0.1:${rehearsal.tilth.port}`
    phone = await openPhone(browser)
  }, 120_000)

  afterAll(async () => {
    await phone?.close()
    await rehearsal?.stop()
    scratch.remove()
  })

  it('Today shows four days of readings, and every field is assessed', async () => {
    const { page } = phone
    await page.goto(url)
    await page.getByLabel(/e-mail/i).fill(email)
    await page.getByLabel(/^password/i).fill(password)
    await page.keyboard.press('Enter')
    await page.getByRole('list', { name: 'Fields' }).waitFor()
    const today = await page.evaluate(() => fetch('/api/today').then((response) => response.json()))
    expect(today.fields).toHaveLength(12)
    expect(today.counts.unknown).toBe(0)
    expect(rehearsal.tilth.ingest.counters()).toMatchObject({ deadLetters: 0, missing: 0 })
  })

  it('a valve that a person opens is confirmed by the controller, and the water reaches the soil', async () => {
    const { page } = phone
    const appliedBefore = rehearsal.world.summary('river-bend').appliedMm
    await page.goto(`${url}/fields/river-bend`)
    await page
      .getByRole('button', { name: /^Start/ })
      .or(page.getByRole('link', { name: /^Start/ }))
      .first()
      .click()
    await page.getByRole('button', { name: /^Open for/ }).click()
    await page
      .getByText(/Open, confirmed/)
      .first()
      .waitFor({ timeout: 20_000 })
    await eventually(async () =>
      rehearsal.world.summary('river-bend').appliedMm > appliedBefore ? true : null,
    )
  })

  it('one tap on STOP closes it, and the record states who stopped it and how much flowed', async () => {
    const { page } = phone
    await page.keyboard.press('Escape')
    await page.goto(`${url}/`)
    await page.getByRole('button', { name: /^Stop River bend/ }).click()
    await page.getByText('Stopped').first().waitFor({ timeout: 20_000 })
    const record = await eventually(() =>
      rehearsal.tilth.state
        .selectFrom('irrigation')
        .selectAll()
        .where('fieldId', '=', 'river-bend')
        .orderBy('commandedAtMs', 'desc')
        .executeTakeFirst(),
    )
    expect(record).toMatchObject({ cause: 'manual', volumeSource: 'metered', endReason: 'command' })
    expect(record.litres).toBeGreaterThanOrEqual(0)
    expect(phone.complaints).toEqual([])
  })
})
