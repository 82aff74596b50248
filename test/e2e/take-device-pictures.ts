/** Takes the pictures of docs/devices.md from the fixture's farm: `npx tsx test/e2e/take-device-pictures.ts` */
import { join } from 'node:path'
import { dashboardDir, openBrowser, openPhone } from './browser.ts'
import { startFixture } from './fixture-server.ts'

const folder = join(import.meta.dirname, '../../docs/pictures')
const fixture = await startFixture({ dashboardDir, networks: true })
const browser = await openBrowser()
const { page } = await openPhone(browser)

for (const [name, path, ready] of [
  ['connect', '/devices#add-device', 'dialog .tile'],
  ['found', '/devices', '#found-title'],
  ['assign', '/devices#assign/chirpstack-1/lw:24e124126a148401', 'dialog dl'],
] as const) {
  await page.goto('about:blank')
  await page.goto(fixture.url + path)
  await page.locator(ready).first().waitFor()
  if (name === 'found') await page.locator(ready).evaluate((title) => title.scrollIntoView())
  await page.evaluate(() => Promise.all(document.getAnimations().map((move) => move.finished)))
  await page.screenshot({ path: join(folder, `${name}.png`), scale: 'css' })
}
await browser.close()
await fixture.close()
