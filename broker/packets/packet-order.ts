/**
 * The order of packets. aedes processes all packets of a TCP segment concurrently, but for the client they are
 * sequential: SUBSCRIBE, UNSUBSCRIBE and DISCONNECT wait until earlier messages are acknowledged, packets after
 * SUBSCRIBE and UNSUBSCRIBE wait for their ack, and no packet passes after DISCONNECT [MQTT-3.14.4-2]. Messages do not
 * wait for each other: many are committed together. Pure.
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

/**
 * For one connection. A packet that may not pass yet is held by the caller and tried again after an acknowledgement.
 */
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
