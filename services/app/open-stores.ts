/**
 * The folder of data and what lies in it: its lock, the state, the series, the journal and the secrets, opened in the
 * order in which a full disk, a lost file or another engine is noticed before anything is written.
 */
import { mkdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { systemClock, type Clock } from '../../broker/contract/time.ts'
import { watchDiskSpace, type DiskSpace } from '../../broker/journal/disk-space.ts'
import { openJournal, type BrokerJournal } from '../../broker/journal/journal.ts'
import { lockDataDir } from '../adapters/sqlite/data-dir-lock.ts'
import type { Leadership } from '../adapters/postgres/leadership.ts'
import { openState, stateFilePath, type OpenState } from '../adapters/state.ts'
import { rejectPartialRestore } from '../backup/backup-places.ts'
import { checkDataDir } from '../config/data-dir.ts'
import { nodeId } from '../config/node-id.ts'
import { exposedFiles, secretPlaces } from '../config/secret-files.ts'
import { loadSecrets, type Secrets } from '../config/secrets.ts'
import type { Settings } from '../config/settings.ts'
import { secretsId, type StoreManifest } from '../config/store-manifest.ts'
import type { Logger, SeriesStore } from '../ports.ts'
import { checkSharedSecrets, waitForLeadership } from './leadership-wiring.ts'
import { openSeriesOrWait } from './series-wiring.ts'
import type { ShutdownStack } from './shutdown-stack.ts'
import type { StartOptions } from './start-options.ts'
import { guardStores, journalFile, recordAcceptedLosses } from './store-guard.ts'
import { keepStoreMarks } from './store-marks.ts'

export interface OpenedStores {
  /** null: one engine alone (the state in a file), or a node that is no engine */
  leadership: Leadership | null
  stateStore: OpenState
  series: SeriesStore
  journal: BrokerJournal
  secrets: Secrets
  /** the disk of DATA_DIR */
  disk: DiskSpace
  /** the disk of the state; null: the same */
  stateDisk: DiskSpace | null
  /** losses of stores that somebody accepted, in this start or an earlier one */
  acceptedLosses: StoreManifest['losses']
}

export interface OpenStoresDeps {
  settings: Settings
  options: StartOptions
  clock: Clock
  log: Logger
  defer: ShutdownStack['defer']
}

/** Checks and locks the folder of data. Errors: INVALID_CONFIG, or that another Tilth runs on it. */
export async function claimDataDir({ settings, log, defer }: OpenStoresDeps): Promise<void> {
  await checkDataDir(settings.dataDir)
  defer(lockDataDir(settings.dataDir), async (lock) => lock.release())
  rejectPartialRestore(settings.dataDir)
  for (const loose of exposedFiles(secretPlaces(settings)))
    log.warn(loose, 'other users of this machine can read a file with secrets')
}

/**
 * Opens the stores of a claimed folder. With PostgreSQL it waits until this engine is the one at work, unless the node
 * serves pages only.
 */
export async function openStores(deps: OpenStoresDeps): Promise<OpenedStores> {
  const { settings, options, clock, log, defer } = deps
  const guard = guardStores({ settings, accept: options.acceptLoss ?? [], nowMs: clock.now(), log })
  const { disk, stateDisk } = watchDisks(deps)
  const leadership =
    settings.roles === 'api'
      ? null
      : await waitForLeadership({
          settings,
          clock: systemClock,
          log,
          onLost:
            options.onLeadershipLost ??
            ((reason) => log.error({ reason }, 'this engine writes nothing more')),
        })
  if (leadership !== null) defer(leadership, (part) => part.release())
  const isShared = stateFilePath(settings.state) === null
  const stateStore = defer(
    await openState(settings.state, {
      ...(isShared ? { node: nodeId(settings.dataDir) } : {}),
      ...(leadership === null ? {} : { epoch: leadership.epoch }),
    }),
    (part) => part.close(),
  )
  const series = defer(await openSeriesOrWait(settings, log), (part) => part.close())
  const journalPath = join(settings.dataDir, 'journal.db')
  const journal = defer(
    openJournal({
      path: journalPath,
      ...(settings.journalMaxBytes === null ? {} : { maxBytes: settings.journalMaxBytes }),
      clock,
      log,
      disk,
      // simulated time passes in steps, which would wait for a thread
      hasThread: options.clock === undefined,
    }),
    async (part) => part.close(),
  )

  const stores = { state: stateStore.file, journal: journalFile(journal, journalPath), series: series.file }
  const { manifest, ids, accepted } = await guard.check(stores)
  const secrets = loadSecrets(settings.dataDir, settings.secretsFile)
  if (isShared) await checkSharedSecrets(stateStore.state, secretsId(secrets.pepper))
  await recordAcceptedLosses(stateStore.state, accepted, clock.now())
  defer(
    await keepStoreMarks({
      dataDir: settings.dataDir,
      manifest,
      ids: { ...ids, secrets: secretsId(secrets.pepper) },
      stores,
      mayWrite: () => !disk.isFull() && stateDisk?.isFull() !== true,
      log,
    }),
    (part) => part.stop(),
  )
  return {
    leadership,
    stateStore,
    series,
    journal,
    secrets,
    disk,
    stateDisk,
    acceptedLosses: manifest.losses,
  }
}

/** Before the stores: on a disk that filled up while Tilth was not running, opening them needs the reserve. */
function watchDisks({ settings, log, defer }: OpenStoresDeps): Pick<OpenedStores, 'disk' | 'stateDisk'> {
  const watch = (folder: string) => defer(watchDiskSpace({ folder, log }), (part) => part.close())
  const disk = watch(settings.dataDir)
  const statePath = stateFilePath(settings.state)
  const stateFolder = statePath === null ? settings.dataDir : dirname(statePath)
  mkdirSync(stateFolder, { recursive: true })
  // a state store on a disk of its own needs a reserve of its own: a stop is written before it is sent
  return { disk, stateDisk: isOnAnotherDisk(stateFolder, settings.dataDir) ? watch(stateFolder) : null }
}

const isOnAnotherDisk = (folder: string, other: string): boolean =>
  statSync(folder).dev !== statSync(other).dev
