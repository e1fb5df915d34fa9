/** What happens right now in an invented shop. For tests and for looking at screens. */
import type { Now } from "../admin/state/live";
import type { AgentEntry } from "../admin/state/settings/values";

const HOURS = [2, 1, 0, 0, 1, 3, 9, 24, 61, 88, 102, 97, 74, 91, 110, 84, 47, 0, 0, 0, 0, 0, 0, 0];

export function now(agents: AgentEntry[]): Now {
  const ago = (seconds: number): string => new Date(Date.now() - seconds * 1_000).toISOString();
  return {
    as_of: 4711,
    agents: agents.map(({ id, name, status, online, load, capacity }, i) => ({ id, name, status, online, load, capacity, status_since: ago(900 * (i + 1) + 42) })),
    waiting: [
      { conversation: "0192f000-0000-7000-8000-00000000c101", visitor: "0192f000-0000-7000-8000-00000000f101", visitor_name: "Ingrid Solberg", department: "sales", queued_at: ago(154) },
      { conversation: "0192f000-0000-7000-8000-00000000c102", visitor: "0192f000-0000-7000-8000-00000000f102", visitor_name: null, department: null, queued_at: ago(33) },
    ],
    serving: [
      { conversation: "0192f000-0000-7000-8000-00000000c103", visitor: "0192f000-0000-7000-8000-00000000f103", visitor_name: "Vera Winter", assignee: "a2", assignee_name: "Luis Ortega", started_at: ago(1_500), unanswered_at: ago(96) },
      { conversation: "0192f000-0000-7000-8000-00000000c104", visitor: "0192f000-0000-7000-8000-00000000f104", visitor_name: "李娜", assignee: "a3", assignee_name: "陈伟", started_at: ago(310), unanswered_at: null },
      { conversation: "0192f000-0000-7000-8000-00000000c105", visitor: "0192f000-0000-7000-8000-00000000f105", visitor_name: null, assignee: "a1", assignee_name: "Anna Albers", started_at: ago(4_020), unanswered_at: null },
    ],
    present: 37,
    visits: { today: HOURS.reduce((sum, one) => sum + one, 0), last_hour: 47, by_hour: HOURS, zone: "Europe/Berlin" },
  };
}
