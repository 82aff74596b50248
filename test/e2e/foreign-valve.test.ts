/** The page of a valve of another make: its test run, its lock, and what watches it. */
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { hasBrowser, needs } from './browser.ts'
import { useDashboard } from './dashboard.ts'

const PAGE = '/devices#device/controller-1'

describe.skipIf(!hasBrowser)(`a valve of another make on the phone${needs}`, () => {
  const dashboard = useDashboard({ options: { networks: true }, onePhone: true })
  const valves = (page: Page) => {
    const cards = page.locator('dialog section.card')
    return [cards.nth(0), cards.nth(1), cards.nth(2)] as const
  }
  const changes = () =>
    dashboard.fixture.received.filter(({ route }) => /^(PATCH|POST) .*\/valves\//.test(route))

  it('is tested for a minute with the water shut, and shows how its closing was proved', async () => {
    const page = await dashboard.open(PAGE)
    const [tested] = valves(page)
    await tested.getByText('Shut the water. Tilth opens it for one minute.').waitFor()
    await tested.getByRole('button', { name: 'Start the test' }).tap()
    await tested.getByText('The test runs: the valve is open for one minute.').waitFor()
    await tested.getByText('Opened after 4 s, closed after 61 s.').waitFor()
    await tested.getByText('Tested: closed by itself, reported by the valve').waitFor()
  })

  it('that did not keep its time is locked with the reason, until an administrator has looked at it', async () => {
    const page = await dashboard.open(PAGE)
    const [, locked] = valves(page)
    await locked.getByText('Locked: it reported another run time than it was sent.').waitFor()
    expect(await locked.getByRole('button', { name: 'Start the test' }).count()).toBe(0)
    await locked.getByRole('button', { name: 'I have looked at it: unlock' }).tap()
    await locked.getByRole('button', { name: 'Start the test' }).waitFor()
    expect(changes().map(({ route }) => route)).toEqual(['POST /api/devices/controller-1/valves/V2/unlock'])
  })

  it('gets the meter on its pipe, a second valve and its time of waking', async () => {
    const page = await dashboard.open(PAGE)
    const [, sleeper] = valves(page)
    await sleeper.getByText('It needs a meter', { exact: false }).waitFor()
    await sleeper.getByText('Meter and second valve').tap()
    await sleeper.getByLabel('Flow meter on its pipe').selectOption({ label: 'Pump meter' })
    await sleeper.getByLabel('A second valve of another make is on the same pipe').tap()
    await sleeper.getByLabel('Wakes every, min').fill('20')
    await sleeper.getByRole('button', { name: 'Save', exact: true }).tap()
    await expect.poll(changes).toEqual([
      {
        route: 'PATCH /api/devices/controller-1/valves/V2',
        body: { meterDeviceId: 'meter-1', hasSecondValve: true, wakeS: 1_200 },
      },
    ])
    // with a meter it may run by itself
    await sleeper.getByText('It needs a meter', { exact: false }).waitFor({ state: 'detached' })
    await sleeper.getByLabel('Wakes every, min').fill('')
    await sleeper.getByLabel('Wakes every, min').blur()
    await sleeper.getByRole('button', { name: 'Save', exact: true }).tap()
    await expect.poll(() => changes().at(-1)?.body).toEqual({ wakeS: null })
  })

  it('that nothing in the device closes has its reason and no button', async () => {
    const page = await dashboard.open(PAGE)
    const [, , refused] = valves(page)
    await refused.getByText('Nothing in the device ends a run.').waitFor()
    expect(await refused.getByRole('button').count()).toBe(0)
  })

  it('has its reasons in the language of the reader', async () => {
    const page = await dashboard.open(PAGE, {}, { language: 'ja' })
    const [, locked, refused] = valves(page)
    await locked.getByText('ロック中：送った時間と違う時間を返しました。').waitFor()
    await refused.getByText('機器自体に、開いた時間を終わらせる仕組みがありません。').waitFor()
    expect(await page.locator('dialog section.card [lang=en]').count()).toBe(0)
  })

  it('is looked at by a viewer, who changes nothing', async () => {
    const page = await dashboard.open(PAGE, { role: 'viewer' })
    const [, locked] = valves(page)
    const unlock = locked.getByRole('button', { name: 'I have looked at it: unlock' })
    await unlock.waitFor()
    expect(await unlock.getAttribute('aria-disabled')).toBe('true')
    expect(await page.getByText('Meter and second valve').count()).toBe(0)
  })
})
