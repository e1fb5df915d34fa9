/** What the live view says in English. */
const live = {
  title: "Live",
  lead: "What happens right now.",
  fresh: "Live, {at}",
  stale: "You see what was so at {at}.",
  waiting: "Waiting",
  serving: "Being served",
  there: "Agents there",
  agents: "Agents",
  present: "Visitors now",
  oldest: "longest {time}",
  nobodyWaits: "nobody waits",
  nobodyWaitsText: "Nobody waits. Good.",
  unanswered: "{n} wait for an answer",
  ofAgents: "of {n}",
  visits: "{today} visits today, {hour} in the last hour",
  noAgents: "There are no agents yet.",
  nobodyServed: "Nobody is being served at the moment.",
  noDepartment: "No department",
  servedBy: "by {name} for {time}",
  somebody: "somebody",
  unansweredSince: "Since when the visitor waits for an answer",
  waitsFor: "waits {time}",
  load: "Serves {load} of {capacity}",
  byHour: "Visits by hour, today",
  hoursOf: "Hours of {zone}",
  byHourText: "{n} visits today by hour; {most} in the busiest one.",
  noVisits: "Nobody has come yet today.",
};

export default live;
export type LiveWords = typeof live;
