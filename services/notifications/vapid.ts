/**
 * The key pair by which push services know this server (RFC 8292). It is made of a secret that is kept already, always the
 * same: browsers trust it for as long as they are subscribed, and a backup of the secrets holds it.
 */
import { createECDH, hkdfSync } from 'node:crypto'

export interface VapidKeys {
  publicKey: string // base64url, as a browser takes it
  privateKey: string
}

export function vapidKeys(secret: string): VapidKeys {
  const ecdh = createECDH('prime256v1')
  for (let turn = 0; ; turn++) {
    const scalar = Buffer.from(hkdfSync('sha256', secret, 'tilth', `web push ${turn}`, 32))
    try {
      ecdh.setPrivateKey(scalar)
    } catch {
      continue // beyond the order of the curve: one of 2^32
    }
    return { publicKey: ecdh.getPublicKey('base64url'), privateKey: scalar.toString('base64url') }
  }
}
