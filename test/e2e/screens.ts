/**
 * Every screen and sheet in each state that the fixture produces: look.ts opens them in every language and theme. Add
 * a row for each new screen.
 */
import type { Locator, Page } from 'playwright-core'
import { exportChoice, type Dashboard } from './dashboard.ts'
import type { FixtureOptions } from './fixture-server.ts'

export interface View {
  name: string
  path: string
  /** selector that is visible when the screen is ready */
  ready: string
  options?: FixtureOptions
  /** brings it into its state, independently of the language */
  make?(page: Page, dashboard: Dashboard): Promise<void>
  /** brings it back into its state on a desk, where the page is laid out again */
  onDesk?(page: Page, dashboard: Dashboard): Promise<void>
}

/** The dock has come too: what comes first differs from run to run. */
const hasDock = (page: Page): Promise<void> => page.locator('.dock').waitFor()
const withoutNetwork: View['make'] = async (page, { phone }) => {
  await phone.context.setOffline(true)
  await page.locator('.strip').first().waitFor()
}
const inTrouble: View['make'] = async (page, { fixture }) => {
  fixture.trouble(503)
  fixture.turn('hill-2', 'ok')
  await page.locator('.strip .now').waitFor()
}
/** Opens a collapsed card. */
const unfolded =
  (name: string): NonNullable<View['make']> =>
  async (page) => {
    const card = page.locator(name)
    await card.locator('> summary').click()
    await atTop(card)
  }

/** Scrolls to a card until nothing grows above it: what comes later would move it. */
async function atTop(card: Locator): Promise<void> {
  const heightOf = () => card.evaluate(() => document.documentElement.scrollHeight)
  for (let before = 0, now = await heightOf(); now !== before;) {
    await card.evaluate((element) => element.scrollIntoView())
    await card.page().waitForTimeout(400)
    ;[before, now] = [now, await heightOf()]
  }
}

/** Sends the form of a new network, and waits for the lines to enter there. */
const connect: NonNullable<View['make']> = async (page) => {
  await page.locator('dialog form .main').click()
  await page.locator('dialog ol li').first().waitFor()
}

const openExports: NonNullable<View['make']> = async (page) => {
  await page.locator('main button[aria-expanded].main').click()
  await page.getByRole('button', { name: 'GeoJSON' }).first().waitFor()
}

const view = (
  name: string,
  path: string,
  ready: string,
  fields: Omit<View, 'name' | 'path' | 'ready'> = {},
): View => ({
  name,
  path,
  ready,
  ...fields,
})
const running: FixtureOptions = { running: true }
const unsure: FixtureOptions = { running: true, controller: 'silent' }
const emptyFarm: FixtureOptions = { fields: 'none' }

/** Screens that can be opened without a network, or while the server is in trouble. */
const offlineScreens: [name: string, path: string, ready: string][] = [
  ['today', '/', 'ul.fields li'],
  ['fields', '/fields', 'ul.card li'],
  ['fields-map', '/fields?map=', '.map-field'],
  // the way to the map comes last
  ['field', '/fields/north-3', 'main:has([role=slider]) header a[href*="map="]'],
  ['field-paddy', '/fields/paddy-7', 'main:has([role=slider]) header a[href*="map="]'],
  ['water', '/water', 'main section li'],
  ['pests', '/pests', 'main li'],
  ['devices', '/devices', 'ul.card li'],
  ['more', '/more', 'main .card'],
]

export const views: View[] = [
  // a usual day, with a running valve
  view('today', '/', 'ul.fields li', { options: running }),
  view('today-three', '/', '.dock .head', { options: { running: 'three' } }),
  view('today-ok', '/', 'ul.fields li', { options: { fields: 'ok' } }),
  view('today-fault', '/', 'ul.fields li', { options: { fault: true, flow: true } }),
  view('fields', '/fields', 'ul.card li'),
  view('fields-map', '/fields?map=', '.map-field'),
  view('fields-map-one', '/fields?map=north-3', '.is-shown'),
  view('field', '/fields/north-3', '[role=slider]', { options: running }),
  view('field-paddy', '/fields/paddy-7', '[role=slider]', { options: running }),
  view('field-paddy-dry', '/fields/paddy-8', '[role=slider]', { options: { dryPaddy: true } }),
  view('field-apple', '/fields/hill-2', '[role=slider]'),
  view('field-pests', '/fields/hill-2?tab=pests', '#card-apple-scab'),
  view('field-work', '/fields/paddy-7?tab=work', '#card-harvest'),
  view('field-log', '/fields/hill-2?tab=log', '#log-title'),
  view('field-set-up', '/fields/hill-2#field-set-up/hill-2', '#models-title'),
  view('field-viewer', '/fields/north-3', '[role=slider]', { options: { role: 'viewer' } }),
  view('water', '/water', 'main section li', { options: running }),
  view('water-stuck', '/water', 'main section li', { options: { stuck: true } }),
  view('water-approved-offline', '/water', 'main section li', {
    make: async (page, dashboard) => {
      await withoutNetwork!(page, dashboard)
      await page.locator('main .button.main').click()
      await page.locator('main section .status-soon').first().waitFor()
    },
  }),
  view('pests', '/pests', 'main li'),
  view('pests-calm', '/pests', 'main .calm', { options: { pests: 'calm' } }),
  view('devices', '/devices', 'ul.card li'),
  view('more', '/more', 'main .card'),
  view('settings', '/settings', '.chips'),
  view('settings-server', '/settings', '#server img', { options: { https: 'own' } }),
  view('today-cut', '/', 'main .button.plain', { options: { flow: true, sky: 'none' } }),
  view('reports', '/reports', 'main li'),
  view('reports-export', '/reports', 'main li', { make: openExports, onDesk: openExports }),
  view('reports-ordered', '/reports', 'main li', {
    make: async (page, dashboard) => {
      await openExports(page, dashboard)
      for (const form of ['GeoJSON', 'ADAPT']) {
        const saved = page.waitForEvent('download')
        await exportChoice(page, form).click()
        await saved
      }
      await page.getByRole('button', { name: /ADAPT 2026/ }).waitFor()
    },
    onDesk: async (page, dashboard) => {
      await openExports(page, dashboard)
      await page.getByRole('button', { name: /ADAPT 2026/ }).waitFor()
    },
  }),
  view('reports-members', '/reports', 'main li', { options: { reports: 'members' } }),
  view('reports-correlations', '/reports', '#correlations', {
    make: (page) => atTop(page.locator('#correlations')),
    onDesk: (page) => atTop(page.locator('#correlations')),
  }),
  view('reports-map', '/reports', '#yield-map', {
    make: async (page, dashboard) => {
      await unfolded('#yield-map')(page, dashboard)
      await page.locator('.map-field').first().waitFor()
      await atTop(page.locator('#yield-map'))
    },
    onDesk: (page) => atTop(page.locator('#yield-map')),
  }),
  view('reports-advise', '/reports', 'main li', {
    options: { reports: 'members', role: 'agronomist' },
    make: async (page) => {
      await page.locator('.button.plain[aria-expanded]').click()
      await page.locator('main input[type=time]').first().waitFor()
      await page.locator('main input[type=time]').first().scrollIntoViewIfNeeded()
    },
  }),
  view('people', '/people', 'main li', { options: { role: 'admin' } }),
  view('people-table', '/people', 'main input[type=file]', {
    make: async (page) => {
      const file = { name: 'members.csv', mimeType: 'text/csv', buffer: Buffer.from('Member,Field') }
      await page.locator('input[type=file]').setInputFiles(file)
      await page.locator('li.status-act').waitFor()
      await page.locator('li.status-act').last().scrollIntoViewIfNeeded()
    },
    onDesk: (page) => page.locator('li.status-act').last().scrollIntoViewIfNeeded(),
  }),
  view('audit', '/audit', 'main .rows li'),
  view('audit-broken', '/audit', 'main .rows li', { options: { brokenAudit: true } }),
  // sheets
  view('why', '/fields/north-3#why/why-north-3', 'dialog dl', { options: running }),
  view('why-paddy', '/fields/paddy-7#why/why-paddy-7', 'dialog dl'),
  view('model', '/fields/hill-2#model/soil-moisture:probe-hill-2@30', 'dialog table'),
  view('why-details', '/fields/north-3#why/why-north-3', 'dialog dl', {
    make: async (page) => {
      await page.locator('dialog summary').first().click()
      await page.locator('dialog .terms').waitFor()
    },
  }),
  view('add', '/fields/hill-2#add/hill-2', 'dialog textarea'),
  view('add-count', '/fields/hill-2#add/hill-2/count', 'dialog li'),
  view('add-spray', '/fields/hill-2#add/hill-2/spray', 'dialog li'),
  view('add-work', '/fields/hill-2#add/hill-2/work', 'dialog select'),
  view('add-load', '/fields/paddy-7#add/paddy-7/load', 'dialog select'),
  view('start', '/fields/north-3#start/north-3', 'dialog .chips'),
  view('start-steps', '/fields/north-3#start/north-3', 'dialog .chips', {
    make: async (page) => {
      await page.locator('dialog .button.main').first().click()
      await page.locator('dialog ol').waitFor()
    },
  }),
  view('zone', '/fields/north-3#zone/north-3/zone-north-3', 'dialog .chips'),
  view('run', '/water#run/2026-07-24/run-4', 'dialog .button'),
  view('pause', '/water#pause', 'dialog .button'),
  view('pump', '/water#pump/pump-1', 'dialog input'),
  view('set-pump', '/water#set-pump/pump-1', 'dialog fieldset'),
  view('pump-spare', '/water#pump/pump-2', 'dialog input'),
  view('weather', '/#weather', 'dialog table'),
  view('forecast', '/#forecast', 'dialog code', { options: { sky: 'none', role: 'admin' } }),
  view('treat', '/fields/hill-2#treat/hill-2/codling-moth', 'dialog select'),
  view('treat-confirm', '/fields/hill-2#treat/hill-2/codling-moth', 'dialog select', {
    make: async (page) => {
      await page.locator('dialog .button.main').click()
      await page.locator('dialog input[type=checkbox]').first().waitFor()
    },
  }),
  view('treat-closed', '/fields/north-3?tab=pests', '#card-treat .button', {
    make: async (page) => page.locator('#card-treat').scrollIntoViewIfNeeded(),
  }),
  view('treat-change', '/fields/north-3#treat/north-3/codling-moth/treatment-4', 'dialog select'),
  view('treat-past', '/fields/hill-2#treat/hill-2/codling-moth/past', 'dialog select'),
  view('output', '/fields/hill-2#output/hill-2/output-1', 'dialog .chips'),
  view('output-siren', '/fields/hill-2#output/hill-2/output-2', 'dialog .chips'),
  view('work', '/fields/hill-2?tab=work', '#card-work summary', {
    make: async (page) => {
      await page.locator('#card-work summary').click()
      await page.locator('#card-work select').first().selectOption('fertiliser')
      await page.locator('#card-work input[maxlength="400"]').fill('1, river bend')
      await page.locator('#card-work').scrollIntoViewIfNeeded()
    },
  }),
  view('work-unclear', '/fields/hill-2?tab=work', '#card-work summary', {
    make: async (page) => {
      await page.locator('#card-work summary').click()
      await page.locator('#card-work input[maxlength="400"]').fill('99')
    },
  }),
  view('work-photo', '/fields/hill-2?tab=work', '#card-work img', {
    make: async (page) => {
      await page.locator('#card-work .chips button').first().click()
      await page.locator('#card-work .large').scrollIntoViewIfNeeded()
    },
  }),
  view('load', '/fields/paddy-7?tab=work', '#card-harvest summary', {
    make: async (page) => page.locator('#card-harvest summary').first().click(),
  }),
  view('spray-record', '/fields/paddy-7?tab=pests', '#card-treat summary', {
    make: async (page) => page.locator('#card-treat summary').click(),
  }),
  view('habit', '/fields/north-3#field-set-up/north-3', '#card-habit', { make: unfolded('#card-habit') }),
  view('strategy', '/fields/north-3#field-set-up/north-3', '#card-strategy', {
    make: unfolded('#card-strategy'),
  }),
  view('shapes', '/fields#shapes', 'dialog input'),
  view('products', '/more#products', 'dialog input'),
  view('notices', '/more#notifications', 'dialog select'),
  view('notices-plain', '/more#notifications', 'dialog select', { options: emptyFarm }),
  view('device', '/devices#device/probe-river', 'dialog .button'),
  view('device-photo', '/devices#device/probe-1', 'dialog img'),
  view('controller', '/devices#device/controller-1', 'dialog details'),
  view('place', '/devices#place/probe-1', 'dialog .map-pin'),
  view('claim-device', '/devices#claim-device', 'dialog .button'),
  view('add-device', '/devices#add-device', 'dialog .tile'),
  view('devices-networks', '/devices', 'section.card .row', { options: { networks: true } }),
  view('device-network', '/devices#device/probe-1', 'dialog dl', { options: { networks: true } }),
  view('device-valves', '/devices#device/controller-1', 'dialog section.card', {
    options: { networks: true },
    make: (page) => page.locator('dialog section.card').first().scrollIntoViewIfNeeded(),
  }),
  view('add-chirpstack', '/devices#add-integration/chirpstack', 'dialog form'),
  view('add-tasmota', '/devices#add-integration/tasmota', 'dialog form', { make: connect }),
  view('add-ecowitt', '/devices#add-integration/ecowitt', 'dialog form', { make: connect }),
  view('add-zigbee2mqtt', '/devices#add-integration/zigbee2mqtt', 'dialog form', {
    make: async (page, dashboard) => {
      await page.locator('dialog form input').first().fill('192.168.1.10')
      await connect(page, dashboard)
    },
  }),
  view('integration', '/devices#integration/chirpstack-1', 'dialog .card', { options: { networks: true } }),
  view('assign', '/devices#assign/chirpstack-1/lw:24e124126a148401', 'dialog dl', {
    options: { networks: true },
  }),
  view('assign-two', '/devices#assign/chirpstack-1/lw:a84041000181c061', 'dialog .fit', {
    options: { networks: true },
  }),
  view('assign-unknown', '/devices#assign/chirpstack-1/lw:0004a30b00f1c2d3', 'dialog .row', {
    options: { networks: true },
  }),
  view('assign-valve', '/devices#assign/zigbee-1/z2m:garden%20valve', 'dialog dl', {
    options: { networks: true },
  }),
  view('unassigned', '/devices#unassigned', 'dialog .row', { options: { networks: true } }),
  view('profile', '/devices#profile/probe-1', 'dialog .row', { options: { networks: true } }),
  view('add-field', '/begin#add-field', 'dialog form'),
  view('add-season', '/begin#add-season', 'dialog form'),
  view('put-right', '/fields/north-3#add-field/north-3', 'dialog form'),
  view('add-zone', '/fields/north-3#add-zone/north-3', 'dialog form', {
    options: { role: 'admin' },
    make: async (page) => {
      await page.locator('#zone-controller').selectOption('controller-1')
    },
  }),
  view('letters', '/devices#dead-letters', 'dialog li'),
  // the first run, and pages without a session
  view('setup', '/setup?token=one-time', 'form', { options: { signedIn: false } }),
  view('join', '/join?code=PERSON', 'form', { options: { signedIn: false } }),
  view('join-member', '/join?code=MEMBER', 'form', { options: { signedIn: false } }),
  view('join-void', '/join?code=VOID', 'main [role=alert]', { options: { signedIn: false } }),
  view('join-password', '/join?reset=K3QF-7M2P', 'form', { options: { signedIn: false } }),
  view('join-signed-in', '/join?code=MEMBER', 'main .main'),
  view('begin', '/begin', 'main ol', { options: { fields: 'none', newcomer: true } }),
  view('sign-in', '/', 'form', { options: { signedIn: false } }),
  view('trust', '/trust', 'main ol li', { options: { signedIn: false, https: 'own' } }),
  view('trust-off', '/trust', 'main a.button', { options: { signedIn: false } }),
  // a farm without anything
  view('today-empty', '/', 'h1', { options: emptyFarm }),
  view('fields-empty', '/fields', 'main p', { options: emptyFarm }),
  view('fields-map-empty', '/fields?map=', 'main .wide', { options: emptyFarm }),
  view('water-empty', '/water', 'main .card', { options: emptyFarm }),
  view('pests-empty', '/pests', 'main p', { options: { pests: 'none' } }),
  view('devices-empty', '/devices', 'main .button', { options: emptyFarm }),
  view('reports-empty', '/reports', 'main select', { options: { reports: 'none' } }),
  view('audit-empty', '/audit', 'main .status-ok', { options: emptyFarm }),
  view('letters-empty', '/devices#dead-letters', 'dialog .status-ok', { options: emptyFarm }),
  // late data, and lost data
  view('field-late', '/fields/shrine-east', '[role=slider]'),
  view('field-lost', '/fields/river-bend', '[role=slider]'),
  // it is unknown whether the valve received it
  view('today-unsure', '/', '.dock', { options: unsure }),
  view('field-frost', '/fields/north-3', '[role=slider]', { options: { frost: true } }),
  view('field-unsure', '/fields/paddy-7', '[role=slider]', { options: unsure }),
  ...offlineScreens.map(([name, path, ready]) =>
    view(`${name}-offline`, path, ready, {
      options: running,
      make: async (page, dashboard) => {
        await hasDock(page)
        await withoutNetwork!(page, dashboard)
      },
    }),
  ),
  ...offlineScreens.map(([name, path, ready]) =>
    view(`${name}-error`, path, ready, {
      options: running,
      make: async (page, dashboard) => {
        await hasDock(page)
        await inTrouble!(page, dashboard)
      },
    }),
  ),
]
