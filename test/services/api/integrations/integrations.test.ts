/** A farmer connects a network of devices of other makes over the API. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { foreignMessage } from '../../integrations/messages.ts'
import { NOW_MS } from '../rows.ts'
import { startIntegrationRig, uplink, type IntegrationRig } from './rig.ts'

let rig: IntegrationRig
beforeAll(async () => {
  rig = await startIntegrationRig()
})
afterAll(() => rig.stop())

describe('an integration', () => {
  it('shows what was received since it was added, and never a secret', async () => {
    expect(await rig.integration(rig.chirpstack)).toMatchObject({
      way: 'listen',
      status: 'waiting',
      hasSecret: true,
      messages: 0,
      lastMessageMs: null,
    })
    await rig.receive(rig.chirpstack, uplink('24e124126a1484aa', 1), uplink('24e124126a1484aa', 2))
    const view = await rig.integration(rig.chirpstack)
    expect(view).toMatchObject({ status: 'receiving', messages: 2, lastMessageMs: NOW_MS })
    expect(JSON.stringify(view)).not.toContain('theirs')
  })

  it('whose devices come to Tilth gets credentials, once; a new secret replaces them', async () => {
    const made = (await rig.post('/api/integrations', { name: 'Shed', kind: 'tasmota' })).body
    expect(made.secret).toMatch(/^[\w-]{32,}$/)
    expect(await rig.integration(made.id)).toMatchObject({ way: 'gateway', hasSecret: true })
    const next = (await rig.post(`/api/integrations/${made.id}/rotate`)).body
    expect(next.secret).not.toBe(made.secret)
    expect(rig.tilth.changedDevices).toContain(made.id)
    expect((await rig.post(`/api/integrations/${made.id}/revoke`)).status).toBe(200)
    expect(await rig.integration(made.id)).toMatchObject({ status: 'revoked' })
    expect((await rig.post(`/api/integrations/${made.id}/rotate`)).status).toBe(409)
  })

  it.each([
    [{ kind: 'chirpstack' }, 'mqtt:// or mqtts://'],
    [{ kind: 'weatherlink-live', url: 'mqtt://10.0.0.9' }, 'http://'],
    [{ kind: 'ecowitt', url: 'http://10.0.0.9' }, 'none'],
    [{ kind: 'chirpstack', url: 'mqtt://user:password@10.0.0.5' }, 'url'],
  ])('needs the address of its kind: %j', async (form, expected) => {
    const answer = await rig.post('/api/integrations', { name: 'x', ...form })
    expect(answer.status).toBe(400)
    expect(answer.body.message).toContain(expected)
  })

  it('is switched off and on, and erased with what nobody has assigned', async () => {
    const id = await rig.add({ name: 'Old', kind: 'generic' })
    await rig.receive(id, foreignMessage('shed/temperature', '19.2'))
    const patch = (body: object) => rig.tilth.call(rig.admin, 'PATCH', `/api/integrations/${id}`, body)
    expect((await patch({ state: 'off' })).status).toBe(200)
    expect(await rig.integration(id)).toMatchObject({ status: 'off' })
    await patch({ state: 'on' })
    expect(await rig.found('mqtt:shed/temperature')).toBeDefined()
    expect((await rig.tilth.call(rig.admin, 'DELETE', `/api/integrations/${id}`)).status).toBe(200)
    expect(await rig.integration(id)).toBeUndefined()
    expect(await rig.found('mqtt:shed/temperature')).toBeUndefined()
  })

  it('is for administrators alone', async () => {
    const agronomist = await rig.tilth.signUp('midori', 'agronomist')
    for (const path of ['/api/integrations', '/api/unassigned-devices', '/api/device-profiles'])
      expect((await rig.tilth.call(agronomist, 'GET', path)).status).toBe(403)
  })
})

describe('what Home Assistant gets from Tilth', () => {
  const options = { base: 'tilth-ha', mayOpenValves: false }
  it('is nothing until an administrator allows it, and may be switched off again', async () => {
    const id = await rig.add({ name: 'HA', kind: 'home-assistant', url: 'mqtt://10.0.0.5' })
    const patch = (homeAssistant: unknown) =>
      rig.tilth.call(rig.admin, 'PATCH', `/api/integrations/${id}`, { homeAssistant })
    expect(await rig.integration(id)).toMatchObject({ homeAssistant: null })
    expect((await patch(options)).status).toBe(200)
    expect(await rig.integration(id)).toMatchObject({ homeAssistant: options })
    expect((await patch({ ...options, mayOpenValves: true })).status).toBe(200)
    expect(await rig.integration(id)).toMatchObject({ homeAssistant: { mayOpenValves: true } })
    expect((await patch(null)).status).toBe(200)
    expect(await rig.integration(id)).toMatchObject({ homeAssistant: null })
    for (const base of ['a/#', '+', 'a b', '', 'a/b/c'])
      expect((await patch({ ...options, base })).status).toBe(400)
  })

  it.each([{ kind: 'generic', url: 'mqtt://10.0.0.5' }, { kind: 'home-assistant' }])(
    'needs the broker of Home Assistant: %j',
    async (form) => {
      const answer = await rig.post('/api/integrations', { name: 'x', ...form, homeAssistant: options })
      expect(answer.status).toBe(400)
      expect(answer.body.message).toContain('homeAssistant')
    },
  )
})
