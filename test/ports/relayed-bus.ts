/** The bus over another broker, once straight and once through a relay that a test can cut. */
import { randomUUID } from 'node:crypto'
import { openMqttBus } from '../../services/adapters/bus/mqtt-bus.ts'
import { startRelay } from '../support/relay.ts'

/** Two sessions of the user `tilth` at the broker on `port`; `bus` is the one that `breakConnection` cuts. */
export async function openRelayedBus(port: number, password: string) {
  let errors = 0
  const log = { debug() {}, info() {}, warn() {}, error: () => void errors++ }
  const relay = await startRelay(port)
  const open = (at: number) =>
    openMqttBus(
      {
        url: `mqtt://127.0.0.1:${at}`,
        clientId: `tilth-bus-${randomUUID()}`,
        userName: 'tilth',
        password,
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
}
