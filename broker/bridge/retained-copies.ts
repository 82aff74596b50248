/**
 * The retained messages of another broker, at their newest value: they come once after each connection, and one who
 * begins to watch later needs them as well.
 */

interface Message {
  topic: string
  payload: Uint8Array
  isRetained: boolean
  receivedMs: number
}

// of a message beyond its topic and payload
const MESSAGE_BYTES = 200
const bytesOf = ({ topic, payload }: Message): number => topic.length + payload.length + MESSAGE_BYTES

/** Holds at most `maxBytes`: beyond that a new topic is not kept. */
export function retainedCopies(maxBytes: number) {
  const messages = new Map<string, Message>()
  let bytes = 0

  return {
    /** A message without the flag replaces the copy of its topic, if there is one. */
    note(message: Message): void {
      const before = messages.get(message.topic)
      if (before === undefined && !message.isRetained) return
      if (before !== undefined) {
        messages.delete(message.topic)
        bytes -= bytesOf(before)
      }
      if (message.payload.length === 0 || bytes + bytesOf(message) > maxBytes) return
      messages.set(message.topic, { ...message, isRetained: true })
      bytes += bytesOf(message)
    },
    all: () => [...messages.values()],
    clear(): void {
      messages.clear()
      bytes = 0
    },
  }
}
