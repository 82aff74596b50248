/** What came of a run: stopped by whom and after how much, the water of the night, and reasons that are over. */
import { describe, expect, it } from 'vitest'
import { hasBrowser, needs } from './browser.ts'
import { useDashboard } from './dashboard.ts'

describe.skipIf(!hasBrowser)(`what came of a run${needs}`, () => {
  const { open } = useDashboard({ onePhone: true })

  it('a run that was stopped says when, by whom and after how much, and its rain condition is gone', async () => {
    const page = await open('/water', { stopped: true })
    const row = page.getByRole('button', { name: /^05:15/ })
    const text = (await row.innerText()).replace(/\s+/g, ' ')
    expect(text).toContain('South 1 Stopped')
    expect(text).toContain('Stopped 05:22 by Sato Hana, 1 mm of 31')
    expect(text).not.toContain('Skipped if')
  })

  it('Water states what the night gave, in all and by field, and which part of it is not of the day', async () => {
    const page = await open('/water')
    const given = page.getByRole('region', { name: 'Water given' })
    expect((await given.innerText()).replace(/\s+/g, ' ')).toContain(
      'Night 18:00–08:00: 35.3 m³ 9.1 m³ of this before midnight Since midnight: 26.2 m³ 1 more run of unknown amount',
    )
    await given.getByText('Night, by field (1)').tap()
    await given.getByText('South 1').waitFor()
  })

  it('the reasons of an irrigation that was stopped state that it is over', async () => {
    const page = await open('/fields/north-3')
    await page.route('**/api/decisions/*', async (route) => {
      const response = await route.fetch()
      const verdict = {
        key: 'watering',
        params: { mm: 18, minutes: 130, endsMs: Date.parse('2026-07-24T07:40+09:00') },
      }
      await route.fulfill({ response, json: { ...(await response.json()), verdict } })
    })
    await page.getByRole('button', { name: 'Why?' }).tap()
    await page.getByText('This irrigation is over.').waitFor()
  })
})
