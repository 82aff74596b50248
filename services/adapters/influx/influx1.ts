/** The series store on InfluxDB 1.x, through the `influx` package. */
import { FieldType, type IPoint } from 'influx'
import type { SeriesStore } from '../../ports.ts'
import { fail, isTilthError } from '../../errors.ts'
import { parseInfluxUrl } from './address.ts'
import { call, statusOf, type InfluxClient, type InfluxPoint } from './client.ts'
import { influxQl, type InfluxQl } from './influxql.ts'
import { encodeName, identifier, measurementForLine } from './names.ts'
import { dropStatement } from './queries.ts'
import { floatFields, tagNames } from './rows.ts'
import { influxSeriesStore } from './series.ts'

/**
 * `influx1://[user:password@]host:8086/database` (influx1s:// for https). Creates a missing database. INVALID_CONFIG
 * for the URL or missing permissions, STORE_UNAVAILABLE when the server does not respond.
 */
export async function openInflux1Series(url: string): Promise<SeriesStore> {
  const address = parseInfluxUrl(url, 'influx1')
  const server = influxQl(address)
  const makeDatabase = () => server.run(`CREATE DATABASE ${identifier(address.database)}`)
  try {
    await makeDatabase().catch((error: unknown) => assertReadable(server, address.where, error))
  } catch (error) {
    server.close()
    throw error
  }

  const declare = schemaDeclarer(server, address.database)
  const writeOnce = async (points: readonly InfluxPoint[]) => {
    for (const { measurement } of points) declare(measurementForLine(measurement))
    await server.database.writePoints(points.map(lineOf), { precision: 'ms' })
  }
  const client: InfluxClient = {
    async write(points) {
      const work = writeOnce(points).catch(async (error: unknown) => {
        // the database was dropped while running
        if (statusOf(error) !== 404) throw error
        await makeDatabase()
        await writeOnce(points)
      })
      await call(address.where, `write ${points.length} points`, work)
    },
    query: server.query,
    erase: (tags) => server.run(dropStatement(tags)),
    close: server.close,
  }
  return influxSeriesStore(client)
}

/** A user who may not create databases is accepted if the database exists. */
async function assertReadable(server: InfluxQl, target: string, error: unknown): Promise<void> {
  if (!/ 40[13] |not authorized|authorization failed|requires admin/i.test((error as Error).message))
    throw error
  await server.query('SHOW MEASUREMENTS LIMIT 1').catch((second: unknown) => {
    const reason = isTilthError(second) ? second.message : 'no response'
    fail('INVALID_CONFIG', `SERIES: ${reason}; check user, password and database at ${target}`)
  })
}

/** Declares the types of all fields to the library, which would otherwise write an integer flag as a float. */
function schemaDeclarer(server: InfluxQl, database: string): (measurement: string) => void {
  const declared = new Set<string>()
  return (measurement) => {
    if (declared.has(measurement)) return
    declared.add(measurement)
    const floats = floatFields.map((name) => [name, FieldType.FLOAT])
    server.database.addSchema({
      database,
      measurement,
      tags: [...tagNames],
      fields: { ...Object.fromEntries(floats), qc: FieldType.INTEGER, origin: FieldType.STRING },
    })
  }
}

function lineOf({ measurement, tags, floats, ints, texts, atMs }: InfluxPoint): IPoint {
  return {
    measurement: measurementForLine(measurement),
    tags: Object.fromEntries(Object.entries(tags).map(([name, text]) => [name, encodeName(text)])),
    fields: { ...floats, ...ints, ...texts },
    timestamp: atMs,
  }
}
