/** A message as the access list looks at it. */
import type { PublishPacket } from 'aedes'
import type { Saying } from './authorize.ts'

export const asSaying = ({
  topic,
  qos,
  retain,
}: Pick<PublishPacket, 'topic' | 'qos' | 'retain'>): Saying => ({
  topic,
  qos: qos ?? 0,
  retain: retain ?? false,
})
