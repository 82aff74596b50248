/** An organisation whose integrations receive messages, which its ingest reads. */
import type { IntegrationView } from '../../../../services/api/integrations/integration-schemas.ts'
import type {
  UnassignedDevice,
  UnassignedList,
} from '../../../../services/api/integrations/unassigned-schemas.ts'
import { startIngest, type Ingest } from '../../../../services/ingest/ingest.ts'
import type { ForeignMessage } from '../../../../services/integrations/foreign-message.ts'
import { silent } from '../../../broker/rig.ts'
import { chirpstackUplink } from '../../integrations/messages.ts'
import { NOW_MS, plantFarm } from '../rows.ts'
import { startTestApi, type Answer, type TestApi } from '../test-api.ts'

export interface IntegrationRig {
  tilth: TestApi
  ingest: Ingest
  /** the cookie of an administrator */
  admin: string
  /** the id of a ChirpStack at its own broker */
  chirpstack: string
  get(path: string): Promise<Answer>
  post(path: string, body?: object): Promise<Answer>
  /** Returns the id of a new integration. */
  add(form: object): Promise<string>
  integration(id: string): Promise<IntegrationView>
  unassigned(query?: string): Promise<UnassignedList>
  found(address: string): Promise<UnassignedDevice | undefined>
  /** Resolves when the messages are on disk and read. */
  receive(id: string, ...messages: ForeignMessage[]): Promise<void>
  stop(): Promise<void>
}

export async function startIntegrationRig(): Promise<IntegrationRig> {
  const tilth = await startTestApi({
    mqttEndpoints: () => ({ port: 1883, tlsPort: null, webSocketPath: null }),
  })
  await plantFarm(tilth.state, 'midori')
  const admin = await tilth.signUp('midori', 'admin')
  const ingest = await startIngest({ ...tilth, log: silent })
  const get = (path: string) => tilth.call(admin, 'GET', path)
  const post = (path: string, body: object = {}) => tilth.call(admin, 'POST', path, body)
  const add = async (form: object): Promise<string> => (await post('/api/integrations', form)).body.id
  const unassigned = async (query = ''): Promise<UnassignedList> =>
    (await get(`/api/unassigned-devices${query}`)).body
  return {
    tilth,
    ingest,
    admin,
    chirpstack: await add({
      name: 'Hill',
      kind: 'chirpstack',
      url: 'mqtt://10.0.0.5:1883',
      secret: 'theirs',
    }),
    get,
    post,
    add,
    unassigned,
    integration: async (id) =>
      (await get('/api/integrations')).body.integrations.find((view: IntegrationView) => view.id === id),
    found: async (address) => (await unassigned()).devices.find((device) => device.address === address),
    async receive(id, ...messages) {
      for (const { topic, payload, isRetained, receivedMs } of messages)
        await tilth.journal.append({
          receivedMs,
          org: 'midori',
          device: id,
          payload,
          foreign: { integration: id, topic, isRetained },
        })
      await ingest.settled()
    },
    async stop() {
      await ingest.stop()
      await tilth.stop()
    },
  }
}

/** An uplink of a Milesight EM500-SMTC. */
export const uplink = (
  eui: string,
  fCnt: number,
  object: object = { temperature: 19.2, moisture: 21.4, ec: 240, battery: 87 },
  receivedMs = NOW_MS,
): ForeignMessage => ({
  ...chirpstackUplink(
    eui,
    { fCnt, object, time: new Date(receivedMs).toISOString(), data: Buffer.from([fCnt]).toString('base64') },
    { deviceName: 'North probe' },
  ),
  receivedMs,
})
