/** The keys of a desk. */
import { describe, expect, it } from 'vitest'
import { hasBrowser, needs } from './browser.ts'
import { useDashboard } from './dashboard.ts'
import { findings } from './faults.ts'

describe.skipIf(!hasBrowser)(`keyboard shortcuts${needs}`, () => {
  const dashboard = useDashboard({ how: { width: 1280, height: 800 }, onePhone: true })
  const open = async (language = 'en') => {
    const page = await dashboard.open('/', {}, { language })
    await page.locator('ul.fields li').first().waitFor()
    // the keys are followed when their part has been loaded
    await expect
      .poll(async () => {
        await page.keyboard.press('?')
        return page.getByRole('dialog').count()
      })
      .toBe(1)
    return page
  }

  it('? lists them in each language, and Escape closes the list', async () => {
    for (const [language, title, word] of [
      ['en', 'Keyboard shortcuts', 'Fields'],
      ['ja', 'キーボード操作', '圃場'],
    ] as const) {
      const page = await open(language)
      const sheet = page.getByRole('dialog', { name: title })
      expect(await sheet.locator('dl > div').allInnerTexts()).toContainEqual(
        expect.stringMatching(new RegExp(`^g\\s*f\\s*${word}$`)),
      )
      if (language === 'en') expect(await findings(page)).toEqual([])
      await page.keyboard.press('Escape')
      await sheet.waitFor({ state: 'detached' })
    }
  })

  it('g and a letter open a screen, and g alone or a late letter does nothing', async () => {
    const page = await open()
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    for (const [key, path] of [
      ['w', '/water'],
      ['f', '/fields'],
      ['t', '/'],
    ] as const) {
      await page.keyboard.press('g')
      await page.keyboard.press(key)
      await expect.poll(() => new URL(page.url()).pathname).toBe(path)
    }
    await page.keyboard.press('w')
    await page.keyboard.press('g')
    await page.keyboard.press('x')
    await page.keyboard.press('w')
    expect(new URL(page.url()).pathname).toBe('/')
  })

  it('/ searches fields and screens; what is typed there is text, and Enter opens the first', async () => {
    const page = await open()
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    await page.keyboard.press('/')
    const box = page.getByRole('searchbox')
    await expect.poll(() => box.evaluate((input) => input === document.activeElement)).toBe(true)
    await page.keyboard.type('g water?')
    expect(await box.inputValue()).toBe('g water?')
    await page.getByText('Nothing found.').waitFor()
    await box.fill('ＨＩＬＬ')
    await expect.poll(() => page.getByRole('dialog').locator('li').allInnerTexts()).toHaveLength(2)
    expect(await findings(page)).toEqual([])
    await box.fill('hill 2')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { level: 1, name: 'Hill 2' }).waitFor()
    expect(await page.getByRole('dialog').count()).toBe(0)
  })

  it('are off on a phone', async () => {
    const page = await dashboard.open('/', {}, { width: 390, height: 844 })
    await page.locator('ul.fields li').first().waitFor()
    await page.keyboard.press('g')
    await page.keyboard.press('w')
    await page.keyboard.press('?')
    await page.waitForTimeout(200)
    expect(new URL(page.url()).pathname).toBe('/')
    expect(await page.getByRole('dialog').count()).toBe(0)
  })
})
