/**
 * The fence behind the lease of `leadership.ts`: an engine that was frozen and wakes up may believe that it is still at
 * work. A trigger on every table refuses the writes of a connection whose epoch is not that of the engine at work, so
 * what is written before it is sent is not sent either. Connections without an epoch, of processes that serve pages
 * only, may write.
 */
import { sql } from 'kysely'
import type { State } from '../../ports.ts'
import { inAllOrgs } from '../../runtime/transactions.ts'
import { FENCE_LOCK } from './leadership.ts'

/** SQLSTATE of a refused write. */
export const FENCED = 'TF001'

/** For the `options` of a connection: the epoch in which it writes. */
export const epochOption = (epoch: number): string => `-c tilth.epoch=${epoch}`

/** Puts the fence on every table that has none yet. */
export async function fenceWrites(state: State): Promise<void> {
  await inAllOrgs(state, async (rows) => {
    const { rows: open } = await sql<{ tableName: string }>`
      select tablename as table_name from pg_tables
      where schemaname = current_schema() and tablename <> 'leader' and tablename not like 'kysely_%'
        and not exists (select from pg_trigger
          where tgname = 'refuse_former_engine' and tgrelid = (quote_ident(schemaname) || '.' || quote_ident(tablename))::regclass)
      order by tablename`.execute(rows)
    if (open.length === 0) return
    await sql
      .raw(
        `create or replace function refuse_former_engine() returns trigger language plpgsql as $$
         declare
           mine text := current_setting('tilth.epoch', true);
           at_work bigint;
         begin
           if coalesce(mine, '') = '' then return null; end if;
           perform pg_advisory_xact_lock_shared(${FENCE_LOCK});
           select epoch into at_work from leader;
           if at_work <> mine::bigint then
             raise exception 'another engine has taken over (epoch % of %)', mine, at_work using errcode = '${FENCED}';
           end if;
           return null;
         end $$`,
      )
      .execute(rows)
    for (const { tableName } of open)
      await sql`create trigger refuse_former_engine before insert or update or delete on ${sql.table(tableName)}
        for each statement execute function refuse_former_engine()`.execute(rows)
  })
}
