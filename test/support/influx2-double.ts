/**
 * Replaces an InfluxDB 2.x, of which Debian has no package: a local HTTP server that checks the requirements of the
 * 2.x API (token, organisation, bucket, precision, the DBRP compatibility path) and passes the readings and the
 * InfluxQL to a real InfluxDB 1.x. It verifies our requests, not the server's behaviour.
 */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { gunzipSync } from 'node:zlib'

export interface Influx2Double {
  host: string // 127.0.0.1:PORT
  /** every request: method, path with query, headers, body */
  requests: { method: string; url: URL; headers: IncomingMessage['headers']; body: string }[]
  /** While set, every request gets this status; 'hang': no response, 'cut': the response is cut off. */
  answerWith(status: number | 'hang' | 'cut' | null): void
  stop(): Promise<void>
}

export async function startInflux2Double(
  influxUrl: string, // URL of the 1.x
  expected: { org: string; bucket: string; token: string },
): Promise<Influx2Double> {
  const requests: Influx2Double['requests'] = []
  let forced: number | 'hang' | 'cut' | null = null

  async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://double')
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const requestBody = Buffer.concat(chunks)
    const encoding = request.headers['content-encoding']
    const body = (encoding === 'gzip' ? gunzipSync(requestBody) : requestBody).toString()
    requests.push({ method: request.method ?? '', url, headers: request.headers, body })
    if (forced === 'hang') return
    if (forced === 'cut') {
      response.writeHead(200, { 'content-length': 1000 }).write('{"results":[')
      return void setImmediate(() => response.destroy())
    }
    const refuse = (status: number, code: string, message: string) =>
      response
        .writeHead(status, { 'content-type': 'application/json' })
        .end(JSON.stringify({ code, message }))
    if (forced !== null) return void refuse(forced, 'internal error', `answered with ${forced}`)
    if (request.headers.authorization !== `Token ${expected.token}`)
      return void refuse(401, 'unauthorized', 'unauthorized access')

    const route = `${request.method} ${url.pathname}`
    if (route === 'GET /query') {
      if (url.searchParams.get('db') !== expected.bucket)
        return void refuse(404, 'not found', 'database not found')
      return relay(response, await fetch(`${influxUrl}/query?${url.searchParams}`))
    }
    if (url.searchParams.get('org') !== expected.org)
      return void refuse(404, 'not found', 'organization not found')
    if (url.searchParams.get('bucket') !== expected.bucket)
      return void refuse(404, 'not found', 'bucket not found')
    if (route === 'POST /api/v2/write') {
      const place = new URLSearchParams({
        db: expected.bucket,
        precision: url.searchParams.get('precision') ?? 'ns',
      })
      return relay(response, await fetch(`${influxUrl}/write?${place}`, { method: 'POST', body }))
    }
    if (route === 'POST /api/v2/delete') {
      const { start, stop, predicate } = JSON.parse(body) as Record<string, string>
      const condition = `${inInfluxQl(predicate!)} AND time >= '${start}' AND time < '${stop}'`
      const statement = new URLSearchParams({ db: expected.bucket, q: `DELETE WHERE ${condition}` })
      const done = await fetch(`${influxUrl}/query?${statement}`, { method: 'POST' })
      const errorText = await done.text()
      if (/"error"/.test(errorText)) return void refuse(400, 'invalid', errorText)
      return void response.writeHead(204).end()
    }
    refuse(404, 'not found', `no route ${route}`)
  }

  const server = createServer((request, response) => {
    respond(request, response).catch((error: Error) => response.writeHead(502).end(error.message))
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as { port: number }
  return {
    host: `127.0.0.1:${port}`,
    requests,
    answerWith: (status) => void (forced = status),
    async stop() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

async function relay(response: ServerResponse, from: Response): Promise<void> {
  const body = Buffer.from(await from.arrayBuffer())
  response
    .writeHead(from.status, { 'content-type': from.headers.get('content-type') ?? 'text/plain' })
    .end(body)
}

/** `org="a" AND field="b"` of the delete API as InfluxQL, with keys in double quotes and texts in single quotes. */
const inInfluxQl = (predicate: string): string =>
  predicate.replace(
    /(\w+)="((?:[^"\\]|\\.)*)"/g,
    (_, key: string, text: string) => `"${key}" = '${text.replaceAll('\\"', '"').replaceAll("'", "\\'")}'`,
  )
