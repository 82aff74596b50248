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
export const packetOrder = (): PacketOrder => new Order()

// a class: each connection has one, and closures of its own would take three times the memory
class Order implements PacketOrder {
  #publishes = 0
  #filters = 0
  #hasEnded = false

  mayPass(first: number): boolean {
    const type = first >> 4
    if (this.#hasEnded || this.#filters > 0) return false
    return this.#publishes === 0 || !(type === SUBSCRIBE || type === UNSUBSCRIBE || type === DISCONNECT)
  }

  passed(first: number): void {
    const type = first >> 4
    if (type === PUBLISH) this.#publishes++
    else if (type === SUBSCRIBE || type === UNSUBSCRIBE) this.#filters++
    else if (type === DISCONNECT) this.#hasEnded = true
  }

  acknowledged(what: Acknowledged): void {
    if (what === 'publish') this.#publishes = Math.max(0, this.#publishes - 1)
    else this.#filters = Math.max(0, this.#filters - 1)
  }

  isOver(): boolean {
    return this.#hasEnded
  }
}
