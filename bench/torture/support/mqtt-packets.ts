/** The MQTT 3.1.1 parsing of a fault proxy: whole packets from a stream, and the content of a PUBLISH. */

export const CONNECT = 1
export const PUBLISH = 3
export const PUBACK = 4

export const typeOf = (packet: Buffer): number => packet[0]! >> 4

/** Returns a consumer of bytes that emits each complete packet. */
export function packetsOf(onPacket: (packet: Buffer) => void): (bytes: Buffer) => void {
  let buffered: Buffer = Buffer.alloc(0)
  return (bytes) => {
    buffered = buffered.length === 0 ? bytes : Buffer.concat([buffered, bytes])
    for (
      let length = lengthOf(buffered);
      length !== null && length <= buffered.length;
      length = lengthOf(buffered)
    ) {
      const packet = buffered.subarray(0, length)
      buffered = buffered.subarray(length)
      onPacket(packet)
    }
  }
}

/** Length of the first packet with its header (section 2.2.3); null when the header is incomplete. */
function lengthOf(bytes: Buffer): number | null {
  let value = 0
  for (let i = 1; i < Math.min(bytes.length, 5); i++) {
    value += (bytes[i]! & 127) * 128 ** (i - 1)
    if (bytes[i]! < 128) return i + 1 + value
  }
  return null
}

/** Offset of the variable header. */
function bodyAt(packet: Buffer): number {
  let i = 1
  while (packet[i]! >= 128) i++
  return i + 1
}

const textAt = (packet: Buffer, offset: number): string =>
  packet.subarray(offset + 2, offset + 2 + packet.readUInt16BE(offset)).toString()

export interface Publish {
  topic: string
  qos: number
  id: number | null
  payload: Buffer
}

export function readPublish(packet: Buffer): Publish {
  const offset = bodyAt(packet)
  const topic = textAt(packet, offset)
  const qos = (packet[0]! >> 1) & 3
  const idAt = offset + 2 + Buffer.byteLength(topic)
  return {
    topic,
    qos,
    id: qos === 0 ? null : packet.readUInt16BE(idAt),
    payload: packet.subarray(idAt + (qos === 0 ? 0 : 2)),
  }
}

/** A copy of the message; with QoS 1 marked as duplicate, with the same packet id. */
export function again(packet: Buffer): Buffer {
  const copy = Buffer.from(packet)
  if (((copy[0]! >> 1) & 3) > 0) copy[0]! |= 0b1000
  return copy
}

/** A message with QoS 0, without acknowledgement. */
export function publishOnce(topic: string, payload: Buffer): Buffer {
  const name = Buffer.from(topic)
  const length = 2 + name.length + payload.length
  const header = [PUBLISH << 4]
  for (let remaining = length; ; remaining = Math.floor(remaining / 128)) {
    header.push(remaining >= 128 ? (remaining % 128) | 128 : remaining)
    if (remaining < 128) break
  }
  return Buffer.concat([Buffer.from([...header, name.length >> 8, name.length & 255]), name, payload])
}

export const packetIdOf = (puback: Buffer): number => puback.readUInt16BE(2)

/** Client id of a CONNECT: after the protocol's name, level, flags and keepalive (section 3.1). */
export function clientIdOf(connect: Buffer): string {
  const offset = bodyAt(connect)
  return textAt(connect, offset + 2 + connect.readUInt16BE(offset) + 4)
}
