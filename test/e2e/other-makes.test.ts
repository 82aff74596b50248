/** Devices of other makes on the phone: the lines to enter, a found device, a profile at fault. */
import { describe, expect, it } from 'vitest'
import { hasBrowser, needs } from './browser.ts'
import { useDashboard } from './dashboard.ts'

describe.skipIf(!hasBrowser)(`devices of other makes on the phone${needs}`, () => {
  const dashboard = useDashboard({ options: { networks: true }, onePhone: true })
  const bodiesOf = (route: string) =>
    dashboard.fixture.received.filter((item) => item.route === route).map(({ body }) => body)

  it('a Wi-Fi network shows one line with this server and its own password, and counts messages', async () => {
    const page = await dashboard.open('/devices#add-integration/tasmota')
    await page.getByRole('button', { name: 'Create access' }).tap()
    const line = page.locator('dialog pre')
    await line.waitFor()
    expect(await line.textContent()).toBe(
      'Backlog MqttHost 127.0.0.1; MqttPort 1883; MqttUser 0b6f3c1e-5a51-4a0e-9a11-0c2f8f5f6d77; MqttPassword q7Yk2mN9vR4tXw8LbC3dF6gH1jK5pS0z; PowerRetain 0; TelePeriod 300',
    )
    await page
      .locator('dialog')
      .getByText(/^Received \d+ message/)
      .waitFor()
    expect(bodiesOf('POST /api/integrations')).toMatchObject([{ name: 'Tasmota', kind: 'tasmota' }])
  })

  it('of two profiles that fit a person chooses by the values, and answers the depth', async () => {
    const page = await dashboard.open('/devices#assign/chirpstack-1/lw:a84041000181c061')
    await page.getByRole('button', { name: /^Dragino SE01-LB/ }).tap()
    await page.getByLabel('Where is it?').selectOption({ label: 'Hill 2' })
    await page.getByRole('button', { name: '20 cm' }).tap()
    await page.getByRole('button', { name: 'Assign', exact: true }).tap()
    await page.getByRole('heading', { level: 1, name: 'Hill 2' }).waitFor()
    expect(bodiesOf('POST /api/unassigned-devices/assign')).toEqual([
      {
        integrationId: 'chirpstack-1',
        address: 'lw:a84041000181c061',
        profile: 'dragino-se01-lb',
        name: 'Lower terrace',
        answers: { depthCm: 20 },
        fieldId: 'hill-2',
      },
    ])
  })

  it('one that cannot be read shows its messages, and is read with a profile from the list', async () => {
    const page = await dashboard.open('/devices#assign/chirpstack-1/lw:0004a30b00f1c2d3')
    await page.getByText('Its messages as they came').tap()
    await page.getByText('"moisture":21.4').waitFor()
    await page.getByLabel('Search for maker or model').fill('lse')
    await page.getByRole('button', { name: 'Dragino LSE01', exact: true }).tap()
    await page.getByText('Soil moisture').waitFor()
  })

  it('is hidden for ever, and shown again from the list', async () => {
    const page = await dashboard.open('/devices')
    await page.getByRole('button', { name: /Orchard row 4/ }).tap()
    await page.getByRole('button', { name: 'Hide for ever' }).tap()
    await page.getByText('3 new devices found').waitFor()
    expect(await page.getByRole('button', { name: /Orchard row 4/ }).count()).toBe(0)
    await page.goto(`${dashboard.fixture.url}/devices#unassigned`)
    await page.getByRole('button', { name: 'Show', exact: true }).tap()
    await page
      .locator('dialog')
      .getByRole('button', { name: /Orchard row 4/ })
      .waitFor()
  })

  it('the depth of a sensor is changed later, on its page', async () => {
    const page = await dashboard.open('/devices#device/probe-1')
    await page.getByText('Change its settings').tap()
    await page.getByRole('button', { name: '40 cm' }).tap()
    await page.getByRole('button', { name: 'Save', exact: true }).tap()
    await expect
      .poll(() => bodiesOf('POST /api/devices/probe-1/profile'))
      .toEqual([{ profile: 'milesight-em500-smtc', answers: { depthCm: 40 } }])
  })

  it('Home Assistant gets the fields when an administrator allows it, and may open no valve until that is allowed too', async () => {
    const page = await dashboard.open('/devices#integration/home-1')
    const sheet = page.locator('dialog')
    await sheet.getByText('Fields in Home Assistant').tap()
    await sheet.getByLabel('Show each field in Home Assistant').tap()
    await sheet.getByLabel('Base of the topics').fill('tilth ha')
    await sheet.getByText('Letters, digits').waitFor()
    await sheet.getByLabel('Base of the topics').fill('tilth-hill')
    await sheet.getByRole('button', { name: 'Save', exact: true }).tap()
    const sent = () => bodiesOf('PATCH /api/integrations/home-1')
    await expect.poll(sent).toEqual([{ homeAssistant: { base: 'tilth-hill', mayOpenValves: false } }])
    await sheet.getByText('half an hour at most').waitFor()
    await sheet.getByLabel('Home Assistant may open valves').tap()
    await sheet.getByRole('button', { name: 'Save', exact: true }).tap()
    await expect
      .poll(() => sent().at(-1))
      .toEqual({
        homeAssistant: { base: 'tilth-hill', mayOpenValves: true },
      })
    await sheet.getByLabel('Show each field in Home Assistant').tap()
    await sheet.getByRole('button', { name: 'Save', exact: true }).tap()
    await expect.poll(() => sent().at(-1)).toEqual({ homeAssistant: null })
  })

  it('messages that could not be read are one sentence, and are read again', async () => {
    const page = await dashboard.open('/devices')
    await page.getByText(/^5 messages of North probe could not be read since/).waitFor()
    await page.getByText('moisture: expected a number, got "ERR"').waitFor()
    await page.getByRole('button', { name: 'Try again' }).tap()
    await page.getByText('5 messages are read again').waitFor()
  })

  it('a viewer sees them and connects nothing', async () => {
    const page = await dashboard.open('/devices', { role: 'viewer' })
    await page.getByText('3 devices silent since').waitFor()
    expect(await page.getByRole('button', { name: 'Add a device' }).count()).toBe(0)
    expect(await page.getByText('new devices found').count()).toBe(0)
  })
})
