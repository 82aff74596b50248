/** The bus over NATS, as docs/nats sets it up. */
import { afterAll, beforeAll } from 'vitest'
import { INSTALL_NATS, startNats, type Nats } from '../support/nats.ts'
import { requireProgram } from '../support/require.ts'
import { busSuite } from './bus-suite.ts'
import { openRelayedBus } from './relayed-bus.ts'

requireProgram('nats-server', INSTALL_NATS)('the bus over NATS', () => {
  let nats: Nats
  beforeAll(async () => void (nats = await startNats('coop', [])))
  afterAll(() => nats.stop())

  busSuite(() => openRelayedBus(Number(new URL(nats.url).port), nats.secretOf('tilth')))
})
