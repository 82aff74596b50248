/**
 * The VAPID key pair that identifies this server to push services (RFC 8292). Derived from a stored secret and
 * always the same: browsers rely on it while they are subscribed, and the backup of the secrets includes it.
 */
import { createECDH, hkdfSync } from 'node:crypto'

export interface VapidKeys {
  publicKey: string // base64url, as browsers expect it
  privateKey: string
}

/**
 * P-256, from `secret` by HKDF-SHA-256. Both keys are base64url: the public one an uncompressed point, the private
 * one a scalar.
 */
export function vapidKeys(secret: string): VapidKeys {
  const ecdh = createECDH('prime256v1')
  for (let turn = 0; ; turn++) {
    const scalar = Buffer.from(hkdfSync('sha256', secret, 'tilth', `web push ${turn}`, 32))
    try {
      ecdh.setPrivateKey(scalar)
    } catch {
      continue // outside the order of the curve: one in 2^32
    }
    return { publicKey: ecdh.getPublicKey('base64url'), privateKey: scalar.toString('base64url') }
  }
}
