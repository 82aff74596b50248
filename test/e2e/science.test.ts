/** The models on the phone: the learned soil, diseases and insects with dates, and model cards. */
import { describe, expect, it } from 'vitest'
import { hasBrowser, needs, tapCounter } from './browser.ts'
import { useDashboard } from './dashboard.ts'

describe.skipIf(!hasBrowser)(`the models on the phone${needs}`, () => {
  const dashboard = useDashboard({ onePhone: true })
  const { open } = dashboard

  it('the water curve is in its likely range, and the soil below it was learned from irrigation and rain', async () => {
    const page = await open('/fields/north-3')
    const water = page.getByRole('region', { name: 'Water left' })
    await page.getByRole('link', { name: 'Set up this field' }).tap()
    const soil = page.getByRole('region', { name: 'Soil water limits' })
    await soil.getByText('31.2 % vol').waitFor()
    expect(await soil.innerText()).toMatch(
      /Field capacity\s+learned from 5 irrigation or rain events\s+31\.2\s% vol\s+±1\.1/,
    )
    expect(await soil.innerText()).toMatch(/Wilting point\s+from soil texture/)
    await page.goBack()
    await water.getByText('full (learned)').waitFor()
    await water.getByText('likely range').waitFor()
    // the past and the forecast are both drawn
    expect(await water.locator('path.band').count()).toBe(2)
  })

  it('a soil without learned limits shows those of its texture', async () => {
    const page = await open('/fields/south-1#field-set-up/south-1')
    const water = page.getByRole('region', { name: 'Water left' })
    expect(await page.getByRole('region', { name: 'Soil water limits' }).innerText()).toMatch(
      /Field capacity\s+from soil texture\s+25\s% vol/,
    )
    expect(await water.getByText('full (learned)').count()).toBe(0)
  })

  it('the basis of the curve is folded below it: the estimated values, and on how many days', async () => {
    const page = await open('/fields/north-3')
    const water = page.getByRole('tabpanel', { name: 'Water' })
    const probe = water.getByText(
      /^The soil probe at 30\scm contradicts rain, irrigation and crop use: it is ignored/,
    )
    expect(await probe.isVisible()).toBe(false)
    await water.getByText('Based on').tap()
    await probe.waitFor()
    await water.getByText('Evapotranspiration calculated with estimated wind, sunlight.').waitFor()
    expect(await water.innerText()).toMatch(/on 28 days, last Thu 23 Jul[\s\S]*on 1 day: Sat 18 Jul/)
  })

  it('a field with measured values only shows that', async () => {
    const page = await open('/fields/south-1')
    await page.getByText('Based on').tap()
    await page.getByText('All values were measured.').waitFor()
  })

  it('F8: a disease is shown with its risk level as text, its reason, its last 14 days, and the source of its wetness', async () => {
    const page = await open('/fields/hill-2?tab=pests')
    const diseases = page.getByRole('region', { name: 'Diseases' })
    await diseases.getByRole('heading', { name: 'Apple scab' }).waitFor()
    await diseases.getByText('High risk').first().waitFor()
    await diseases.getByText('Leaves wet for 14 h at 16.2 °C; 9 h are enough to infect.').waitFor()
    await diseases.getByText('leaf wetness measured').waitFor()
    await diseases
      .getByRole('img', {
        name: 'High risk: 3 days, Some risk: 3 days, Low risk: 7 days, Cannot judge: 1 day',
      })
      .waitFor()
  })

  it('a disease that cannot be judged is marked so and never looks like a low risk', async () => {
    const page = await open('/fields/paddy-7?tab=pests')
    const diseases = page.getByRole('region', { name: 'Diseases' })
    await diseases
      .getByText('Cannot judge: no leaf wetness or humidity data since 03:00.', { exact: true })
      .waitFor()
    await diseases.getByText('leaf wetness estimated').waitFor()
    await diseases.getByText('unconfirmed figures').waitFor()
    // the level is next to the name; "Low risk" is only in the key below
    expect(await diseases.getByRole('listitem').innerText()).not.toContain('Low risk')
  })

  it('F8: an insect is shown with dates, by degree days and catches, and when its catches reach the threshold', async () => {
    const page = await open('/fields/hill-2?tab=pests')
    const moth = page.getByRole('region', { name: 'Codling moth' })
    await moth.getByText('next generation: 29 Jul–5 Aug').waitFor()
    await moth.getByText('Most likely Sat 1 Aug, from degree days and catches').waitFor()
    // the catches are a fact; the verdict is that of the proposal, as on the page of all fields
    await moth.getByText('12 caught in 7 d to Thu 23 Jul: threshold of 5 reached').waitFor()
    await moth.getByText('Treat', { exact: true }).waitFor()
    await moth.getByText('unconfirmed figures').waitFor()
    await moth.getByRole('slider', { name: 'Insects caught. 22 caught since Wed 24 Jun' }).waitFor()
  })

  it('a model card is two taps from the field, and the back button of the phone closes it', async () => {
    const page = await open('/fields/hill-2')
    const { tap, count } = tapCounter()
    await tap(page.getByRole('link', { name: 'Set up this field' }))
    await tap(page.getByRole('button', { name: /Soil moisture forecast.*In use.*30\scm/ }))
    const dialog = page.getByRole('dialog', { name: 'Soil moisture forecast' })
    await dialog.getByText('In use').waitFor()
    expect(count()).toBe(2)
    await dialog.getByText('Hill 2 · 30 cm deep, Hill 2 probe').waitFor()
    await dialog.getByText('Wed 20 May to Thu 23 Jul, 62 cases').waitFor()
    await dialog.getByText('Accuracy since training: ±0.44 % vol (expected 0.41). Still good.').waitFor()
    // each row marks the best model on test days
    const best = await dialog.locator('td.best').allInnerTexts()
    expect(best.map((text) => Number.parseFloat(text))).toEqual([0.41, 0.68, 0.9, 1.3, 1.86])
    await dialog.getByText('Coefficients').tap()
    await dialog.getByText('−0.0831').waitFor()
    await page.goBack()
    await dialog.waitFor({ state: 'detached' })
  })

  it('a model that is no better is not used, and one without enough seasons is collecting data', async () => {
    const page = await open('/fields/hill-2#field-set-up/hill-2')
    await page.getByRole('button', { name: /Not used.*60\scm/ }).tap()
    await page.getByRole('dialog').getByText('Not used: no better than the standard method').waitFor()
    await page.goBack()
    await page.getByText('1 model still collecting data').tap()
    await page
      .getByRole('button', {
        name: /Insect flight.*Collecting data: 1 of 3 years of catches.*Codling moth, flight 2/,
      })
      .tap()
    await page.getByRole('dialog', { name: 'Insect flight' }).getByText('Collecting data').waitFor()
  })

  it('a sensor shows its forecast for a week, in its likely range, and the method', async () => {
    const page = await open('/fields/hill-2')
    await page.getByText('2 sensor values').tap()
    await page.getByText(/31 Jul, 05:3\d: 17\.5\s% vol \(15\.7–19\.4\), by the drying curve/).waitFor()
    await page.getByRole('button', { name: 'Accuracy' }).first().tap()
    await page.getByRole('dialog', { name: 'Soil moisture forecast' }).waitFor()
  })

  it('a card that was opened once opens without a network', async () => {
    const page = await open('/fields/hill-2#field-set-up/hill-2', {}, { worksOffline: true })
    await page.getByRole('button', { name: /Soil moisture forecast.*30\scm/ }).tap()
    await page.getByRole('dialog').getByText('Accuracy', { exact: true }).waitFor()
    await page.getByRole('button', { name: 'Close', exact: true }).tap()
    await dashboard.phone.context.setOffline(true)
    await page.getByRole('button', { name: /Soil moisture forecast.*30\scm/ }).tap()
    await page.getByRole('dialog').getByText('Accuracy', { exact: true }).waitFor()
  })

  it('a field without a probe shows that, and that there are no models yet', async () => {
    const page = await open('/fields/greenhouse-1')
    await page.getByText('No soil probe yet: the curve is the calculated water balance.').waitFor()
    await page.getByRole('link', { name: 'Set up this field' }).tap()
    await page.getByText(/^No models yet/).waitFor()
  })

  it('a response stored by an older version of the page, without these parts, still opens', async () => {
    const page = await open('/')
    await page.route('**/api/fields/*', async (route) => {
      const response = await route.fetch()
      const { diseases: _d, soil: _s, models: _m, notes: _n, ...oldDetail } = await response.json()
      for (const sensor of oldDetail.sensors) delete sensor.ahead
      for (const pest of oldDetail.pests)
        for (const part of ['confirmed', 'source', 'outlook', 'threshold']) delete pest[part]
      await route.fulfill({ response, json: oldDetail })
    })
    await page.getByRole('link', { name: /^Hill 2/ }).tap()
    await page.getByRole('slider', { name: /^Water left/ }).waitFor()
    await page.getByRole('tab', { name: 'Pests' }).tap()
    await page.getByRole('region', { name: 'Codling moth' }).waitFor()
  })
})
