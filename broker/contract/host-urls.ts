/** Addresses that name several hosts, of which one is used at a time: `SCHEME://USER:SECRET@HOST1:PORT,HOST2:PORT/REST`. */

/** An address for each host, in the order of the text; the text itself when it is no such address. */
export function hostUrls(text: string): string[] {
  const [, start = '', hosts = '', rest = ''] = /^([a-z]+:\/\/(?:[^/?#]*@)?)([^@/?#]*)(.*)$/s.exec(text) ?? []
  return start === '' ? [text] : hosts.split(',').map((host) => start + host + rest)
}

/** Where a client of mqtt.js connects next. */
export interface NextHost {
  host: string
  hostname: string
  port: number
  /** none: the name of the host is taken, and checked against its certificate */
  servername: undefined
}

/** Goes through the hosts of `mqtt://HOST1:1883,HOST2:1883` from the second on, and begins again after the last. */
export function hostsInTurn(url: string): () => NextHost {
  const hosts = hostUrls(url).map((text): NextHost => {
    const { protocol, hostname, port } = new URL(text)
    const host = hostname.replace(/^\[|\]$/g, '')
    const standard = protocol === 'mqtts:' ? 8883 : 1883
    return { host, hostname: host, port: port === '' ? standard : Number(port), servername: undefined }
  })
  let turn = 0
  return () => hosts[++turn % hosts.length]!
}
