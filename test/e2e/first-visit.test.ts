/**
 * A page's first visit, at the real server: what it will want is named with it and fetched once, side by side; and when
 * everything stands, nothing is asked for any more.
 */
import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { internalTopic } from '../../broker/contract/topics.ts'
import { NOW_MS, plantFarm } from '../services/api/rows.ts'
import { PASSWORD, startTestApi, type TestApi } from '../services/api/test-api.ts'
import { hasBrowser, needs } from './browser.ts'
import { useDashboard } from './dashboard.ts'

// longer than the least gap between two fetches of one answer (dashboard/src/api/cache.svelte.ts)
const REST_MS = 1_600

describe.skipIf(!hasBrowser)(`a first visit${needs}`, () => {
  const dashboard = useDashboard()
  let tilth: TestApi
  let url: string

  beforeAll(async () => {
    tilth = await startTestApi({ dashboardDir: dashboard.dir })
    url = `http://127.0.0.1:${tilth.api.port}`
    await plantFarm(tilth.state, 'midori')
    await tilth.api.createUser({
      email: 'mori@midori.example',
      password: PASSWORD,
      name: 'Mori',
      org: 'midori',
      orgName: 'Midori',
      role: 'admin',
    })
  })
  afterAll(() => tilth?.stop())

  const signIn = (context: BrowserContext) =>
    context.request.post(`${url}/api/auth/sign-in/email`, {
      headers: { origin: url },
      data: { email: 'mori@midori.example', password: PASSWORD },
    })

  /** A phone that was never here, with or without the cookie of somebody. */
  async function visit(path: string, isSignedIn: boolean) {
    const { page, context } = await dashboard.openPhone({ isPlainHttp: true })
    if (isSignedIn) await signIn(context)
    const asked: string[] = []
    const said: string[] = []
    page.on('request', (request) => asked.push(request.url().slice(url.length)))
    page.on('console', (message) => {
      // on a busy machine what was named is used later than the browser expects
      const isOfTime = /not used within a few seconds/.test(message.text())
      if (['error', 'warning'].includes(message.type()) && !isOfTime) said.push(message.text())
    })
    const answer = await page.goto(url + path)
    const links = [...(answer!.headers().link ?? '').matchAll(/<([^>]+)>/g)].map(([, link]) => link!)
    await rest(page, asked)
    await dashboard.close()
    return { asked, said, links }
  }

  /** Until nothing has been asked for a while; a page that never rests runs into the test's end. */
  async function rest(page: Page, asked: readonly string[]): Promise<void> {
    for (let before = -1; before !== asked.length;) {
      before = asked.length
      await page.waitForTimeout(REST_MS)
    }
  }

  it.each([
    ...[
      '/',
      '/fields/midori-field',
      '/water',
      '/pests',
      '/devices',
      '/reports',
      '/people',
      '/audit',
      '/begin',
    ],
  ])(
    '%s: each preloaded file is used, each request is made once, and then the page is idle (U1)',
    async (path) => {
      const { asked, said, links } = await visit(path, true)
      expect(links).toEqual(expect.arrayContaining(['/api/session', '/api/today']))
      for (const link of links) expect([link, asked.filter((one) => one === link).length]).toEqual([link, 1])
      // nor is anything else requested twice: changes meanwhile come by the stream
      expect(asked.filter((one, i) => asked.indexOf(one) !== i)).toEqual([])
      expect(said).toEqual([])
    },
  )

  it('a later visit from the server uses each preloaded file too, whatever the phone has cached', async () => {
    const { page, context } = await dashboard.openPhone({ isPlainHttp: true })
    await signIn(context)
    const asked: string[] = []
    const said: string[] = []
    page.on('request', (request) => asked.push(request.url().slice(url.length)))
    page.on('console', (message) => said.push(message.text()))
    await page.goto(url)
    await rest(page, asked)
    asked.length = 0
    await page.reload()
    await rest(page, asked)
    expect(asked.filter((one) => one === '/api/today')).toHaveLength(1)
    expect(said.filter((text) => /is found, but is not used/.test(text))).toEqual([])
    await dashboard.close()
  })

  it('a change between the first response and the open event stream is shown', async () => {
    const { page, context } = await dashboard.openPhone({ isPlainHttp: true })
    await signIn(context)
    let letThrough = (): void => {}
    const gate = new Promise<void>((resolve) => (letThrough = resolve))
    await page.route('**/api/events', async (route) => {
      await gate
      await route.continue()
    })
    await page.goto(`${url}/fields`)
    await page.getByText('midori North 3').first().waitFor()
    await tilth.state.updateTable('field').set({ name: 'Renamed' }).where('id', '=', 'midori-field').execute()
    await tilth.bus.publish(
      internalTopic('midori', 'event'),
      JSON.stringify({ event: 'field', fields: ['midori-field'], atMs: NOW_MS }),
      { qos: 1, retain: false },
    )
    await tilth.bus.settled()
    letThrough()
    await page.getByText('Renamed').first().waitFor()
    await dashboard.close()
  })

  it.each(['/', '/setup?token=used', '/pests'])('%s, signed out: nothing is refused', async (path) => {
    const { asked, said, links } = await visit(path, false)
    expect(links).not.toContain('/api/today')
    expect(asked.filter((one) => one === '/api/session').length).toBeLessThanOrEqual(1)
    expect(said).toEqual([])
  })

  it('names the texts in the language of the phone, and nothing for an invalid address', async () => {
    const linkOf = async (path: string, language: string): Promise<string> =>
      String(
        (await tilth.api.inject({ url: path, headers: { 'accept-language': language } })).headers.link ?? '',
      )
    expect(await linkOf('/more', 'ja-JP,ja;q=0.9,en;q=0.8')).toContain('</i18n/ja.json>; rel=preload')
    expect(await linkOf('/more', 'ja-JP')).not.toContain('/i18n/en.json')
    expect(await linkOf('/more', 'de-AT,de')).toContain('/i18n/en.json')
    expect(await linkOf('/fields/a%3Eb', 'en')).toContain('/api/session')
    expect(await linkOf('/fields/a>;rel=x', 'en')).toBe('')
    expect(await linkOf('/nowhere', 'en')).toBe('')
  })
})
