/**
 * The main jobs of Tilth, each done in the running demonstration by a person with a phone (a farmer, a contractor) or
 * a laptop (an adviser). The taps are counted: no more than the design allows. A minute of the farm passes each
 * second.
 */
import { randomBytes } from 'node:crypto'
import mqtt from 'mqtt'
import type { Locator } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { newClaimCode } from '../../broker/contract/claim-code.ts'
import { systemClock } from '../../broker/contract/time.ts'
import { claimDevice } from '../../firmware-sim/devices/claim.ts'
import { tapCounter } from '../e2e/browser.ts'
import { exportChoice } from '../e2e/dashboard.ts'
import { labelPhoto, placePhoto } from '../support/label-photo.ts'
import { BUSY, SECOND_MS, type DemoOnPhone } from './demo-on-phone.ts'
import { farmerJobs } from './farmer-jobs.ts'

/** Call it in a describe block. */
export function farmJobs(demoPhone: DemoOnPhone): void {
  const laptop = { width: 1280, height: 800 }

  describe('of a farmer with a phone in the field', () => farmerJobs(demoPhone))

  describe('of a contractor', () => {
    it('C1: Today shows silent devices without a tap, one row for each cause', async () => {
      const startedMs = performance.now()
      const page = await demoPhone.open('/')
      const gateway = page.getByRole('listitem').filter({ hasText: /Ito: 3 of 3 devices silent since/ })
      await gateway.waitFor()
      expect(performance.now() - startedMs).toBeLessThan(BUSY * 3 * SECOND_MS)
      expect(await gateway.count()).toBe(1)
      // none of the three devices behind the gateway repeats it
      const rows = await page
        .locator('main')
        .getByText(/silent since/)
        .count()
      expect(rows).toBe(1)
      const battery = page.getByRole('listitem').filter({ hasText: /Shrine east: battery/ })
      expect(await battery.count()).toBe(1)
    })

    it('C2: its location and photo in two taps; replaced by camera; a valve test of half a minute', async () => {
      const page = await demoPhone.open('/devices#device/soil-shrine-east')
      const camera = page.getByLabel('Photo of the location')
      await camera.waitFor({ state: 'attached' })
      await camera.setInputFiles(await placePhoto(page))
      await page.getByRole('img', { name: /^Location of Shrine east/ }).waitFor()

      await page.goto(`${demoPhone.demo.url}/`)
      const { tap, count } = tapCounter()
      await tap(
        page
          .getByRole('listitem')
          .filter({ hasText: /Shrine east: battery/ })
          .getByRole('link'),
      )
      await page.getByRole('img', { name: /^Location of Shrine east/ }).waitFor()
      await tap(page.getByRole('link', { name: 'Find on map' }))
      await page.locator('.map-pin').waitFor()
      expect(count()).toBe(2)

      const startedMs = performance.now()
      await page.goto(`${demoPhone.demo.url}/devices#device/soil-shrine-east`)
      await page.getByRole('button', { name: /^Replace this device/ }).tap()
      const code = newClaimCode(randomBytes)
      const label = page.getByLabel('Scan its label')
      await label.waitFor({ state: 'attached' })
      await label.setInputFiles(await labelPhoto(page, code))
      await expect.poll(() => page.getByLabel('Code on its label').inputValue()).toBe(code)
      await page.getByRole('button', { name: 'Add the new hardware' }).tap()
      await page.getByText(/^Waiting for the device/).waitFor()
      await speakAsNew(code)
      await page.getByText(/^Works: first reading/).waitFor()
      expect(performance.now() - startedMs).toBeLessThan(120 * SECOND_MS)

      await page.goto(`${demoPhone.demo.url}/devices#device/ctl-sato`)
      await page.getByRole('button', { name: /^Open North 3/ }).tap()
      await page.getByText('Closed again').waitFor({ timeout: 60 * SECOND_MS })
    }, 240_000)

    /** The new hardware: claims with its code, and publishes measurements. */
    async function speakAsNew(code: string): Promise<void> {
      const nonce = randomBytes(12).toString('hex')
      const claimed = await claimDevice({
        at: demoPhone.demo.url,
        code,
        nonce,
        clock: systemClock,
        note() {},
      })
      if (!claimed.ok) throw new Error(claimed.error)
      const { id, org, secret } = claimed.value
      const device = await mqtt.connectAsync(demoPhone.demo.mqttUrl, {
        clientId: id,
        username: id,
        password: secret,
      })
      const soil = { depth: 20, moisture: 24.1 }
      const message = { v: 1, n: 1, boot: 1, monoMs: 5_000, measurements: [{ soil }] }
      await device.publishAsync(`tilth/v1/${org}/${id}/telemetry`, JSON.stringify(message), { qos: 1 })
      await device.endAsync()
    }

    it("C3: last night's water is shown next to the plan, one tap away", async () => {
      const page = await demoPhone.open('/')
      const { tap, count } = tapCounter()
      await tap(page.getByRole('link', { name: 'Water', exact: true }))
      const done = page.getByRole('list', { name: 'Done' }).getByRole('button').filter({ hasText: 'Metered' })
      await done.first().waitFor()
      const text = (await done.first().innerText()).replace(/\s+/g, ' ')
      expect(text).toMatch(/Planned [\d.,]+ (L|m³) By run time [\d.,]+ (L|m³) Metered [\d.,]+ (L|m³)/)
      expect(count()).toBe(1)
    })
  })

  describe('of an adviser with a laptop', () => {
    it('A1: the season of all members is downloaded in three clicks', async () => {
      const page = await demoPhone.open('/', laptop)
      const saved = page.waitForEvent('download')
      const { click, count } = clickCounter()
      await click(page.getByRole('link', { name: 'Reports' }))
      await click(page.getByRole('button', { name: 'Export' }))
      const startedMs = performance.now()
      await click(exportChoice(page, 'XLSX'))
      expect((await saved).suggestedFilename()).toBe('tilth-season-2026-rice.xlsx')
      expect(performance.now() - startedMs).toBeLessThan(BUSY * 10 * SECOND_MS)
      expect(count()).toBe(3)
    }, 120_000)

    it('A2: members with missing data come first without a click, and the field is one click away', async () => {
      const page = await demoPhone.open('/reports', laptop)
      const members = page.locator('tbody tr')
      await members.first().waitFor()
      const first = members.first()
      // the station was installed weeks after the rice
      expect(await first.innerText()).toMatch(/Weather: Paddy \d/)
      const { click, count } = clickCounter()
      await click(first.getByRole('link').first())
      await page.waitForURL(/\/fields\/paddy-\d/)
      expect(count()).toBe(1)
    })

    it('A3: the fields of a member are shown next to their earlier years on the same basis, two clicks away', async () => {
      const page = await demoPhone.open('/', laptop)
      const { click, count } = clickCounter()
      await click(page.getByRole('link', { name: 'Reports' }))
      await page.getByText(/Brown rice at 15\s% moisture/).waitFor()
      await click(page.locator('tbody').getByRole('button', { name: 'Sato' }))
      const years = page.locator('section table')
      await years.first().waitFor()
      const heads = (await years.first().locator('thead th').allInnerTexts()).map((head) => head.trim())
      expect(heads).toEqual(['Field', '2024', '2025', '2026', '5‑yr', 'Water m³/ha', 'Sprays', 'Missing'])
      expect((await years.first().innerText()).replace(/\s+/g, ' ')).toMatch(/Paddy 3 .*5\.12 5\.38/)
      expect(count()).toBe(2)
    })
  })
}

/** Counts clicks. */
function clickCounter(): { click(target: Locator): Promise<void>; count(): number } {
  let clicks = 0
  return {
    async click(target) {
      await target.click()
      clicks++
    },
    count: () => clicks,
  }
}
