/** The bus over RabbitMQ, as docs/rabbitmq sets it up. */
import { afterAll, beforeAll } from 'vitest'
import { INSTALL_RABBITMQ, startRabbit, type Rabbit } from '../support/rabbitmq.ts'
import { requireProgram } from '../support/require.ts'
import { busSuite } from './bus-suite.ts'
import { openRelayedBus } from './relayed-bus.ts'

requireProgram('rabbitmq-server', INSTALL_RABBITMQ)('the bus over RabbitMQ', () => {
  let rabbit: Rabbit
  beforeAll(async () => void (rabbit = await startRabbit()), 60_000)
  afterAll(() => rabbit.stop())

  busSuite(() => openRelayedBus(rabbit.nodes[0]!.port, rabbit.secretOf('tilth')), { mayLackRetained: true })
})
