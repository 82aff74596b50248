/** Jobs C1 and C2 of an irrigation contractor on the phone: find a dead device, replace it, and verify it. */
import { describe, expect, it } from 'vitest'
import { hasBrowser, needs, tapCounter } from './browser.ts'
import { useDashboard } from './dashboard.ts'
import { placePhoto } from '../support/label-photo.ts'
import type { FixtureOptions } from './fixture-server.ts'

describe.skipIf(!hasBrowser)(`devices on the phone${needs}`, () => {
  const dashboard = useDashboard({ onePhone: true })
  const open = (path: string, options: FixtureOptions = {}) => dashboard.open(path, options)
  const bodiesOf = (route: string) =>
    dashboard.fixture.received.filter((item) => item.route === route).map(({ body }) => body)

  it('devices that went silent together are one row, working devices are collapsed, and a battery that ends soon is shown in days', async () => {
    const page = await open('/devices')
    await page.getByText('3 devices silent since').waitFor()
    // one outage, and four devices with individual problems
    await page.getByText('5 problems').waitFor()
    await page.getByText('about 6 days left (4–9)').waitFor()
    expect(await page.getByText('Hill probe 1').isVisible()).toBe(false)
    await page.getByText('3 devices affected').tap()
    await page.getByText('Hill probe 1').waitFor()
    expect(await page.getByText('Weather hill').isVisible()).toBe(false)
    await page.getByText('3 working').tap()
    await page.getByText('Weather hill').waitFor()
  })

  it('a device is found on the map and its photo seen in two taps', async () => {
    const page = await open('/devices')
    const taps = tapCounter()
    await taps.tap(page.getByRole('button', { name: /North probe/ }))
    await page.getByRole('img', { name: /^Location of North probe/ }).waitFor()
    await taps.tap(page.getByRole('link', { name: 'Find on map' }))
    await page.locator('.map-pin').waitFor()
    expect(taps.count()).toBe(2)
  })

  it("its location is set by a tap on the map, or from the phone's position", async () => {
    const page = await open('/devices#place/probe-river')
    await dashboard.phone.context.grantPermissions(['geolocation'])
    await dashboard.phone.context.setGeolocation({ latitude: 37.45, longitude: 138.85 })
    await page.getByRole('button', { name: 'Use my location' }).tap()
    await page.getByRole('button', { name: 'Save location' }).tap()
    await expect
      .poll(() => bodiesOf('POST /api/devices/probe-river/place'))
      .toEqual([{ at: { latDeg: 37.45, lonDeg: 138.85 } }])
    await page.getByRole('region', { name: 'Map of the fields' }).tap({ position: { x: 120, y: 200 } })
    await page.getByRole('button', { name: 'Save location' }).tap()
    await expect.poll(() => bodiesOf('POST /api/devices/probe-river/place').length).toBe(2)
  })

  it('a photo is scaled down on the phone before it is sent', async () => {
    const page = await open('/devices#device/probe-river')
    const camera = page.getByLabel('Photo of the location')
    await camera.waitFor({ state: 'attached' })
    await camera.setInputFiles(await placePhoto(page))
    await page.getByRole('img', { name: /^Location of River probe/ }).waitFor()
    const [photoBody] = bodiesOf('POST /api/devices/probe-river/photo') as {
      thumbnail: string
      picture: string
    }[]
    const sizes = await page.evaluate(async (pictures) => {
      const sizeOf = async (base64: string) => {
        const image = new Image()
        image.src = `data:image/jpeg;base64,${base64}`
        await image.decode()
        return [image.naturalWidth, image.naturalHeight]
      }
      return [await sizeOf(pictures.thumbnail), await sizeOf(pictures.picture)]
    }, photoBody!)
    expect(sizes).toEqual([
      [200, 150],
      [1_280, 960],
    ])
  })

  it('a new device is added by a photo of its label, and the page waits for it', async () => {
    const page = await open('/devices#claim-device')
    const camera = page.getByLabel('Scan its label')
    await camera.waitFor({ state: 'attached' })
    await camera.setInputFiles(await placePhoto(page))
    await expect
      .poll(() => page.getByLabel('Code on its label').inputValue())
      .toBe('K3QF-7M2P-XR4T-9WBA-CDF0')
    const [picture] = bodiesOf('POST /api/labels/read') as { width: number; height: number; grey: string }[]
    expect([picture!.width, picture!.height]).toEqual([900, 675])
    expect(Buffer.from(picture!.grey, 'base64')).toHaveLength(900 * 675)
    await page.getByLabel('Name').fill('Orchard')
    await page.getByRole('button', { name: 'Add device' }).tap()
    await page.getByText(/^Waiting for the device/).waitFor()
    expect(bodiesOf('POST /api/claim-codes')).toMatchObject([
      { code: 'K3QF-7M2P-XR4T-9WBA-CDF0', kind: 'probe' },
    ])
    // the label of the device is known: no typing is needed
    expect(await page.getByText('Enter this code on the device').count()).toBe(0)
  })

  it('a sensor is swapped without a label by a code that is shown once', async () => {
    const page = await open('/devices#device/probe-river')
    await page.getByRole('button', { name: /^Replace this device/ }).tap()
    await page.getByRole('button', { name: 'Add the new hardware' }).tap()
    await page.getByText('WXYZ-7M2P-XR4T-9WBA-CDF0').waitFor()
    await page.getByText(/^Waiting for the device/).waitFor()
    expect(bodiesOf('POST /api/devices/probe-river/claim-code')).toEqual([{}])
  })

  it('a valve is tested for half a minute, and its four states and litres are shown', async () => {
    const page = await open('/devices#device/controller-1')
    await page.locator('summary', { hasText: 'Valve test' }).click()
    await page.getByRole('button', { name: /^Open North 3/ }).tap()
    await page.getByText(/Open, confirmed/).waitFor()
    await page.getByText(/metered \d+\sL/).waitFor()
    expect(bodiesOf('POST /api/zones/zone-north-3/test')).toEqual([
      { idem: expect.any(String) as string, pressedAtMs: expect.any(Number) as number },
    ])
  })

  it('a viewer changes nothing of it', async () => {
    const page = await open('/devices#device/controller-1', { role: 'viewer' })
    await page.locator('summary', { hasText: 'Valve test' }).click()
    await page.getByRole('button', { name: /^Open North 3/ }).waitFor()
    expect(await page.getByRole('button', { name: /^Open North 3/ }).getAttribute('aria-disabled')).toBe(
      'true',
    )
    expect(await page.getByRole('button', { name: /^Replace this device/ }).count()).toBe(0)
    expect(await page.getByLabel('Photo of the location').count()).toBe(0)
  })

  it("Water shows planned, confirmed and metered litres of last night's run side by side (U14)", async () => {
    const page = await open('/water')
    const row = page.getByRole('button', { name: /South 1/ })
    await row.waitFor()
    const text = (await row.innerText()).replace(/\s+/g, ' ')
    expect(text).toMatch(/Planned .*By run time .*Metered /)
  })
})
