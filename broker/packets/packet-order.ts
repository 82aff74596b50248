/**
 * aedes works on all packets of a segment at once. To the client they are one after the other, so what must not
 * overtake is held: SUBSCRIBE, UNSUBSCRIBE and DISCONNECT wait until the messages before them are answered, what comes
 * behind SUBSCRIBE and UNSUBSCRIBE waits for their answer, and nothing passes behind DISCONNECT [MQTT-3.14.4-2].
 * Messages do not wait for each other: many are written to the disk together. Pure.
 */
const PUBLISH = 3
const SUBSCRIBE = 8
const UNSUBSCRIBE = 10
const DISCONNECT = 14

export type Acknowledged = 'publish' | 'filters'

export interface PacketOrder {
  /** by the first byte of a packet */
  mayPass(first: number): boolean
  passed(first: number): void
  acknowledged(what: Acknowledged): void
  /** DISCONNECT has passed */
  isOver(): boolean
}

export function packetOrder(): PacketOrder {
  let publishes = 0
  let filters = 0
  let isOver = false
  return {
    mayPass(first) {
      const type = first >> 4
      if (isOver || filters > 0) return false
      return publishes === 0 || !(type === SUBSCRIBE || type === UNSUBSCRIBE || type === DISCONNECT)
    },
    passed(first) {
      const type = first >> 4
      if (type === PUBLISH) publishes++
      else if (type === SUBSCRIBE || type === UNSUBSCRIBE) filters++
      else if (type === DISCONNECT) isOver = true
    },
    acknowledged(what) {
      if (what === 'publish') publishes = Math.max(0, publishes - 1)
      else filters = Math.max(0, filters - 1)
    },
    isOver: () => isOver,
  }
}
