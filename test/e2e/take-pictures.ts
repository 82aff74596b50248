/**
 * Takes README's pictures from a running demonstration:
 * `npx tsx test/e2e/take-pictures.ts http://localhost:8080 PASSWORD`
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { openBrowser, openPhone } from './browser.ts'

const [url, password] = process.argv.slice(2)
if (!url || !password) {
  process.stderr.write('usage: take-pictures.ts URL PASSWORD (of a running npm run demo)\n')
  process.exit(2)
}
const folder = join(import.meta.dirname, '../../docs/pictures')
mkdirSync(folder, { recursive: true })

const browser = await openBrowser()
const { page, complaints } = await openPhone(browser)
const settle = () => page.waitForTimeout(2_000)
const screenshot = (name: string) => page.screenshot({ path: join(folder, `${name}.png`) })

await page.goto(url)
await page
  .locator('input[type=email], input[autocomplete=username]')
  .first()
  .fill('demo@shinano-hills.example')
await page.locator('input[type=password]').fill(password)
await page.keyboard.press('Enter')
await page.getByText(/needs? attention|All \d+ fields OK/).waitFor()
await settle()
await screenshot('today')

// the most urgent field, and its decision
await page.goto(`${url}/fields/hill-2`)
await settle()
// the curve with its likely range and the learned soil
await page.locator('section', { has: page.locator('#water-title') }).evaluate((card) => card.scrollIntoView())
await screenshot('field')
await page.evaluate(() => scrollTo(0, 0))
await page
  .getByRole('link', { name: /^Why/ })
  .or(page.getByRole('button', { name: /^Why/ }))
  .first()
  .click()
await settle()
await screenshot('why')
await page.goto(`${url}/fields/paddy-7`)
await settle()
await screenshot('paddy')
await page.goto(`${url}/water`)
await settle()
await screenshot('water')
for (const complaint of complaints) process.stderr.write(`${complaint}\n`)
await browser.close()
