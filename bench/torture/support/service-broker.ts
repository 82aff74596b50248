/** The broker alone, with a service that may publish to every device, to measure the effect of a slow reader. */
import { hashSecret, type RegisteredDevice } from '../../../broker/access/authenticate.ts'
import { systemClock } from '../../../broker/contract/time.ts'
import { openJournal } from '../../../broker/journal/journal.ts'
import { standardLimits } from '../../../broker/access/limits.ts'
import { startBroker } from '../../../broker/server.ts'
import { writeResult, taskFromArguments } from './child-program.ts'

export interface ServiceBrokerTask {
  journalPath: string
  pepper: string
  serviceSecret: string
  devices: readonly { id: string; org: string; secret: string }[]
}

const { journalPath, pepper, serviceSecret, devices } = taskFromArguments<ServiceBrokerTask>()
const silentLog = { debug() {}, info() {}, warn() {}, error() {} }
const knownDevices = new Map<string, RegisteredDevice>(
  devices.map(({ id, org, secret }) => [id, { id, org, secretHashes: [hashSecret(secret, pepper)] }]),
)
const journal = openJournal({ path: journalPath, clock: systemClock, log: silentLog })
const broker = await startBroker({
  host: '127.0.0.1',
  port: 0,
  pepper,
  journal,
  clock: systemClock,
  log: silentLog,
  limits: standardLimits,
  findDevice: async (id) => knownDevices.get(id) ?? null,
  serviceSecretHashes: [hashSecret(serviceSecret, pepper)],
})
process.stdout.write(`MQTT on 127.0.0.1:${broker.port}\n`)
process.once('SIGTERM', () => {
  writeResult(broker.counters())
  void broker.stop().then(() => {
    void journal.close()
    process.exit(0)
  })
})
