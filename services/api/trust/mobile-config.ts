/** The authority as a configuration profile, which iOS installs with a tap (Apple, Configuration Profile Reference). */
import { createHash, type X509Certificate } from 'node:crypto'

/** `name` is shown in the settings of the phone. */
export function mobileConfig(authority: X509Certificate, name: string): string {
  const identifier = `org.tilth.authority.${uuid(authority, 'id').slice(0, 8).toLowerCase()}`
  const body = authority.raw.toString('base64').replace(/.{64}/g, '$&\n')
  const entry = (key: string, value: string): string =>
    `<key>${key}</key><string>${escapeXml(value)}</string>`
  return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0"><dict>
<key>PayloadContent</key><array><dict>
<key>PayloadContent</key><data>
${body}
</data>
${entry('PayloadCertificateFileName', 'tilth-authority.crt')}
${entry('PayloadDisplayName', name)}
${entry('PayloadIdentifier', `${identifier}.root`)}
${entry('PayloadType', 'com.apple.security.root')}
${entry('PayloadUUID', uuid(authority, 'root'))}
<key>PayloadVersion</key><integer>1</integer>
</dict></array>
${entry('PayloadDisplayName', name)}
${entry('PayloadIdentifier', identifier)}
${entry('PayloadType', 'Configuration')}
${entry('PayloadUUID', uuid(authority, 'profile'))}
<key>PayloadVersion</key><integer>1</integer>
</dict></plist>
`
}

/** The same for each download, so that a second one replaces the first. */
function uuid(authority: X509Certificate, purpose: string): string {
  const hex = createHash('sha256').update(purpose).update(authority.raw).digest('hex').toUpperCase()
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `5${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-')
}

const escapeXml = (text: string): string =>
  text.replace(/[&<>]/g, (sign) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[sign]!)
