/** The season's report in a browser: downloaded in three clicks, missing data first, years compared in two. */
import { readFile } from 'node:fs/promises'
import readSheet from 'read-excel-file/node'
import { describe, expect, it } from 'vitest'
import { spraySchemes } from '../../dashboard/src/reports/spray-schemes.ts'
import { hasBrowser, needs } from './browser.ts'
import { exportChoice, useDashboard } from './dashboard.ts'
import type { FixtureOptions } from './fixture-server.ts'

describe.skipIf(!hasBrowser)(`reports${needs}`, () => {
  const dashboard = useDashboard({ onePhone: true })
  const open = (
    path: string,
    how: { width?: number; height?: number; language?: string } = {},
    options: FixtureOptions = {},
  ) => dashboard.open(path, options, how)
  const laptop = { width: 1280, height: 900 }

  it('A1: an adviser downloads the season in three clicks', async () => {
    const page = await open('/', laptop)
    const saved = page.waitForEvent('download')
    await page.getByRole('link', { name: 'Reports' }).click()
    await page.getByRole('button', { name: 'Export' }).click()
    await exportChoice(page, 'XLSX').click()
    const file = await saved
    expect(file.suggestedFilename()).toBe('tilth-season-2026-rice.xlsx')
    const workbook = (await readSheet(await readFile(await file.path()))) as unknown as { sheet: string }[]
    expect(workbook.map(({ sheet }) => sheet)).toContain('Summary')
  })

  it('A1: all crops of the season are one workbook', async () => {
    const page = await open('/', laptop)
    const saved = page.waitForEvent('download')
    await page.getByRole('link', { name: 'Reports' }).click()
    await page.getByRole('button', { name: 'Export' }).click()
    await exportChoice(page, 'XLSX, all crops').click()
    const workbook = (await readSheet(await readFile(await (await saved).path()))) as unknown as {
      sheet: string
    }[]
    const names = workbook.map(({ sheet }) => sheet)
    expect(names.slice(0, 2)).toEqual(['Summary rice', 'Fields rice']) // the fixture grows nothing else
    expect(names).toContain('Loads')
  })

  it('A4: members are notified of spray hours in three clicks, and the recipients are shown first', async () => {
    const page = await open('/', laptop, { reports: 'members', role: 'agronomist' })
    const shareRequest = page.waitForRequest((request) => request.url().endsWith('/api/memberships/advice'))
    await page.getByRole('link', { name: 'Reports' }).click()
    await page.getByRole('button', { name: 'Notify members' }).click()
    await page.getByText('3 people: English, 日本語 · 1 by notification, others on Today').waitFor()
    await page.getByText('nobody can sign in').waitFor()
    await page.getByRole('button', { name: 'Notify 2 members' }).click()
    const form = (await shareRequest).postDataJSON() as {
      fromMs: number
      toMs: number
      membershipIds: string[]
    }
    expect(form).toMatchObject({ kind: 'spray-window', pest: null, membershipIds: ['sato', 'mori'] })
    expect(form.toMs - form.fromMs).toBe(3 * 3_600_000)
    await page.getByText('2 members notified.').waitFor()
  })

  it('a viewer notifies nobody, and unshared data is named', async () => {
    const page = await open('/reports', laptop, { reports: 'members', role: 'viewer' })
    await page
      .getByText(/Not shared: /)
      .first()
      .waitFor()
    expect(await page.getByRole('button', { name: 'Notify members' }).count()).toBe(0)
  })

  it('each format is a separate file, and all are of the selected member', async () => {
    const page = await open('/reports', { ...laptop, language: 'ja' })
    await page.getByRole('button', { name: '書き出す' }).click()
    const download = async (name: string) => {
      const saved = page.waitForEvent('download')
      await exportChoice(page, name).click()
      const file = await saved
      return { name: file.suggestedFilename(), bytes: await readFile(await file.path()) }
    }
    expect((await download('PDF')).bytes.subarray(0, 5).toString()).toBe('%PDF-')
    expect(JSON.parse((await download('GeoJSON')).bytes.toString())).toMatchObject({
      type: 'FeatureCollection',
    })
    expect(JSON.parse((await download('ADAPT')).bytes.toString())).toHaveProperty('documents.workRecords')
    expect((await download('SPRING')).bytes.toString()).toContain('生産者グループ計')
    expect((await download('農作業 CSV')).bytes.toString()).toContain('圃場')
    const csv = await download('CSV Shift_JIS')
    expect(csv.name).toBe('tilth-season-2026.csv')
    expect(new TextDecoder('shift_jis', { fatal: true }).decode(csv.bytes)).toMatch(
      /^Midori　全組合員,.*\r\n組合員コード,/,
    )
    // the names Ōta, Saitō and Katō have letters that the encoding lacks
    await page.getByText(/Shift_JISにない\d+文字を〓にしました/).waitFor()
    const member = page.locator('tbody th button').first()
    const name = (await member.innerText()).trim().split('\n')[0]!
    await member.click()
    const orderRequest = page.waitForRequest((request) => request.method() === 'POST')
    await page.getByText(`2026年・${name}`).waitFor()
    const csvOfOne = new TextDecoder('shift_jis').decode((await download('CSV Shift_JIS')).bytes)
    expect(csvOfOne.split('\r\n')[0]).toContain(name)
    await exportChoice(page, 'PDF').click()
    expect((await orderRequest).postDataJSON()).toMatchObject({
      format: 'pdf',
      farmId: expect.stringMatching(/^midori-m\d+$/),
    })
    await page
      .getByRole('button', { name: new RegExp(`PDF 2026 水稲 · ${name} ·.*をダウンロード`) })
      .waitFor()
  }, 120_000) // eight files, one after the other

  it('while another year loads, no figure of the former year is on the screen', async () => {
    const page = await open('/reports', laptop)
    await page.locator('tbody th button').first().waitFor()
    let release = () => {}
    const held = new Promise<void>((resolve) => (release = resolve))
    await page.route(/api\/reports\/season\?.*year=2025/, async (route) => {
      await held
      await route.continue()
    })
    await page.getByLabel('Season').selectOption('2025')
    await page.getByText('Loading 2025').waitFor()
    expect(await page.locator('table.figures').count()).toBe(0)
    release()
    await page.locator('tbody th button').first().waitFor()
  })

  it('an auditor without an account checks a file', async () => {
    const page = await open('/reports', laptop)
    await page.getByRole('button', { name: 'Export' }).click()
    const saved = page.waitForEvent('download')
    await page.getByRole('button', { name: 'GeoJSON' }).click()
    const bytes = await readFile(await (await saved).path())
    await page.goto(`${dashboard.fixture.url}/verify`)
    const give = (buffer: Buffer) =>
      page
        .locator('input[type=file]')
        .setInputFiles({ name: 'season.geojson', mimeType: 'text/plain', buffer })
    await give(bytes)
    await page.getByText('season.geojson: unchanged, and signed by this server').waitFor()
    await give(Buffer.from(bytes.toString().replace('"fields":', '"fieldz":')))
    await page.getByText('season.geojson: changed since this server made it').waitFor()
    await give(Buffer.from('{}'))
    await page.getByText(/season.geojson: no seal/).waitFor()
  })

  it('a report requested before the laptop was closed is available when it is opened again', async () => {
    const page = await open('/reports', laptop)
    await page.getByRole('button', { name: 'Export' }).click()
    const ordered = page.waitForResponse((response) => response.request().method() === 'POST')
    await page.getByRole('button', { name: 'GeoJSON' }).click()
    await ordered
    await page.reload()
    await page.getByRole('button', { name: 'Export' }).click()
    const saved = page.waitForEvent('download')
    await page.getByRole('button', { name: /^Download GeoJSON 2026/ }).click()
    expect((await saved).suggestedFilename()).toBe('tilth-season-2026-rice.geojson')
  })

  it('the list says which crop and season each file has, another crop is one tap, and a word says that it was made', async () => {
    const page = await open('/reports', {}, { reports: 'two-crops' })
    await page.getByRole('button', { name: 'Export' }).click()
    const list = page.locator('.menu')
    await list.getByText('2026, All members').waitFor()
    await list.getByRole('heading', { name: 'Only rice' }).waitFor()
    await list.getByRole('heading', { name: 'All crops in one file' }).waitFor()
    await list.getByRole('button', { name: 'soybean' }).click()
    await list.getByRole('heading', { name: 'Only soybean' }).waitFor()
    const saved = page.waitForEvent('download')
    await exportChoice(page, 'GeoJSON').click()
    expect((await saved).suggestedFilename()).toBe('tilth-season-2026-soybean.geojson')
    // below the button that was tapped, not at the end of the page
    const row = list.getByRole('listitem').filter({ has: exportChoice(page, 'GeoJSON') })
    await row.getByRole('status').getByText('Downloaded: tilth-season-2026-soybean.geojson').waitFor()
    await list.getByRole('button', { name: /^Download GeoJSON 2026 soybean/ }).waitFor()
    await list.getByRole('button', { name: 'Close the list' }).click()
    expect(await list.count()).toBe(0)
  })

  it('the sprays for an auditor are downloaded in the columns of a scheme', async () => {
    const page = await open('/reports', laptop)
    await page.getByRole('button', { name: 'Export' }).click()
    const saved = page.waitForEvent('download')
    await page.getByRole('button', { name: 'EU 2023/564' }).click()
    const file = await readFile(await (await saved).path(), 'utf8')
    // one of the season's sprays is confirmed, with its registration; the others have no line
    expect(file.split('\r\n')[1]).toMatch(/Type of use/)
    expect(file.split('\r\n').filter(Boolean).length).toBeGreaterThan(1)
  })

  it('A2: members with missing data come first, and the field is one click away', async () => {
    const page = await open('/reports', laptop)
    const first = page.locator('tbody tr').first()
    await first
      .getByText(/^(Yield|Yield at standard moisture|Volume of a run|Weather|Spray record):/)
      .waitFor()
    await first.getByRole('link').first().click()
    await page.waitForURL(/\/fields\/midori-f\d+/)
  })

  it('A3: one more click shows the fields of a member next to their earlier years on the same basis', async () => {
    const page = await open('/reports', laptop)
    await page.locator('tbody th button').first().click()
    const heads = page.locator('section table thead th')
    await heads.first().waitFor()
    expect((await heads.allTextContents()).map((text) => text.trim())).toEqual([
      ...['Field', '2023', '2024', '2025', '2026', '5‑yr', 'Water m³/ha', 'Sprays', 'Missing'],
    ])
    await page.getByText('Spray record of this member (CSV)').waitFor()
    for (const { name, scheme } of spraySchemes)
      expect(await page.getByRole('link', { name }).getAttribute('href')).toMatch(
        new RegExp(`^/api/reports/season.sprays.scheme=${scheme}&year=2026&lang=en&farmId=.+`),
      )
  })

  it('the yield map has five classes, hatches unknown yields, and shows the chosen member', async () => {
    const page = await open('/reports', laptop)
    const shapes = page.locator('.map-field')
    await expect.poll(() => shapes.count()).toBe(90)
    const opacities = await shapes.evaluateAll((elements) =>
      elements.flatMap((item) =>
        item.classList.contains('grown') ? [item.getAttribute('fill-opacity')] : [],
      ),
    )
    const countOf = (share: string) => opacities.filter((item) => item === share).length
    // an equal number of fields in each class, except those without a shape
    for (const share of ['0.08', '0.3', '0.5', '0.72', '0.95'])
      expect(Math.abs(countOf(share) - opacities.length / 5)).toBeLessThan(4)
    const unknown = page.locator('.map-field.status-unknown')
    expect(await unknown.count()).toBe(90 - opacities.length)
    expect(await unknown.first().evaluate((shape) => getComputedStyle(shape).fill)).toContain('map-hatch')
    await page.getByText('6 fields have no boundary on the map yet').waitFor()
    const legend = page.locator('main li').filter({ has: page.locator('rect') })
    expect(await legend.allInnerTexts()).toEqual([
      expect.stringMatching(/^< [\d.]+$/),
      ...[1, 2, 3].map(() => expect.stringMatching(/^[\d.]+–[\d.]+$/) as unknown),
      ...[expect.stringMatching(/^≥ [\d.]+$/), 'Missing'],
    ])
    // names are shown where they fit
    expect(await page.locator('.map-field ~ a, .leaflet-marker-icon').count()).toBe(0)
    await page.getByLabel('Members').selectOption({ index: 1 })
    await expect.poll(() => shapes.count()).toBeLessThan(60)
    await page.locator('.leaflet-marker-icon a').first().waitFor()
    expect(await page.locator('.leaflet-marker-icon a').first().innerText()).toMatch(
      /^Paddy \d+\n(\d\.\d\d|–)$/,
    )
  })

  it('on a phone the yield map is folded, and fetched when it is opened', async () => {
    const page = await open('/reports')
    const requests: string[] = []
    page.on('request', (request) => requests.push(new URL(request.url()).pathname))
    const title = page.getByText('Yield map, t/ha')
    await title.waitFor()
    expect(requests).not.toContain('/api/reports/yields')
    await title.tap()
    await page.locator('.map-field').first().waitFor()
    expect(requests).toContain('/api/reports/yields')
    // an opened section stays open when its title changes
    await page.getByLabel('Unit').selectOption('kg/10a')
    await page.getByText('Yield map, kg/10a').waitFor()
    expect(await page.locator('.map-field').first().isVisible()).toBe(true)
  })

  it('has no map of members, who did not enter the location of their fields', async () => {
    const page = await open('/reports', laptop, { reports: 'members' })
    await page.getByText('Yield of each field').waitFor()
    expect(await page.getByText('Yield map').count()).toBe(0)
  })

  it('shows only members to check, and amounts in the chosen unit', async () => {
    const page = await open('/reports', laptop)
    const rows = page.locator('tbody tr')
    await rows.first().waitFor()
    expect(await rows.count()).toBe(24)
    const checkButton = page.getByRole('button', { name: /members? to check/ })
    await checkButton.click()
    expect(await rows.count()).toBe(Number.parseInt((await checkButton.textContent())!))
    const meanBefore = await page.locator('tfoot td').nth(2).textContent()
    await page.getByLabel('Unit').selectOption('kg/10a')
    const meanAfter = await page.locator('tfoot td').nth(2).textContent()
    expect(Number.parseFloat(meanAfter!)).toBeCloseTo(100 * Number.parseFloat(meanBefore!), -1)
  })

  it('on a phone is one card for each member, with the same button before them (U27)', async () => {
    const page = await open('/reports', { language: 'ja' })
    await page.locator('main li.card').first().waitFor()
    expect(await page.locator('table').count()).toBe(0)
    const button = (await page.getByRole('button', { name: '書き出す' }).boundingBox())!
    const first = (await page.locator('main li.card').first().boundingBox())!
    expect(button.y + button.height).toBeLessThanOrEqual(first.y)
    expect(button.y + button.height).toBeLessThan(844)
  })

  it('states that nothing was grown, and suggests another season', async () => {
    const page = await open('/reports', {}, { reports: 'none' })
    await page.getByText('Nothing was grown in 2026').waitFor()
    expect(await page.getByRole('button', { name: 'Export' }).count()).toBe(0)
  })

  it('a file that could not be created is reported with its reason', async () => {
    const page = await open('/reports', laptop)
    await page.getByRole('button', { name: 'Export' }).click()
    dashboard.fixture.trouble(503)
    await page.getByRole('button', { name: /^XLSX.*all tables/ }).click()
    await page.getByRole('alert').waitFor()
    dashboard.fixture.trouble(null)
  })

  it('a load is entered on its field: empty values are sent as unknown', async () => {
    const page = await open('/fields/paddy-7?tab=work')
    await page.getByText('Enter a load').click()
    await page.getByLabel('Weight, kg').fill('１２５０')
    await page.getByLabel('Moisture, %').fill('24,5')
    await page.getByRole('button', { name: 'Save load' }).click()
    await page.locator('#card-harvest').getByRole('status').getByText(/^sent/).waitFor()
    expect(dashboard.fixture.received.find(({ route }) => route.endsWith('/loads'))).toMatchObject({
      route: 'POST /api/fields/paddy-7/loads',
      body: { grossKg: 1250, moisturePct: 24.5, foreignPct: null, form: 'rough-rice', grade: null },
    })
  })

  it.each([
    ['en', /^Too many rows \(20,001\): at most 20,000\./, /^The file is over 740 kB\./],
    ['ja', /^20,001行は多すぎます（20,000行まで）。/, /^ファイルが740 kBを超えています。/],
  ])('an unreadable table of members is reported in the language %s', async (language, rows, large) => {
    const page = await open('/people', { ...laptop, language }, { role: 'admin' })
    const choose = (bytes: number) =>
      page.locator('#members-file').setInputFiles({
        name: 'members.csv',
        mimeType: 'text/csv',
        buffer: Buffer.alloc(bytes, 'x'),
      })
    await choose(0)
    await page.getByRole('alert').filter({ hasText: rows }).waitFor()
    await choose(740_001)
    await page.getByRole('alert').filter({ hasText: large }).waitFor()
    await choose(100)
    await page.locator('li.status-act').first().waitFor()
    expect(await page.getByRole('alert').count()).toBe(0)
  })

  it('a load is voided with its reason, which is requested first', async () => {
    const page = await open('/fields/paddy-7?tab=work')
    const button = page.getByRole('button', { name: 'Void entry' }).first()
    await button.click()
    expect(dashboard.fixture.received).toEqual([])
    await page.getByLabel(/^Reason/).fill('weighed twice')
    await button.click()
    await expect
      .poll(() => dashboard.fixture.received.map(({ body }) => body))
      .toContainEqual({ reason: 'weighed twice' })
  })
})
