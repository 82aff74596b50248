/**
 * The parser that aedes makes for each client keeps what has arrived of a packet in a list that is a stream of its own
 * (bl): 1 KB of memory for each connected device, and nothing uses the stream.
 */
import type { Client } from 'aedes'

interface Parser {
  _list: { _bufs: Uint8Array[]; length: number }
}

/** Replaces the list of a new client by one without the stream. Call it before the first byte. */
export function trimParser(client: Client): void {
  const { _parser: parser } = client as unknown as { _parser: Parser }
  const list = Object.create(Object.getPrototypeOf(parser._list) as object) as Parser['_list']
  parser._list = Object.assign(list, { _bufs: [], length: 0 })
}
