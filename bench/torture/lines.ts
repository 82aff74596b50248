/** Every fault line, in table order: a new one is a file in lines/ and an entry here. */
import { f1 } from './lines/f1-kill.ts'
import { f2 } from './lines/f2-kill-dispatch.ts'
import { f3 } from './lines/f3-power-cut.ts'
import { f4 } from './lines/f4-bad-network.ts'
import { f5 } from './lines/f5-frozen-server.ts'
import { f6 } from './lines/f6-fuzz.ts'
import { f7 } from './lines/f7-fleet.ts'
import { f8 } from './lines/f8-unauthenticated.ts'
import { f9 } from './lines/f9-series-away.ts'
import { f10 } from './lines/f10-disk-full.ts'
import { f12 } from './lines/f12-clock-jumps.ts'
import { f13 } from './lines/f13-old-backup.ts'
import { f14 } from './lines/f14-bad-records.ts'
import { f15 } from './lines/f15-hostile-device.ts'
import { f16 } from './lines/f16-frozen-reader.ts'
import { f18 } from './lines/f18-flow.ts'
import { f19 } from './lines/f19-soak.ts'
import { f20 } from './lines/f20-restart.ts'
import { f21 } from './lines/f21-hostile-numbers.ts'
import { f22 } from './lines/f22-hostile-files.ts'
import { f23 } from './lines/f23-lost-files.ts'
import { f24 } from './lines/f24-parts-away.ts'
import { f25 } from './lines/f25-raced-stop.ts'
import { f26 } from './lines/f26-slow-requests.ts'
import { f27 } from './lines/f27-two-engines.ts'
import type { FaultLine } from './support/fault-line.ts'

export const faultLines: readonly FaultLine[] = [
  f1,
  f2,
  f3,
  f4,
  f5,
  f6,
  f7,
  f8,
  f9,
  f10,
  f12,
  f13,
  f14,
  f15,
  f16,
  f18,
  f19,
  f20,
  f21,
  f22,
  f23,
  f24,
  f25,
  f26,
  f27,
]
