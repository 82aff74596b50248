/** The valves of other makes as the API uses them; services/foreign-valves implements it. */
import type { ForeignValveControl } from '../../ports/integrations.ts'

declare module '../http/context.ts' {
  interface ApiDeps {
    /** null: this Tilth measures and shows only */
    foreignValves: ForeignValveControl | null
  }
}
