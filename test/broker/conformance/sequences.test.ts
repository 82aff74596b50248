/**
 * The broker against the OASIS text of MQTT 3.1.1, statement by statement, as bytes over TCP. What Tilth serves is a
 * profile: QoS 2 is not spoken, sessions are not kept, a client id is a device, keepalive is 10 to 300 s.
 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startBrokerRig, type BrokerRig } from '../rig.ts'
import { play } from './run-sequence.ts'
import { connects } from './table/connect.ts'
import { header } from './table/header.ts'
import { publishes } from './table/publish.ts'
import { subscribes } from './table/subscribe.ts'
import { texts } from './table/texts.ts'

const all = [...texts, ...header, ...connects, ...publishes, ...subscribes]

describe('MQTT 3.1.1, as bytes', () => {
  let rig: BrokerRig
  beforeEach(async () => {
    rig = await startBrokerRig()
    for (const id of [
      'probe1',
      'probe2',
      'Z',
      '0123456789abcdefghijkLM',
      'probe-with_a-long-name-of-40-characters0',
    ])
      rig.register('coop', id)
  })
  afterEach(() => rig.stop())

  it.each(all.map((each) => [each.statement, each.says, each] as const))(
    '[%s] %s',
    (_statement, _says, each) => play(rig, each),
  )
})

describe('the table of sequences', () => {
  it('has at least 150 different sequences, each with its statement', () => {
    expect(all.length).toBeGreaterThanOrEqual(150)
    expect(new Set(all.map(({ statement, says }) => statement + says)).size).toBe(all.length)
    for (const { statement } of all) expect(statement).toMatch(/^MQTT-\d[.-]\d{1,2}\.\d-\d{1,2}$/)
  })
  it('touches at least 80 statements', () => {
    expect(new Set(all.map(({ statement }) => statement)).size).toBeGreaterThanOrEqual(80)
  })
})
