/**
 * Joins many short texts into few long ones: each chunk of a response costs a turn of its stream and a write
 * to its socket.
 */
const CHUNK_CHARACTERS = 16_384

/** Each chunk has at least 16 384 characters, except the last; a chunk is never empty. */
export async function* chunks(texts: AsyncIterable<string>): AsyncGenerator<string> {
  let chunk = ''
  for await (const text of texts) {
    chunk += text
    if (chunk.length < CHUNK_CHARACTERS) continue
    yield chunk
    chunk = ''
  }
  if (chunk !== '') yield chunk
}
