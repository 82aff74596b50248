/** A message as the access list looks at it. */
import type { PublishPacket } from 'aedes'
import type { PublishIntent } from './authorize.ts'

export const publishIntent = ({
  topic,
  qos,
  retain,
}: Pick<PublishPacket, 'topic' | 'qos' | 'retain'>): PublishIntent => ({
  topic,
  qos: qos ?? 0,
  retain: retain ?? false,
})
