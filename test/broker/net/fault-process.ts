/**
 * A process that breaks while the journal holds what is not written yet: `fault-process.ts JOURNAL throw|reject`. The
 * record and the fault fall into one turn of the event loop, so that only the flush can have written it.
 */
import { systemClock } from '../../../broker/contract/time.ts'
import { exitOnCrash } from '../../../broker/net/crash-handler.ts'
import { openJournal } from '../../../broker/journal/journal.ts'
import { silent } from '../rig.ts'

const [path, how] = process.argv.slice(2)
const journal = openJournal({ path: path!, clock: systemClock, log: silent })
exitOnCrash({ flush: () => journal.close(), log: (text) => void process.stderr.write(`${text}\n`) })
void journal.append({
  receivedMs: systemClock.now(),
  org: 'coop',
  device: 'probe1',
  payload: Buffer.from('held'),
})
if (how === 'reject') void Promise.reject(new Error('nobody looks at this'))
else throw new Error('nobody foresaw this')
