/**
 * A contractor's visit, on a complete Tilth with simulated hardware and a real browser: a probe is claimed by a photo
 * of its label, new hardware replaces it, and a valve is tested.
 */
import { randomBytes } from 'node:crypto'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { newClaimCode } from '../../broker/contract/claim-code.ts'
import { addDays, dayOf, systemClock } from '../../broker/contract/time.ts'
import { claimDevice, type Claimed } from '../../firmware-sim/devices/claim.ts'
import { startController, type Controller } from '../../firmware-sim/devices/controller.ts'
import type { Device } from '../../firmware-sim/devices/device.ts'
import { startProbe } from '../../firmware-sim/devices/probe.ts'
import { normals, weatherFromNormals } from '../../firmware-sim/weather/weather-normals.ts'
import { weatherAt } from '../../firmware-sim/weather/weather.ts'
import { createWorld, type World } from '../../firmware-sim/world.ts'
import { labelPhoto } from '../support/label-photo.ts'
import { eventually, setUpFarm, type Farm } from '../system/farm.ts'
import { dashboardDir, hasBrowser, needs, openPhone, sharedBrowser, type Phone } from './browser.ts'

describe.skipIf(!hasBrowser)(`a contractor's visit${needs}`, () => {
  let browser: Browser
  let farm: Farm
  let world: World
  let controller: Controller
  let phone: Phone
  const devices: Device[] = []

  beforeAll(async () => {
    browser = await sharedBrowser()
    farm = await setUpFarm({}, { dashboardDir })
    const { site } = normals['rice-plain']!
    const nowMs = systemClock.now()
    const firstDay = addDays(dayOf(nowMs, site.timeZone), -10)
    world = createWorld({
      weather: weatherAt(weatherFromNormals('rice-plain', firstDay, '1'), site, '1'),
      fields: [
        { id: 'f', kind: 'upland', areaM2: 1200, crop: 'soybean', plantedDay: firstDay, soil: 'loam' },
      ],
      startMs: nowMs,
      seed: '1',
    })
    controller = await startController({
      credentials: { ...farm.controller, org: farm.org },
      url: `mqtt://127.0.0.1:${farm.tilth.mqttPort}`,
      clock: systemClock,
      world,
      seed: '1',
      sampleS: 5,
      litresPerPulse: 1,
      valves: [{ id: 'V1', field: 'f', ratedLpm: 160 }],
    })
    phone = await openPhone(browser)
    const { page } = phone
    await page.goto(farm.url)
    await page.getByLabel(/e-mail/i).fill('sato@farm.example')
    await page.getByLabel(/^password/i).fill('kome-to-mizu-2026')
    await page.keyboard.press('Enter')
    await page.getByRole('link', { name: 'Water', exact: true }).waitFor()
  }, 180_000)
  afterAll(async () => {
    await phone?.close()
    for (const device of devices) await device.stop()
    await controller?.stop()
    await farm?.stop()
  })

  /** The device claims its credentials with the code, then publishes. */
  async function claimAs(code: string): Promise<Claimed> {
    const nonce = randomBytes(12).toString('hex')
    const claimed = await claimDevice({ at: farm.url, code, nonce, clock: systemClock, note() {} })
    if (!claimed.ok) throw new Error(claimed.error)
    return claimed.value
  }
  async function startProbeDevice({ id, secret }: Claimed, seed: string): Promise<Device> {
    const device = await startProbe({
      credentials: { id, org: farm.org, secret, commandKey: null },
      url: `mqtt://127.0.0.1:${farm.tilth.mqttPort}`,
      clock: systemClock,
      world,
      seed,
      sampleS: 1,
      field: 'f',
      depthsCm: [30],
    })
    devices.push(device)
    return device
  }

  it('adds a probe by a photo of its label, and sees its first reading arrive', async () => {
    const { page } = phone
    const code = newClaimCode(randomBytes)
    await page.goto(`${farm.url}/devices#claim-device`)
    const camera = page.getByLabel('Scan its label')
    await camera.waitFor({ state: 'attached' })
    await camera.setInputFiles(await labelPhoto(page, code))
    await expect.poll(() => page.getByLabel('Code on its label').inputValue(), { timeout: 20_000 }).toBe(code)
    await page.getByLabel('Name').fill('Orchard')
    await page.getByLabel('Location').selectOption({ label: 'North 3' })
    await page.getByRole('button', { name: 'Add device' }).click()
    await page.getByText(/^Waiting for the device/).waitFor()
    await startProbeDevice(await claimAs(code), 'first')
    await page.getByText(/^Works: first reading/).waitFor()
  }, 120_000)

  it('replaces it: the new hardware takes over its name, the old one is disconnected, and the first reading is shown', async () => {
    const { page } = phone
    const code = newClaimCode(randomBytes)
    await page.goto(`${farm.url}/devices#device/probe-orchard`)
    await page.getByRole('button', { name: /^Replace this device/ }).click()
    const camera = page.getByLabel('Scan its label')
    await camera.waitFor({ state: 'attached' })
    await camera.setInputFiles(await labelPhoto(page, code))
    await expect.poll(() => page.getByLabel('Code on its label').inputValue(), { timeout: 20_000 }).toBe(code)
    await page.getByRole('button', { name: 'Add the new hardware' }).click()
    await page.getByText(/^Waiting for the device/).waitFor()
    const [oldDevice] = devices
    const claimed = await claimAs(code)
    expect(claimed).toMatchObject({ id: 'probe-orchard', kind: 'probe' })
    await oldDevice!.stop()
    // it starts with its own first number, and none of its messages counts as a repeat of the old device's
    await startProbeDevice(claimed, 'second')
    await page.getByText(/^Works: first reading/).waitFor()
    expect(farm.tilth.ingest.counters()).toMatchObject({ deadLetters: 0 })
  }, 120_000)

  it('opens a valve for half a minute, and the record marks it as a test', async () => {
    const { page } = phone
    await page.goto(`${farm.url}/devices#device/ctl-one`)
    await page.getByRole('button', { name: /^Open North 3/ }).click()
    await page
      .getByText(/Open, confirmed/)
      .first()
      .waitFor()
    await page.getByText('Closed again').waitFor({ timeout: 60_000 })
    const record = await eventually(() =>
      farm.tilth.state.selectFrom('irrigation').selectAll().executeTakeFirst(),
    )
    expect(record).toMatchObject({ cause: 'test', commandedMinutes: 0.5, endReason: 'timer' })
    expect(record.ranMs).toBeLessThanOrEqual(31_000)
    expect(record.litres).toBeGreaterThan(0)
    expect(phone.complaints).toEqual([])
  }, 120_000)
})
