/**
 * A person with the permission sets up a field and corrects it: a zone is added with default values, and soil and crop
 * are changed in their forms.
 */
import { describe, expect, it } from 'vitest'
import { hasBrowser, needs } from './browser.ts'
import { useDashboard } from './dashboard.ts'

describe.skipIf(!hasBrowser)(`setting up a field${needs}`, () => {
  const dashboard = useDashboard({ onePhone: true })

  it('sends a zone as it was chosen, with the usual values of its irrigation method', async () => {
    const page = await dashboard.open('/fields/north-3', { role: 'admin' })
    await page.getByRole('link', { name: 'Set up this field' }).tap()
    await page.getByRole('link', { name: 'Add a zone' }).tap()
    // its proposed name is there when the zones of the field are
    await expect.poll(() => page.getByLabel('Name').inputValue()).toBe('North 3 2')
    await page.getByLabel('Name').fill('North, upper half')
    await page.getByRole('button', { name: 'Drip' }).tap()
    expect(await page.getByLabel('Application rate, mm/h').inputValue()).toBe('3')
    await page.getByLabel('Application rate, mm/h').fill('４.５')
    // another valve has the other half: the second one takes what is left
    await page.getByText('50 % of the field.').waitFor()
    await page.getByLabel('Controller', { exact: true }).selectOption('controller-1')
    await page.getByLabel('Valve ID on the controller').fill('V2')
    const zoneRequest = page.waitForRequest((request) => request.url().endsWith('/api/zones'))
    await page.getByRole('dialog').getByRole('button', { name: 'Add a zone' }).tap()
    expect((await zoneRequest).postDataJSON()).toMatchObject({
      fieldId: 'north-3',
      areaM2: 2400,
      name: 'North, upper half',
      method: 'drip',
      applicationRateMmH: 4.5,
      efficiency: 0.9,
      wettedFraction: 0.35,
      controllerId: 'controller-1',
      valve: 'V2',
    })
    // back in the set-up, from where it was opened
    await page.getByRole('dialog', { name: 'North 3: set-up' }).waitFor()
  })

  it('shows what was entered for a zone, and sends what was changed alone', async () => {
    const page = await dashboard.open('/fields/north-3#zone/north-3/zone-north-3', { role: 'admin' })
    const sheet = page.getByRole('dialog')
    await sheet.getByText('Settings of this zone').tap()
    const window = sheet.getByRole('group', { name: 'Irrigates only' })
    expect(await window.getByLabel('From').inputValue()).toBe('04:00')
    expect(await sheet.getByLabel('Water that reaches the roots, %').inputValue()).toBe('85')
    await window.getByLabel('From').fill('')
    await window.getByLabel('Until').fill('')
    await sheet.getByLabel('Share of the soil that gets wet, %').fill('35')
    await sheet.getByLabel('Shortest run, minutes').fill('１５')
    await sheet.getByLabel('Shortest run, minutes').blur()
    const request = page.waitForRequest((item) => item.method() === 'PATCH')
    await sheet.getByRole('button', { name: 'Save', exact: true }).tap()
    expect((await request).postDataJSON()).toEqual({
      window: { fromMin: 0, toMin: 0 },
      wettedFraction: 0.35,
      minMinutes: 15,
    })
    await sheet.getByText('Saved.').waitFor()
  })

  it('has its soil and its planting day corrected, starting from the stored values', async () => {
    const page = await dashboard.open('/fields/north-3', { role: 'agronomist' })
    const sheet = page.getByRole('dialog')
    await page.getByRole('link', { name: 'Set up this field' }).tap()
    await page.getByRole('link', { name: 'Edit field' }).tap()
    const name = sheet.getByLabel('Name of the field')
    await expect.poll(() => name.inputValue()).not.toBe('')
    expect(await sheet.getByLabel('Soil').inputValue()).toBe('loam')
    await sheet.getByLabel('Soil').selectOption('clay')
    await sheet.getByRole('link', { name: 'Crop and date' }).tap()
    const day = sheet.getByLabel('Sown or planted on')
    await expect.poll(() => day.inputValue()).toBe('2026-06-10')
    expect(await sheet.getByLabel('Crop', { exact: true }).inputValue()).toBe('soybean')
    await day.fill('2026-06-01')
    await sheet.getByLabel('Soil water at planting').fill('21.5')
    await sheet.getByLabel('Soil water at planting').blur()
    const cropRequest = page.waitForRequest((request) => request.url().endsWith('/api/seasons/season-1'))
    await sheet.getByRole('button', { name: 'Save' }).tap()
    const seasonBody = { crop: 'soybean', plantedDay: '2026-06-01', variety: 'Enrei', initialVwc: 0.215 }
    expect([(await cropRequest).method(), (await cropRequest).postDataJSON()]).toEqual(['PATCH', seasonBody])
    // back on the field's form, with the stored values
    await expect.poll(() => name.inputValue()).not.toBe('')
    await sheet.getByLabel('Soil').selectOption('clay')
    const depth = sheet.getByLabel('Depth to rock')
    expect(await depth.inputValue()).toBe('')
    await depth.fill('０.８')
    await depth.blur()
    const fieldRequest = page.waitForRequest((request) => request.url().endsWith('/api/fields/north-3'))
    await sheet.getByRole('button', { name: 'Edit field' }).tap()
    const soil = { name: 'North 3', areaM2: 4_800, soilTexture: 'clay', soilDepthM: 0.8 }
    expect([(await fieldRequest).method(), (await fieldRequest).postDataJSON()]).toEqual(['PATCH', soil])
    await page.getByRole('dialog', { name: 'North 3: set-up' }).waitFor()
  })

  it('is not offered to a person who may not set up the farm', async () => {
    const page = await dashboard.open('/fields/north-3', { role: 'operator' })
    await page.getByRole('link', { name: 'Set up this field' }).tap()
    await page.getByRole('dialog').getByRole('heading', { name: 'Models' }).waitFor()
    expect(await page.getByRole('link', { name: /Add a zone|Edit field/ }).count()).toBe(0)
  })
})
