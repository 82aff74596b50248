/**
 * Takes the pictures of README.md and docs/tour.md from a running demonstration, in one language, on a phone and on a desk:
 * `npx tsx test/e2e/take-pictures.ts http://localhost:8080 PASSWORD en`, and with `ja` from `npm run demo -- --language ja`
 */
import { mkdirSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { openBrowser, openPhone, type PhoneOptions } from './browser.ts'
import { openCanvas, smallPicture } from './small-picture.ts'

const [url, password, language = 'en'] = process.argv.slice(2)
if (!url || !password) {
  process.stderr.write('usage: take-pictures.ts URL PASSWORD [en|ja] (of a running npm run demo)\n')
  process.exit(2)
}
const folder = join(import.meta.dirname, '../../docs/pictures')
mkdirSync(folder, { recursive: true })
const browser = await openBrowser()
const canvas = await openCanvas(browser)

/** Signs in on a device with this screen. */
async function signIn(size: PhoneOptions): Promise<Page> {
  const { page } = await openPhone(browser, { language, ...size })
  await page.goto(url!)
  await page.locator('input[type=email]').fill('demo@shinano-hills.example')
  await page.locator('input[type=password]').fill(password!)
  await page.keyboard.press('Enter')
  await page.locator('ul.fields li').first().waitFor()
  return page
}

/** `path` null: the page as it is. */
async function take(page: Page, name: string, path: string | null, ready: string): Promise<void> {
  if (path !== null) {
    await page.goto('about:blank')
    await page.goto(url + path)
  }
  await page.locator(ready).first().waitFor()
  // charts and the weather come in turns
  await page.waitForTimeout(2_500)
  const picture = await smallPicture(canvas, await page.screenshot({ animations: 'disabled' }))
  await writeFile(join(folder, `${name}${language === 'en' ? '' : `-${language}`}.webp`), picture)
  process.stdout.write(`${name}: ${Math.round(picture.length / 1000)} kB\n`)
}

const phone = await signIn({})
// the most urgent field, and its decision
const field = (await phone.locator('ul.fields a[href^="/fields/"]').first().getAttribute('href'))!
await take(phone, 'today', '/', 'ul.fields li')
await take(phone, 'field', field, '[role=slider]')
await phone.locator('button.why').click()
await take(phone, 'why', null, 'dialog dl')
await take(phone, 'water', '/water', 'main section')
await take(phone, 'pests', '/pests', 'main li')

const desk = await signIn({ width: 1280, height: 800, pixelRatio: 1 })
await take(desk, 'desk-today', '/', 'ul.fields li')
await take(desk, 'desk-field', field, '[role=slider]')
// the last whole season: the yields of this one are not weighed yet
await desk.goto(`${url}/reports`)
const season = desk.locator('main select').first()
await season.selectOption({ index: 1 })
await take(desk, 'desk-members', null, 'main tbody tr')
await browser.close()
