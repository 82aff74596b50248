/** How a device in the network of the farm reaches this server. */
import type { IntegrationList } from '../../../services/api/schemas.ts'
import type { OwnAddress } from './paste-lines.ts'

/** The host is that of this page: the phone reaches the server under it. `ports` null: not known yet. */
export function ownAddress(
  ports: IntegrationList['ports'] | null,
  { id, secret }: { id: string; secret: string | null },
): OwnAddress {
  const { hostname, port, protocol } = location
  return {
    host: hostname,
    httpPort: port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port),
    mqttPort: ports?.mqtt ?? ports?.mqttTls ?? null,
    isTls: ports?.mqtt == null && ports?.mqttTls != null,
    user: id,
    secret: secret ?? '…',
  }
}
