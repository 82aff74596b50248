import { everyInternal } from '../../../broker/contract/topics.ts'
import type { Bus } from '../../../services/ports.ts'
import { parseRequest, publishOutcome } from '../../../services/runtime/request-events.ts'

/** Publishes an outcome for each request, as dispatch does, so that no route waits for one. The rows stay as they are. */
export const respondToRequests = (bus: Bus): Promise<void> =>
  bus.subscribe(everyInternal('request'), async ({ topic, payload }) => {
    const request = parseRequest(payload)
    if (request.ok)
      await publishOutcome(bus, topic.split('/')[2]!, { id: request.value.id, state: 'accepted' })
  })
