/** The rules for messages whose file is on its way up: pure functions from the outbox's rows to changes, as the queue's. */
import type { Change } from "./db";
import { add, type Awaited, type Entry } from "./queue";
import type { StoredFile } from "./uploads";

/** What an upload may fail with besides the codes of `uploads.ts`: the page was left that alone had the bytes. */
export const LOST = "lost";
/** Why an upload ends on a page: another one goes on with it. */
export const LEFT = "left";

export function begun(rows: Entry[], key: string, known: Required<Awaited>["begun"]): Change<Entry>[] {
  return awaiting(rows, key, (row, awaits) => [{ put: { ...row, awaits: { ...awaits, begun: known } } }]);
}

/** The file is there, so that the message can go: from now on it is one like any other, behind what was written since. */
export function arrived(rows: Entry[], key: string, { file, ...shown }: StoredFile, conversation: string | null): Change<Entry>[] {
  return awaiting(rows, key, ({ awaits: _awaits, ...row }) =>
    add(rows, { ...row, conversation: row.conversation ?? conversation, fields: { body: { file } }, shown }),
  );
}

export function failed(rows: Entry[], key: string, code: string): Change<Entry>[] {
  return awaiting(rows, key, (row) => [{ put: { ...row, refused: { code, message: "" } } }]);
}

/** Another person may sit here next. */
export function abandoned(rows: Entry[], actor: string): Change<Entry>[] {
  return rows.filter((row) => row.awaits && row.actor === actor).map((row) => ({ drop: row.key }));
}

function awaiting(rows: Entry[], key: string, change: (row: Entry, awaits: Awaited) => Change<Entry>[]): Change<Entry>[] {
  const row = rows.find((one) => one.key === key);
  return row?.awaits ? change(row, row.awaits) : [];
}
