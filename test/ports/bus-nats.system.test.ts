/** The bus over NATS, as docs/nats sets it up. */
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll } from 'vitest'
import { openMqttBus } from '../../services/adapters/bus/mqtt-bus.ts'
import { INSTALL_NATS, startNats, type Nats } from '../support/nats.ts'
import { startRelay } from '../support/relay.ts'
import { requireProgram } from '../support/require.ts'
import { busSuite } from './bus-suite.ts'

requireProgram('nats-server', INSTALL_NATS)('the bus over NATS', () => {
  let nats: Nats
  beforeAll(async () => void (nats = await startNats('coop', [])))
  afterAll(() => nats.stop())

  busSuite(async () => {
    let errors = 0
    const log = { debug() {}, info() {}, warn() {}, error: () => void errors++ }
    const port = Number(new URL(nats.url).port)
    const relay = await startRelay(port)
    const open = (at: number) =>
      openMqttBus(
        {
          url: `mqtt://127.0.0.1:${at}`,
          clientId: `tilth-bus-${randomUUID()}`,
          userName: 'tilth',
          password: nats.secretOf('tilth'),
        },
        { log },
      )
    const [bus, other] = [await open(relay.port), await open(port)]
    return {
      bus,
      other,
      errors: () => errors,
      breakConnection: relay.cut,
      async stop() {
        await bus.close()
        await other.close()
        await relay.stop()
      },
    }
  })
})
