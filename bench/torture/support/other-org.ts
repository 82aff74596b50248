/** A farm of another organisation on the same server, with one probe. */
import { join } from 'node:path'
import { hashSecret, newSecret } from '../../../broker/access/authenticate.ts'
import { topicOf } from '../../../broker/contract/topics.ts'
import { systemClock } from '../../../broker/contract/time.ts'
import { openSqliteState } from '../../../services/adapters/sqlite/state.ts'
import { loadSecrets } from '../../../services/config/secrets.ts'
import type { Publisher } from '../../support/generator.ts'

export const OTHER_ORG = 'neighbour'
const DEVICE = 'neighbour-probe'

/** Adds to the state created by `provision`. */
export async function provisionOther(dataDir: string): Promise<Publisher> {
  const { pepper } = loadSecrets(dataDir)
  const secret = newSecret()
  const { state, close } = await openSqliteState(join(dataDir, 'state.db'))
  const createdAtMs = systemClock.now()
  try {
    await state
      .insertInto('farm')
      .values({
        id: 'neighbour-farm',
        org: OTHER_ORG,
        name: 'Neighbour',
        memberCode: null,
        timeZone: 'Asia/Tokyo',
        latDeg: 36.6,
        lonDeg: 138.2,
        elevationM: 400,
        createdAtMs,
      })
      .execute()
    await state
      .insertInto('device')
      .values({
        id: DEVICE,
        org: OTHER_ORG,
        farmId: 'neighbour-farm',
        fieldId: null,
        kind: 'probe' as const,
        name: DEVICE,
        secretHash: hashSecret(secret, pepper),
        previousSecretHash: null,
        commandKey: null,
        windHeightM: null,
        everyS: 60,
        counterModulus: null,
        createdAtMs,
        revokedAtMs: null,
        lastSeenMs: null,
        batteryV: null,
      })
      .execute()
  } finally {
    await close()
  }
  return { id: DEVICE, secret, topic: topicOf(OTHER_ORG, DEVICE, 'telemetry') }
}
