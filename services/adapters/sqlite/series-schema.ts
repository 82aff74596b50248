/**
 * The tables of the series file. A reading's key is (sensor, instant); the field is an attribute of the reading, so
 * that a moved device cannot store an old reading a second time.
 *
 * `hot` is ordered by time, because appends that touch one page are ten times faster than appends that touch one page
 * per sensor; `cold` is ordered by sensor, because a chart reads one. Every reading before `watermark.cold_to_ms` is
 * valid in `cold`, every later one in `hot`; rows of the other table there are copies in transit.
 */
import { prepareArrays, readPragma, type Database } from '../../../broker/sqlite/database.ts'
import { DAY_MS, HOUR_MS } from '../../../broker/contract/time.ts'
import { fail } from '../../errors.ts'
import { inTransaction } from './series-steps.ts'

const VERSION = 1

/** `sensor` and `series` never reuse an id: readings of an erased series must not appear under a new one. */
const TABLES = `
CREATE TABLE sensor (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  org TEXT NOT NULL, device TEXT NOT NULL, quantity TEXT NOT NULL, depth_cm REAL
) STRICT;
CREATE UNIQUE INDEX sensor_by_name ON sensor (org, device, quantity, coalesce(depth_cm, 'none'));
CREATE TABLE series (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  sensor INTEGER NOT NULL, farm TEXT NOT NULL, field TEXT NOT NULL,
  UNIQUE (sensor, farm, field)
) STRICT;
CREATE TABLE hot (
  at_ms INTEGER NOT NULL, sensor INTEGER NOT NULL,
  series INTEGER NOT NULL, value REAL, flag INTEGER NOT NULL, origin INTEGER NOT NULL,
  PRIMARY KEY (at_ms, sensor)
) STRICT, WITHOUT ROWID;
CREATE TABLE cold (
  sensor INTEGER NOT NULL, at_ms INTEGER NOT NULL,
  series INTEGER NOT NULL, value REAL, flag INTEGER NOT NULL, origin INTEGER NOT NULL,
  PRIMARY KEY (sensor, at_ms)
) STRICT, WITHOUT ROWID;
CREATE TABLE roll (
  series INTEGER NOT NULL, step_ms INTEGER NOT NULL, at_ms INTEGER NOT NULL,
  mean REAL NOT NULL, min REAL NOT NULL, max REAL NOT NULL, first REAL NOT NULL, last REAL NOT NULL,
  count INTEGER NOT NULL,
  PRIMARY KEY (series, step_ms, at_ms)
) STRICT, WITHOUT ROWID;
CREATE TABLE dirty (
  hour_ms INTEGER NOT NULL, series INTEGER NOT NULL,
  PRIMARY KEY (hour_ms, series)
) STRICT, WITHOUT ROWID;
CREATE INDEX dirty_by_series ON dirty (series, hour_ms);
CREATE TABLE latest (
  series INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, value REAL, flag INTEGER NOT NULL
) STRICT;
CREATE TABLE erased (series INTEGER PRIMARY KEY, sensor INTEGER NOT NULL) STRICT;
CREATE TABLE watermark (
  id INTEGER PRIMARY KEY CHECK (id = 1), cold_to_ms INTEGER NOT NULL, copy_to_ms INTEGER NOT NULL
) STRICT;
INSERT INTO watermark VALUES (1, 0, 0);
PRAGMA user_version = ${VERSION};
`

/** Made in files of every version: one without it opens all the same, and only finds a field more slowly. */
const INDEXES = 'CREATE INDEX IF NOT EXISTS series_by_field ON series (field)'

/** Creates the tables in a new file. STORE_NEWER for a file of a later version. */
export function createSeriesTables(db: Database): void {
  db.exec('pragma cache_size = -8000') // KiB
  // waiting for another process's lock blocks the event loop: keep it short, the caller retries
  db.exec('pragma busy_timeout = 200')
  inTransaction(db, () => {
    const version = readPragma(db, 'user_version')
    if (version === 0) db.exec(TABLES)
    else if (version !== VERSION)
      fail(
        'STORE_NEWER',
        `the series file was written by a later version of Tilth (format ${version}, this one reads ${VERSION}): install that version, or restore a backup from before the upgrade`,
      )
    db.exec(INDEXES)
  })
}

/** A row of hot or cold. */
export type RawRow = [atMs: number, series: number, value: number | null, flag: number, origin: number]

/** Bucket widths of the roll-ups, in UTC. */
export const stepMs = { hour: HOUR_MS, day: DAY_MS } as const

export interface Watermark {
  coldToMs: number
  /** readings from coldToMs up to here are being copied: a write to them goes to both tables */
  copyToMs: number
}

/** The start of hot. Read it inside the transaction that depends on it. */
export function watermarkReader(db: Database): () => Watermark {
  const select = prepareArrays(db, 'SELECT cold_to_ms, copy_to_ms FROM watermark')
  return () => {
    const [coldToMs, copyToMs] = select.get() as [number, number]
    return { coldToMs, copyToMs }
  }
}
