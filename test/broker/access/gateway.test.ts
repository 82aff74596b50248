/**
 * Gateways over the wire: what a foreign device may publish and receive. The witness is a service that receives every mount and
 * everything under tilth/.
 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { IClientOptions, MqttClient } from 'mqtt'
import { standardLimits } from '../../../broker/access/limits.ts'
import { hashSecret } from '../../../broker/access/authenticate.ts'
import {
  mayLeaveWill,
  mayPublish,
  mayReceive,
  maySubscribe,
  type Party,
} from '../../../broker/access/authorize.ts'
import { topics } from './cells.ts'
import { closed, eventually, PEPPER, secretOf, startBrokerRig, type BrokerRig } from '../rig.ts'

const KIB = 1024

describe('a gateway', () => {
  let rig: BrokerRig
  let witness: { heard: string[]; client: MqttClient }

  beforeEach(async () => {
    rig = await startBrokerRig({
      limits: {
        'gateway-subscriptions': standardLimits['gateway-subscriptions'],
        'gateway-retained': standardLimits['gateway-retained'],
      },
    })
    for (const [org, id] of [
      ['coop', 'barn'],
      ['coop', 'shed'],
      ['other', 'attic'],
    ] as const)
      rig.register(org, id, { isGateway: true })
    rig.register('coop', 'probe1')
    witness = await listen(await asService('witness'), 'foreign/#', 'tilth/#')
  })
  afterEach(() => rig.stop())

  const connect = (gateway: string, clientId: string, more: IClientOptions = {}) =>
    rig.connect(gateway, { clientId, ...more })
  const asService = (name: string) =>
    rig.connect(`service:${name}`, { username: `service:${name}`, password: 'service secret' })

  /** Subscribes and records what comes: the topic, a star when it is marked as retained. */
  async function listen(client: MqttClient, ...filters: string[]) {
    const heard: string[] = []
    client.on('message', (topic, _payload, { retain }) => heard.push(`${topic}${retain ? ' *' : ''}`))
    await client.subscribeAsync(filters, { qos: 1 })
    return { heard, client }
  }

  let marks = 0
  /** What a client has received, after everything that was published before. */
  async function heardBy({ heard, client }: { heard: string[]; client: MqttClient }): Promise<string[]> {
    const mark = `mark/${++marks}`
    const isService = client === witness.client
    await client.publishAsync(isService ? `tilth/${mark}` : mark, '', { qos: 1 })
    await eventually(() => heard.some((topic) => topic.endsWith(mark)))
    return heard.filter((topic) => !topic.includes('mark/'))
  }
  const records = () => rig.journal.read(0, 1_000).filter(({ foreign }) => !foreign!.topic.includes('mark/'))
  const letters = () => rig.journal.deadLetters({}).map(({ topic, reason }) => ({ topic, reason }))

  it('connects with any client id, or with none: its user name is the gateway', async () => {
    for (const clientId of ['DVES_A1B2C3', 'mqttjs 1/2', 'probe1', ''])
      expect((await connect('barn', clientId)).connected).toBe(true)
    await expect(connect('barn', 'box', { password: 'wrong' })).rejects.toThrow(/Not authorized/)
    await expect(connect('nobody', 'box')).rejects.toThrow(/Not authorized/)
    await expect(rig.connect('probe1', { clientId: 'box' })).rejects.toThrow(/Not authorized/)
  })

  it('displaces no device, no service and no client of another gateway by its client id', async () => {
    const probe = await rig.connect('probe1')
    const shed = await connect('shed', 'box')
    const [ours, next] = [await connect('barn', 'box'), await connect('barn', 'probe1')]
    await connect('barn', 'service:witness')
    await ours.publishAsync('a', '', { qos: 1 })
    expect([probe, shed, ours, next, witness.client].map(({ connected }) => connected)).toEqual(
      Array(5).fill(true),
    )
    // within a gateway the standard holds [MQTT-3.1.4-2]
    await connect('barn', 'box')
    await closed(ours)
  })

  it('reaches nobody outside its mount, whatever topic it names', async () => {
    const shed = await listen(await connect('shed', 'tool'), '#')
    const attic = await listen(await connect('attic', 'tool'), '#', 'foreign/#', 'tilth/#')
    const probe = await listen(await rig.connect('probe1'), 'tilth/v1/coop/probe1/command')
    const bad = await connect('barn', 'bad')
    const named = [
      'tilth/v1/coop/probe1/telemetry',
      'tilth/v1/coop/probe1/command',
      'tilth/internal/coop/request',
      'foreign/coop/shed/zigbee2mqtt/x',
      'foreign/other/attic/x',
      '../shed/x',
      '/',
      '//tilth',
    ]
    for (const topic of named) await bad.publishAsync(topic, 'x', { qos: 1 })
    expect(await heardBy(witness)).toEqual(named.map((topic) => `foreign/coop/barn/${topic}`))
    for (const other of [shed, attic]) expect(await heardBy(other)).toEqual([])
    expect(probe.heard).toEqual([])
    expect(records().map(({ org, device, foreign }) => [org, device, foreign?.topic])).toEqual(
      named.map((topic) => ['coop', 'barn', topic]),
    )
  })

  it('hears nothing from outside its mount, whatever filter it names, and its own by the names that it gave', async () => {
    const filters = ['#', '+/#', 'tilth/#', 'foreign/#', 'tilth/v1/+/+/telemetry', '+/+/+/+/+', '../shed/#']
    const barn = await listen(await connect('barn', 'tool'), ...filters)
    const probe = await rig.connect('probe1')
    await probe.publishAsync('tilth/v1/coop/probe1/telemetry', '{}', { qos: 1 })
    await witness.client.publishAsync('tilth/internal/coop/event', '{}', { qos: 1 })
    await (await connect('shed', 'tool')).publishAsync('zigbee2mqtt/x', '', { qos: 1 })
    await witness.client.publishAsync('foreign/coop/barn/cmnd/box/POWER1', 'OFF', { qos: 1 })
    await (await connect('barn', 'box')).publishAsync('tilth/v1/coop/probe1/telemetry', '', { qos: 1 })
    expect(await heardBy(barn)).toEqual(['cmnd/box/POWER1', 'tilth/v1/coop/probe1/telemetry'])
  })

  it('two with the same topics never hear each other; the tools of one do', async () => {
    const filters = ['zigbee2mqtt/#', 'zigbee2mqtt/valve/set']
    const [barn, barnToo] = [
      await listen(await connect('barn', 'z2m'), ...filters),
      await listen(await connect('barn', 'ha'), ...filters),
    ]
    const shed = await listen(await connect('shed', 'z2m'), ...filters)
    await barn.client.publishAsync('zigbee2mqtt/bridge/state', 'online', { qos: 1, retain: true })
    await barn.client.publishAsync('zigbee2mqtt/valve/set', '{"state":"ON"}', { qos: 0 })
    await eventually(() => barnToo.heard.length === 2)
    expect(barn.heard).toEqual(['zigbee2mqtt/bridge/state', 'zigbee2mqtt/valve/set'])
    const later = await listen(await connect('shed', 'ha'), ...filters)
    await shed.client.publishAsync('zigbee2mqtt/mark/shed', '', { qos: 1 })
    await eventually(() => later.heard.length === 1)
    expect([shed.heard, later.heard]).toEqual([['zigbee2mqtt/mark/shed'], ['zigbee2mqtt/mark/shed']])
  })

  it('is refused $share, $SYS and the 65th filter with 0x80, and stays connected', async () => {
    const client = await connect('barn', 'tool')
    const ask = async (filter: string) =>
      (await client.subscribeAsync({ [filter]: { qos: 1 } }).catch(() => [{ qos: 128 }]))[0]!.qos
    for (const filter of ['$SYS/#', '$share/group/zigbee2mqtt/#', '$SYS/broker/uptime', '$'])
      expect(await ask(filter), filter).toBe(128)
    for (let n = 0; n < 64; n++) expect(await ask(`tele/${n}/#`), `${n}`).toBe(1)
    expect(await ask('tele/64/#')).toBe(128)
    expect(await ask('tele/63/#')).toBe(1)
    expect(client.connected).toBe(true)
    await client.unsubscribeAsync('tele/0/#')
    expect(await ask('tele/64/#')).toBe(1)
  })

  it('hears no more of a filter that it gives up, in one UNSUBSCRIBE of several', async () => {
    const barn = await listen(await connect('barn', 'tool'), 'a/#', 'b', 'c/+/d', 'mark/#')
    await barn.client.unsubscribeAsync(['a/#', 'c/+/d', 'never/held'])
    for (const topic of ['a/1', 'b', 'c/1/d']) await barn.client.publishAsync(topic, '', { qos: 1 })
    expect(await heardBy(barn)).toEqual(['b'])
  })

  it('has kept what states that a device is there, and never a command, from its own tools or from a service', async () => {
    const tool = await connect('barn', 'tool')
    const kept = [
      'tele/box/LWT',
      'zigbee2mqtt/valve/availability',
      'zigbee2mqtt/bridge/state',
      'shelly-1/online',
    ]
    const commands = [
      ...[
        'zigbee2mqtt/valve/set',
        'cmnd/box/POWER1',
        'box/cmnd/POWER1',
        'esp/switch/valve/command',
        'shelly-1/rpc',
      ],
      ...['cmnd/box/LWT', 'zigbee2mqtt/bridge/set', 'valve/set/availability', 'CMND/box/LWT'],
      ...['zigbee2mqtt/bridge/request/restart', 'tele/box/SENSOR', 'zigbee2mqtt/valve'],
    ]
    for (const topic of [...kept, ...commands]) await tool.publishAsync(topic, 'x', { qos: 1, retain: true })
    for (const topic of commands)
      await witness.client.publishAsync(`foreign/coop/barn/${topic}`, 'x', { qos: 1, retain: true })
    const later = await listen(await connect('barn', 'valve'), '#', ...commands)
    // retained messages come after the SUBACK
    await eventually(() => later.heard.length >= kept.length)
    expect((await heardBy(later)).sort()).toEqual(kept.map((topic) => `${topic} *`).sort())
    const mounted = await listen(await asService('later'), 'foreign/#')
    await eventually(() => mounted.heard.length >= kept.length)
    expect(mounted.heard.sort()).toEqual(kept.map((topic) => `foreign/coop/barn/${topic} *`).sort())
    // the flag is in the journal as it came
    expect(records().every(({ foreign }) => foreign?.isRetained)).toBe(true)
  })

  it('has at most 2 MiB of messages kept, and none of another gateway goes for them', async () => {
    const [barn, shed] = [await connect('barn', 'tool'), await connect('shed', 'tool')]
    await shed.publishAsync('tele/box/LWT', 'Online', { qos: 1, retain: true })
    const payload = Buffer.alloc(60 * KIB, 'x')
    for (let n = 0; n < 50; n++) await barn.publishAsync(`tele/${n}/LWT`, payload, { qos: 1, retain: true })
    const ours = await listen(await connect('barn', 'later'), 'tele/#')
    await eventually(() => ours.heard.length >= 34)
    expect(ours.heard).toHaveLength(34)
    const theirs = await listen(await connect('shed', 'later'), 'tele/#')
    await eventually(() => theirs.heard.length === 1)
  })

  it('may leave a will on any topic of its mount, which fires there, and none that begins with $', async () => {
    const topics = ['tele/box/LWT', 'tilth/v1/coop/probe1/online', 'foreign/other/attic/online']
    for (const topic of topics) {
      const will = { topic, payload: Buffer.from('Offline'), qos: 1, retain: true } as const
      const box = await connect('barn', 'box', { will })
      box.stream.destroy()
      await eventually(() => witness.heard.includes(`foreign/coop/barn/${topic}`))
    }
    expect(witness.heard).toEqual(topics.map((topic) => `foreign/coop/barn/${topic}`))
    expect(
      records().map(({ payload, foreign }) => [Buffer.from(payload).toString(), foreign!.topic]),
    ).toEqual(topics.map((topic) => ['Offline', topic]))
    for (const will of [
      { topic: '$SYS/x', payload: Buffer.from('x'), qos: 1, retain: false },
      { topic: 'tele/box/LWT', payload: Buffer.from('x'), qos: 2, retain: false },
    ] as const)
      await expect(connect('barn', 'box', { will })).rejects.toThrow(/Not authorized/)
  })

  it('has every message in the journal, raw, before it is forwarded or acknowledged', async () => {
    const payload = Buffer.from([0, 1, 0xff, 0x80])
    const barn = await listen(await connect('barn', 'tool'), 'tele/#')
    const seen: number[] = []
    barn.client.on('message', () => seen.push(rig.journal.head()))
    await barn.client.publishAsync('tele/box/SENSOR', payload, { qos: 1 })
    await eventually(() => seen.length === 1)
    await barn.client.publishAsync('tele/box/STATE', '', { qos: 0 })
    await eventually(() => seen.length === 2)
    expect(seen).toEqual([1, 2])
    expect(records().map(({ payload: bytes, foreign }) => ({ bytes: [...bytes], foreign }))).toMatchObject([
      { bytes: [...payload], foreign: { integration: 'barn', isRetained: false } },
      { bytes: [], foreign: { topic: 'tele/box/STATE' } },
    ])
  })

  it('may send 64 KiB, and a catalogue of 1 MiB; longer is a dead letter, acknowledged, heard by nobody, and no disconnect', async () => {
    const tool = await connect('barn', 'tool')
    const sent: [topic: string, bytes: number][] = [
      ['tele/box/SENSOR', 64 * KIB],
      ['tele/box/SENSOR', 64 * KIB + 1],
      ['zigbee2mqtt/bridge/definitions', 1024 * KIB],
      ['zigbee2mqtt/bridge/definitions', 1024 * KIB + 1],
      ['zigbee2mqtt/bridge/groups', 70 * KIB],
      // longer than any packet that is received
      ['zigbee2mqtt/bridge/devices', 3 * 1024 * KIB],
      ['tele/last/SENSOR', 1],
    ]
    for (const [topic, bytes] of sent) await tool.publishAsync(topic, Buffer.alloc(bytes, 'x'), { qos: 1 })
    expect(tool.connected).toBe(true)
    const stored = [sent[0]!, sent[2]!, sent[6]!]
    expect(records().map(({ foreign, payload }) => [foreign!.topic, payload.length])).toEqual(stored)
    expect(await heardBy(witness)).toEqual(stored.map(([topic]) => `foreign/coop/barn/${topic}`))
    expect(letters()).toEqual([
      { topic: sent[1]![0], reason: 'payload: expected at most 65536 bytes, got 65537' },
      { topic: sent[3]![0], reason: 'payload: expected at most 1048576 bytes, got 1048577' },
      { topic: sent[4]![0], reason: 'payload: expected at most 65536 bytes, got 71680' },
      {
        topic: sent[5]![0],
        reason: expect.stringMatching(/^packet: too long, got 31457\d\d bytes$/) as string,
      },
    ])
    expect(rig.broker.counters()).toMatchObject({ foreignRefused: 4, packetsOversize: 0 })
  })

  it('stays connected when it publishes to $SYS, too deep or too long a topic: each is a dead letter', async () => {
    const tool = await connect('barn', 'tool')
    const topics = ['$SYS/broker/uptime', '$', 'a/'.repeat(97), 'x'.repeat(1_025)]
    for (const topic of topics) await tool.publishAsync(topic, 'x', { qos: 1 })
    await tool.publishAsync('a/'.repeat(96), 'x', { qos: 1 })
    expect(tool.connected).toBe(true)
    expect(await heardBy(witness)).toEqual([`foreign/coop/barn/${'a/'.repeat(96)}`])
    expect(letters().map(({ reason }) => reason)).toEqual([
      'topic: must not begin with $, got $SYS/broker/uptime',
      'topic: must not begin with $, got $',
      'topic: expected at most 97 levels, got 98',
      'topic: expected at most 1024 bytes, got 1025',
    ])
  })

  it('is disconnected with QoS 2, which cannot be answered otherwise', async () => {
    const tool = await connect('barn', 'tool')
    tool.publish('tele/box/SENSOR', 'x', { qos: 2 })
    await closed(tool)
    expect(rig.journal.head()).toBe(0)
  })

  it('that is revoked is disconnected, all its clients, and those of another stay', async () => {
    const [box, ha, shed] = [
      await connect('barn', 'box'),
      await connect('barn', 'ha'),
      await connect('shed', 'box'),
    ]
    rig.devices.delete('barn')
    await rig.broker.deviceChanged('barn')
    await Promise.all([closed(box), closed(ha)])
    expect(shed.connected).toBe(true)
    await expect(connect('barn', 'box')).rejects.toThrow(/Not authorized/)
  })

  it('has two secrets while one is rotated; the second change disconnects the older', async () => {
    const give = (...secrets: string[]) => {
      const secretHashes = secrets.map((secret) => hashSecret(secret, PEPPER))
      rig.register('coop', 'barn', { isGateway: true, secretHashes })
      return rig.broker.deviceChanged('barn')
    }
    const box = await connect('barn', 'box')
    await give('second', secretOf('barn'))
    await box.publishAsync('a', '', { qos: 1 })
    await give('third', 'second')
    await closed(box)
    expect((await connect('barn', 'box', { password: 'second' })).connected).toBe(true)
  })
})

describe('the access list of a gateway', () => {
  const barn: Party = { kind: 'gateway', org: 'coop', gateway: 'barn' }
  const own = ['foreign/coop/barn/a', 'foreign/coop/barn/tilth/v1/coop/probe1/command', 'foreign/coop/barn//']
  const others = [
    ...['foreign', 'foreign/', 'foreign/coop/barn', 'foreign/coop/barn/', 'foreign/coop/shed/a'],
    ...[
      'foreign/coop/bar/a',
      'foreign/coop/barn2/a',
      'foreign/other/barn/a',
      'Foreign/coop/barn/a',
      'coop/barn/a',
    ],
    ...topics,
  ]
  const qoses = [0, 1, 2] as const
  const isOfServer = (topic: string) => topic.startsWith('$')

  it('decides every cell: any name without $ to publish and subscribe, its own mount alone to hear (B6)', () => {
    const named = [...own, ...others].filter((topic) => !/[#+]/.test(topic))
    for (const retain of [false, true])
      for (const qos of qoses)
        for (const topic of named) {
          const intent = { topic, qos, retain }
          // a message to $... is no reason to disconnect: it becomes a dead letter
          expect(mayPublish(barn, intent).ok, topic).toBe(qos < 2)
          expect(mayLeaveWill(barn, intent).ok, topic).toBe(qos < 2 && !isOfServer(topic))
        }
    for (const filter of [...own, ...others])
      expect(maySubscribe(barn, filter).ok, filter).toBe(!isOfServer(filter))
    expect(own.filter((topic) => !mayReceive(barn, topic))).toEqual([])
    expect(others.filter((topic) => mayReceive(barn, topic))).toEqual([])
  })

  it('gives a device nothing of a mount, to publish, to leave as a will, to subscribe or to hear', () => {
    const device: Party = { kind: 'device', org: 'coop', device: 'barn' }
    for (const topic of [...own, 'foreign/#', 'foreign/coop/barn/telemetry'])
      for (const qos of qoses)
        for (const retain of [false, true]) {
          expect(mayPublish(device, { topic, qos, retain }).ok, topic).toBe(false)
          expect(mayLeaveWill(device, { topic, qos, retain }).ok, topic).toBe(false)
          expect(maySubscribe(device, topic).ok || mayReceive(device, topic), topic).toBe(false)
        }
  })
})

describe('the rate of a gateway', () => {
  it('is shared by its connections, and what exceeds it waits', async () => {
    const rig = await startBrokerRig({ limits: { 'gateway-burst': 20, 'gateway-packets': 100 } })
    try {
      rig.register('coop', 'barn', { isGateway: true })
      const clients = [
        await rig.connect('barn', { clientId: 'a' }),
        await rig.connect('barn', { clientId: 'b' }),
      ]
      const startMs = performance.now()
      await Promise.all(
        clients.flatMap((client) =>
          Array.from({ length: 40 }, () => client.publishAsync('tele/box/SENSOR', '', { qos: 1 })),
        ),
      )
      // 80 messages: 20 at once, the others at 100 a second
      expect(performance.now() - startMs).toBeGreaterThan(500)
      expect(rig.journal.head()).toBe(80)
      expect(rig.broker.counters().packetsDelayed).toBeGreaterThan(0)
    } finally {
      await rig.stop()
    }
  })

  it('is 500 packets at once and 50 a second, with 256 KiB a second', () => {
    expect(standardLimits).toMatchObject({
      'gateway-burst': 500,
      'gateway-packets': 50,
      'gateway-bytes': 256 * KIB,
      'gateway-subscriptions': 64,
      'gateway-retained': 2 * KIB * KIB,
    })
  })
})
