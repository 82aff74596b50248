/** The fields as a list or on a map: both have the same information, are accessible, and work without a network. */
import type { Browser, Page } from 'playwright-core'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { plantFarm } from '../services/api/rows.ts'
import { PASSWORD, startTestApi } from '../services/api/test-api.ts'
import {
  dashboardDir,
  hasBrowser,
  needs,
  openPhone,
  sharedBrowser,
  type Phone,
  type PhoneOptions,
} from './browser.ts'
import { startFixture, type Fixture, type FixtureOptions } from './fixture-server.ts'

describe.skipIf(!hasBrowser)(`the map of the fields${needs}`, () => {
  let browser: Browser
  let fixture: Fixture | undefined
  let phone: Phone | undefined

  beforeAll(async () => {
    browser = await sharedBrowser()
  })
  afterEach(async () => {
    const complaints = phone?.complaints ?? []
    await phone?.close()
    await fixture?.close()
    phone = fixture = undefined
    expect(complaints).toEqual([])
  })

  async function open(path: string, options: FixtureOptions = {}, how: PhoneOptions = {}): Promise<Page> {
    fixture = await startFixture({ dashboardDir, ...options })
    phone = await openPhone(browser, how)
    await phone.page.goto(fixture.url + path)
    return phone.page
  }
  const shapes = (page: Page) => page.locator('.map-field')

  it.each([
    {
      language: 'en',
      list: 'List',
      map: 'Map',
      name: 'Map of the fields',
      without: /^2 fields have no boundary on the map/,
    },
    { language: 'ja', list: '一覧', map: '地図', name: '圃場の地図', without: /境界が未登録の圃場 2枚/ },
  ])(
    'is a tap from the list, and is remembered ($language)',
    async ({ language, list, map, name, without: missingText }) => {
      const page = await open('/fields', {}, { language })
      const requests: string[] = []
      page.on('request', (request) => requests.push(request.url()))
      await page.locator('main ul.card li').first().waitFor()
      const drawing = () => requests.filter((url) => /\/leaflet-map-/.test(url)).length
      expect(drawing()).toBe(0)
      await page.getByRole('button', { name: map, exact: true }).tap()
      await page.getByRole('region', { name }).waitFor()
      await expect.poll(() => shapes(page).count()).toBe(10)
      expect(drawing()).toBe(1)
      // fields without a shape are listed, and can be opened there
      const missingRegion = page.getByRole('region', { name: missingText })
      expect(await missingRegion.getByRole('link').count()).toBe(2)

      await page.reload()
      await page.getByRole('region', { name }).waitFor()
      await page.getByRole('button', { name: list, exact: true }).tap()
      await expect.poll(() => page.locator('main ul.card li').count()).toBe(12)
      // no other server received a request
      expect(requests.filter((url) => !url.startsWith(fixture!.url))).toEqual([])
    },
  )

  it('shows the card of a field by a tap on its label or its shape, and by key, with its page and Start one tap further', async () => {
    const page = await open('/fields?map=')
    const card = (name: string) => page.getByRole('region', { name, exact: true })
    await page.getByRole('link', { name: /^North 3, 2\smm, Needs approval$/ }).tap()
    await card('North 3')
      .getByText(/2 of 45\smm left/)
      .waitFor()
    await card('North 3').getByRole('button', { name: 'Start…' }).tap()
    await page.getByRole('dialog', { name: 'Open North 3, Zone 1' }).waitFor()
    await page.goBack()
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    await card('North 3').getByRole('button', { name: 'Close' }).tap()
    await card('North 3').waitFor({ state: 'detached' })
    await page.goto(`${fixture!.url}/fields?map=south-1`)
    await card('South 1').getByRole('link', { name: 'Open field' }).tap()
    await page.getByRole('heading', { level: 1, name: 'South 1' }).waitFor()
    await page.goto(`${fixture!.url}/fields?map=`)
    await page.getByRole('link', { name: /^North 3/ }).press('Enter')
    await card('North 3').getByRole('link', { name: 'Open field' }).press('Enter')
    await page.getByRole('heading', { level: 1, name: 'North 3' }).waitFor()
  })

  it('shows the card by a tap on the shape, and the map stays where it is', async () => {
    const page = await open('/fields?map=')
    const shape = page.locator('.map-field.status-unknown').first()
    await shape.waitFor()
    // the edge of the chosen field is drawn wider
    const middle = async (selector: string) => {
      const { x, y, width, height } = (await page.locator(selector).first().boundingBox())!
      return [Math.round(x + width / 2), Math.round(y + height / 2)]
    }
    const middleBefore = await middle('.map-field.status-unknown')
    await shape.dispatchEvent('click')
    await page.locator('.map-field.status-unknown.is-shown').waitFor()
    await page.getByRole('link', { name: 'Open field' }).waitFor()
    expect(await middle('.map-field.is-shown')).toEqual(middleBefore)
  })

  it('fills the screen, and writes the water of each field, shortened names whole', async () => {
    const page = await open('/fields?map=')
    const board = page.getByRole('region', { name: 'Map of the fields' })
    await page.getByRole('link', { name: /^North 3/ }).waitFor()
    expect((await board.boundingBox())!.height).toBeGreaterThan(844 * 0.75)
    // where only the sign has room there is no text
    const labels = (await board.getByRole('link').allInnerTexts()).filter((text) => text !== '')
    expect(labels.length).toBeGreaterThan(0)
    for (const label of labels) expect(label).toMatch(/(mm|cm|–)( \?)?$/)
    const cutOff = await board
      .getByRole('link')
      .evaluateAll(
        (links) => links.filter(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth + 1).length,
      )
    expect(cutOff).toBe(0)
  })

  it.each([
    { language: 'en', width: 390, height: 844 },
    { language: 'ja', width: 390, height: 844 },
    { language: 'en', width: 1280, height: 800 },
    { language: 'ja', width: 1280, height: 800 },
  ])(
    'has the sign of every field, and no text over another text or sign ($language, $width px)',
    async (how) => {
      const page = await open('/fields?map=', {}, how)
      const board = page.getByRole('region', {
        name: how.language === 'en' ? 'Map of the fields' : '圃場の地図',
      })
      await board.locator('.label').first().waitFor()
      const { signs, overlaps } = await board.evaluate((element) => {
        const boxes = [
          ...element.querySelectorAll(
            '.sign, .label:not(.below, .above, .far), .tile, .leaflet-control-scale',
          ),
        ]
        const overlaps = boxes.flatMap((a, i) =>
          boxes.slice(i + 1).flatMap((b) => {
            const [one, other] = [a.getBoundingClientRect(), b.getBoundingClientRect()]
            const isOver =
              Math.min(one.right, other.right) - Math.max(one.left, other.left) > 1 &&
              Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top) > 1
            return isOver ? [`${a.textContent} over ${b.textContent}`] : []
          }),
        )
        return { signs: element.querySelectorAll('svg.mark').length, overlaps }
      })
      expect([signs, overlaps]).toEqual([10, []])
    },
  )

  it('names every field on a phone of 390 px, one without room at the end of a line', async () => {
    const page = await open('/fields?map=')
    const board = page.getByRole('region', { name: 'Map of the fields' })
    await board.locator('.label').first().waitFor()
    expect(await board.locator('.label .name').count()).toBe(10)
  })

  it('a drag that begins on a label moves the map and opens nothing (U4)', async () => {
    const page = await open('/fields?map=north-3')
    const label = page.getByRole('region').getByRole('link', { name: /^North 3/ })
    const boxBefore = (await label.boundingBox())!
    await page.mouse.move(boxBefore.x + 24, boxBefore.y + 24)
    await page.mouse.down()
    await page.mouse.move(boxBefore.x + 4, boxBefore.y + 84, { steps: 5 })
    await page.mouse.up()
    await expect.poll(async () => Math.round((await label.boundingBox())!.y - boxBefore.y)).toBe(60)
    expect(new URL(page.url()).pathname).toBe('/fields')
  })

  it('shows a field from its page, and the location of a device (U22)', async () => {
    const page = await open('/fields/river-bend')
    await page.getByRole('link', { name: 'Map', exact: true }).tap()
    await page.locator('.map-field.is-shown.status-unknown').waitFor()
    // an unknown status is hatched: it never looks like OK
    const fill = () => page.locator('.map-field.is-shown').evaluate((shape) => getComputedStyle(shape).fill)
    await expect.poll(fill).toContain('map-hatch')
    await page.goto(`${fixture!.url}/devices#device/probe-river`)
    // without a location the map shows its field
    await page.getByRole('link', { name: 'Set location' }).tap()
    await page.locator('dialog .map-field.is-shown').waitFor()
    expect(await page.locator('.map-pin').count()).toBe(0)
    // a field without a shape offers no map
    await page.goto(`${fixture!.url}/fields/greenhouse-1`)
    await page.getByRole('heading', { level: 1, name: 'Greenhouse 1' }).waitFor()
    expect(await page.getByRole('link', { name: 'Map', exact: true }).count()).toBe(0)
  })

  it('fits the fields again when the window changes, until a person moves the map', async () => {
    const page = await open('/fields?map=none', {}, { width: 1280, height: 800 })
    await shapes(page).first().waitFor()
    const width = async (): Promise<number> => {
      const boxes = await shapes(page).evaluateAll((paths) =>
        paths.map((path) => path.getBoundingClientRect()),
      )
      return Math.max(...boxes.map(({ right }) => right)) - Math.min(...boxes.map(({ left }) => left))
    }
    const before = await width()
    await page.setViewportSize({ width: 700, height: 500 })
    await expect.poll(width).toBeLessThan(before * 0.9)
    const small = await width()
    await page.setViewportSize({ width: 1280, height: 800 })
    await expect.poll(width).toBeGreaterThan(small * 1.1)
    const whole = await width()
    await page.getByRole('button', { name: 'Zoom in' }).click()
    await expect.poll(width).toBeGreaterThan(whole * 1.5)
    const near = await width()
    await page.setViewportSize({ width: 1000, height: 700 })
    expect(await width()).toBeCloseTo(near, 0)
  })

  it('changes the colour of a field with its status, and stays where it is', async () => {
    const page = await open('/fields?map=north-3')
    await page.locator('.map-field.is-shown.status-act').waitFor()
    const box = () => page.locator('.map-field.is-shown').boundingBox()
    await expect.poll(box).not.toBeNull() // it is drawn again when its name has found a place
    const boxBefore = await box()
    fixture!.turn('north-3', 'wet')
    await page.locator('.map-field.is-shown.status-wet').waitFor()
    await expect.poll(box).toEqual(boxBefore)
  })

  it('opens without a network, with the stored shapes', async () => {
    const page = await open('/fields?map=', {}, { worksOffline: true })
    await expect.poll(() => shapes(page).count()).toBe(10)
    await page.evaluate(() => navigator.serviceWorker.ready)
    await page.reload()
    await expect.poll(() => shapes(page).count()).toBe(10)
    await phone!.context.setOffline(true)
    await page.goto(`${fixture!.url}/fields?map=`)
    await page.getByText(/No connection\. Data from/).waitFor()
    await expect.poll(() => shapes(page).count()).toBe(10)
  })

  it('imports shapes from a file only after a preview that names the unusable ones', async () => {
    const page = await open('/fields')
    await page.getByRole('button', { name: 'Field boundaries' }).tap()
    const sheet = page.getByRole('dialog')
    await sheet
      .getByLabel('GeoJSON file')
      .setInputFiles({ name: 'farm.geojson', mimeType: 'application/geo+json', buffer: Buffer.from('{}') })
    for (const text of [
      'No. 2 Pond: its edge crosses itself',
      'No. 5: not a valid longitude and latitude',
      'No. 7 Old mill: its edge is not closed',
    ])
      await sheet.getByText(text).waitFor()
    await sheet.getByText(/On the map 0\.41\sha, entered 0\.32\sha: they differ by more than 10\s%/).waitFor()
    const imports = () => fixture!.received.filter(({ route }) => route === 'POST /api/shapes/import')
    expect(imports()).toEqual([])

    await sheet.getByLabel('Field for No. 4 ffeeddcc').selectOption('Greenhouse 1 · Abe')
    await sheet.getByLabel('Boundaries without a field').selectOption('New fields: Sato')
    await sheet.getByLabel('Soil').selectOption('Clay loam')
    await sheet.getByRole('button', { name: 'Import 2' }).tap()
    await sheet.getByText('New boundaries: 2. New fields: 0.').waitFor()
    expect(imports().map(({ body }) => body)).toEqual([
      {
        text: '{}',
        hash: 'a'.repeat(64),
        leaveOut: 3,
        newIn: { farmId: 'farm-sato', soilTexture: 'clay-loam', kind: 'upland' },
        assigned: [{ row: 4, fieldId: 'greenhouse-1' }],
      },
    ])
  })

  it('offers no import to a viewer', async () => {
    const page = await open('/fields', { role: 'viewer' })
    await page.locator('main ul.card li').first().waitFor()
    expect(await page.getByRole('button', { name: 'Field boundaries' }).count()).toBe(0)
  })

  it('shows tiles of the host that the operator chose, under the content security policy of the server', async () => {
    const mapTiles = { url: 'https://tiles.example/{z}/{x}/{y}.svg', attribution: '© Tiles of Example' }
    const tilth = await startTestApi({ dashboardDir, mapTiles })
    try {
      await plantFarm(tilth.state, 'midori')
      await tilth.signUp('midori', 'viewer')
      phone = await openPhone(browser)
      const { page } = phone
      const referers: (string | undefined)[] = []
      await page.route('https://tiles.example/**', (route) => {
        referers.push(route.request().headers().referer)
        return route.fulfill({
          contentType: 'image/svg+xml',
          body: '<svg xmlns="http://www.w3.org/2000/svg"/>',
        })
      })
      const url = `http://127.0.0.1:${tilth.api.port}`
      await page.goto(`${url}/fields?map=midori-field`)
      await page.getByLabel(/e-mail/i).fill('viewer@midori.example')
      await page.getByLabel(/^password/i).fill(PASSWORD)
      await page.keyboard.press('Enter')
      await page.locator('.leaflet-tile-loaded').first().waitFor()
      await page.locator('.map-field.is-shown').waitFor()
      await page.getByText('© Tiles of Example').waitFor()
      // the referrer has the server, never the page
      expect(new Set(referers)).toEqual(new Set([`${url}/`]))
    } finally {
      await phone?.page.unrouteAll({ behavior: 'wait' })
      await tilth.stop()
    }
  })
})
