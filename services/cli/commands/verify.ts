/** `tilth verify FILE`: whether a report file is unchanged, and from this server. */
import { readFileSync } from 'node:fs'
import { createPublicKey } from 'node:crypto'
import { err, ok } from '../../../broker/contract/result.ts'
import { fail } from '../../errors.ts'
import { loadSecrets } from '../../config/secrets.ts'
import { parsePublicKey, publicKeyText, sealKey, verifySeal } from '../../report/jobs/seal.ts'
import type { Command } from './command.ts'

export const verifyUsage = `  verify FILE [--key KEY]         checks that a report file is unchanged and signed by this server, or by the server
                                  with this public key (shown at /verify); needs no running Tilth
`

export const verifyCommand: Command = async ([path, flag, keyText, ...extra], { settings, print }) => {
  if (path === undefined || path.startsWith('-') || extra.length > 0)
    return err('verify: expected one FILE, and --key KEY if it is from another server')
  if (flag !== undefined && (flag !== '--key' || keyText === undefined))
    return err(`verify: expected --key KEY, got ${flag}`)
  const named = keyText === undefined ? null : parsePublicKey(keyText)
  if (keyText !== undefined && named === null)
    return err(`verify: --key must be the 43 characters of a public key, got ${keyText}`)
  const ownKey = () => sealKey(loadSecrets(settings.dataDir, settings.secretsFile).authSecret)
  const key = named ?? createPublicKey(ownKey())
  const verdict = verifySeal(readFile(path), key)
  switch (verdict.state) {
    case 'unsealed':
      return fail(
        'BAD_REQUEST',
        `${path} has no seal: it is no report file, or it was saved by another program`,
      )
    case 'changed':
      return fail(
        'BAD_REQUEST',
        `${path} was changed: its SHA-256 is ${verdict.sha256}, sealed was ${verdict.sealed}`,
      )
    case 'foreign':
      return fail('BAD_REQUEST', `${path} is unchanged, but was signed with another key: name it with --key`)
    case 'valid':
      print(`${path} is unchanged and signed with ${keyText ?? publicKeyText(ownKey())}`)
      print(`SHA-256 ${verdict.sha256}`)
      return ok(null)
  }
}

function readFile(path: string): Uint8Array {
  try {
    return readFileSync(path)
  } catch (cause) {
    return fail('NOT_FOUND', `cannot read ${path}: ${(cause as Error).message}`, { cause })
  }
}
