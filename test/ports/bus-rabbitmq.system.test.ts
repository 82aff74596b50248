/** The bus over RabbitMQ, as docs/rabbitmq sets it up. */
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll } from 'vitest'
import { openMqttBus } from '../../services/adapters/bus/mqtt-bus.ts'
import { INSTALL_RABBITMQ, startRabbit, type Rabbit } from '../support/rabbitmq.ts'
import { startRelay } from '../support/relay.ts'
import { requireProgram } from '../support/require.ts'
import { busSuite } from './bus-suite.ts'

requireProgram('rabbitmq-server', INSTALL_RABBITMQ)('the bus over RabbitMQ', () => {
  let rabbit: Rabbit
  beforeAll(async () => void (rabbit = await startRabbit()), 60_000)
  afterAll(() => rabbit.stop())

  busSuite(
    async () => {
      let errors = 0
      const log = { debug() {}, info() {}, warn() {}, error: () => void errors++ }
      const [node] = rabbit.nodes
      const relay = await startRelay(node!.port)
      const open = (port: number) =>
        openMqttBus(
          {
            url: `mqtt://127.0.0.1:${port}`,
            clientId: `tilth-bus-${randomUUID()}`,
            userName: 'tilth',
            password: rabbit.secretOf('tilth'),
          },
          { log },
        )
      const [bus, other] = [await open(relay.port), await open(node!.port)]
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
    },
    { mayLackRetained: true },
  )
})
