/** 实时概况的中文文案。 */
import type { LiveWords } from "./en";

const live: LiveWords = {
  title: "实时",
  lead: "此刻正在发生的一切。",
  fresh: "实时 {at}",
  stale: "您看到的是 {at} 的情况。",
  waiting: "等待中",
  serving: "接待中",
  there: "在岗客服",
  agents: "客服",
  present: "当前访客",
  oldest: "最长 {time}",
  nobodyWaits: "无人等待",
  nobodyWaitsText: "没有人在等待，很好。",
  unanswered: "{n} 个等待回复",
  ofAgents: "共 {n} 位",
  visits: "今日访问 {today} 次，近一小时 {hour} 次",
  noAgents: "还没有客服。",
  nobodyServed: "目前没有正在接待的会话。",
  noDepartment: "未指定部门",
  servedBy: "{name} 接待，已 {time}",
  somebody: "某位客服",
  unansweredSince: "访客从何时起等待回复",
  waitsFor: "已等 {time}",
  load: "正在接待 {load} 个，上限 {capacity} 个",
  byHour: "今日访问（按小时）",
  hoursOf: "时区：{zone}",
  byHourText: "今日共 {n} 次访问（按小时），最多的一小时 {most} 次。",
  noVisits: "今天还没有访客。",
};

export default live;
