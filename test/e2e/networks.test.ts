/**
 * A grower connects a network of another make and assigns its probe, on a complete Tilth, with a real Mosquitto as the
 * broker of ChirpStack and a real browser; taps and seconds are counted.
 */
import { connectAsync, type MqttClient } from 'mqtt'
import type { Browser, Locator } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DAY_MS, systemClock } from '../../broker/contract/time.ts'
import type { Latest } from '../../services/ports.ts'
import { chirpstackUplink } from '../services/integrations/messages.ts'
import { startOpenMosquitto } from '../support/mosquitto.ts'
import { requireProgram } from '../support/require.ts'
import { setUpFarm, type Farm } from '../system/farm.ts'
import { dashboardDir, hasBrowser, needs, openPhone, sharedBrowser, type Phone } from './browser.ts'

const withMosquitto = requireProgram('mosquitto', 'sudo apt-get install mosquitto')

withMosquitto('sensors of other makes', () => {
  describe.skipIf(!hasBrowser)(`a grower who owns some${needs}`, () => {
    let browser: Browser
    let farm: Farm
    let phone: Phone
    let broker: Awaited<ReturnType<typeof startOpenMosquitto>>
    let chirpstack: MqttClient
    let port: number
    let taps = 0

    beforeAll(async () => {
      browser = await sharedBrowser()
      farm = await setUpFarm({}, { dashboardDir })
      broker = await startOpenMosquitto()
      port = broker.port
      chirpstack = await connectAsync(broker.url, { reconnectPeriod: 100 })
      phone = await openPhone(browser)
      const { page } = phone
      await page.goto(farm.url)
      await page.getByLabel(/e-mail/i).fill('sato@farm.example')
      await page.getByLabel(/^password/i).fill('kome-to-mizu-2026')
      await page.keyboard.press('Enter')
      await page.getByRole('link', { name: 'Water', exact: true }).waitFor()
    }, 180_000)
    afterAll(async () => {
      await chirpstack?.endAsync(true)
      await broker?.stop()
      await phone?.close()
      await farm?.stop()
    })

    async function tap(locator: Locator): Promise<void> {
      await locator.tap()
      taps++
    }
    async function uplink(fCnt: number, daysAgo: number, moisture: number): Promise<void> {
      const { topic, payload } = chirpstackUplink(
        '24e124126a148401',
        {
          fCnt,
          time: new Date(systemClock.now() - daysAgo * DAY_MS).toISOString(),
          object: { moisture, temperature: 19.2, battery: 87 },
          data: Buffer.from([fCnt]).toString('base64'),
        },
        { deviceName: 'Row 4' },
      )
      await chirpstack.publishAsync(topic, Buffer.from(payload), { qos: 1 })
    }

    it('connects a ChirpStack with four taps, and sees its messages counted', async () => {
      const { page } = phone
      taps = 0
      await page.goto(`${farm.url}/devices`)
      const startedMs = performance.now()
      await tap(page.getByRole('button', { name: 'Add a device' }))
      await tap(page.getByRole('link', { name: 'ChirpStack' }))
      await page.getByLabel('Address').fill(`127.0.0.1:${port}`)
      await tap(page.getByRole('button', { name: 'Connect', exact: true }))
      await page.getByText('qos=1').waitFor()
      await page.locator('dialog').getByText('Connected, no message yet').waitFor({ timeout: 20_000 })
      for (const [i, daysAgo] of [3, 2, 1].entries()) await uplink(i + 1, daysAgo, 24 - i)
      await page.locator('dialog').getByText('Received 3 messages').waitFor({ timeout: 20_000 })
      await tap(page.getByRole('button', { name: 'To the devices' }))
      await page.getByRole('button', { name: /Row 4/ }).waitFor()
      const seconds = (performance.now() - startedMs) / 1_000
      console.log(`a new integration: ${taps} taps, ${seconds.toFixed(1)} s`)
      expect(taps).toBe(4)
      expect(seconds).toBeLessThan(180)
    }, 120_000)

    it('assigns its probe with two taps, and sees its last days in the chart of the field', async () => {
      const { page } = phone
      taps = 0
      const startedMs = performance.now()
      await page.getByText(/22(\.0)?\s%\svol\sat\s\?\scm/).waitFor()
      await tap(page.getByRole('button', { name: /Row 4/ }))
      // the only field and the usual depth are chosen already
      await tap(page.getByRole('button', { name: 'Assign', exact: true }))
      await page.getByRole('heading', { level: 1, name: 'North 3' }).waitFor()
      await page.locator('summary', { hasText: /sensor/i }).tap()
      await page.getByText(/22\s%\svol/).waitFor()
      const seconds = (performance.now() - startedMs) / 1_000
      console.log(`from a found probe to its chart: ${taps} taps, ${seconds.toFixed(1)} s`)
      expect(taps).toBe(2)
      expect(seconds).toBeLessThan(30)
      const newest: Latest[] = await farm.tilth.series.latest({ org: farm.org, field: farm.fieldId })
      expect(newest.find(({ quantity }) => quantity === 'soil.moisture')).toMatchObject({
        depthCm: 30,
        value: 22,
      })
      expect(phone.complaints).toEqual([])
    }, 60_000)
  })
})
