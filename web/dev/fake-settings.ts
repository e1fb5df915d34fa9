/** Settings and agents of an invented shop, in the shapes of the contract, kept in memory. For tests and for looking at screens. */
import type { AgentEntry, AllSettings, Changed } from "../admin/state/settings/values";

const WHEN: Changed = { changed_at: new Date(Date.now() - 3 * 86_400_000).toISOString(), changed_by: { role: "agent", id: "a1", name: "Anna Albers" } };
const OPERATOR: Changed = { changed_at: "2026-10-01T08:00:00Z", changed_by: { role: "operator", id: "cli", name: null } };

export interface Reply {
  status: number;
  body: unknown;
}

/** Of each section, under which name an entry has its key. */
const KEYS: Record<string, string> = { departments: "department", replies: "reply", welcomes: "rule", receptions: "rule", statuses: "status", sites: "site" };

export class FakeSettings {
  all: AllSettings = settings();
  agents: AgentEntry[] = agents();
  password = "correct horse";

  answer(method: string, path: string[], body: Record<string, unknown>): Reply {
    const [what, section = "", key, part] = path;
    if (what === "agents") return this._agents(method, section, key, body);
    if (method === "GET") return ok(this.all);
    const before = JSON.stringify(this.all);
    if (section === "sites" && method === "POST") {
      const site = `site-${this.all.sites.length + 1}`;
      this.all = { ...this.all, sites: [...this.all.sites, { site, ...(body as { name: string; origins: string[] }), ...changed() }] };
      return ok({ site }, 201);
    }
    if (!key) this.all = { ...this.all, [section]: method === "DELETE" ? null : { ...body, ...changed() } };
    else this._entry(section as "sites", key, part, method === "DELETE" ? null : body);
    const same = JSON.stringify(this.all, timeless) === JSON.stringify(JSON.parse(before), timeless);
    if (same) this.all = JSON.parse(before) as AllSettings;
    else this.all = { ...this.all, version: this.all.version + 1 };
    return ok({ version: this.all.version, changed: !same });
  }

  private _entry(section: "sites", key: string, part: string | undefined, value: object | null): void {
    const name = KEYS[section]! as "site";
    const list = this.all[section];
    const there = list.find((one) => one[name] === key);
    const fresh = { [name]: key, ...there, ...(part ? { [part]: { ...value, ...changed() } } : { ...value, ...changed() }) } as AllSettings["sites"][0];
    const rest = value === null ? list.filter((one) => one[name] !== key) : there ? list.map((one) => (one === there ? fresh : one)) : [...list, fresh];
    this.all = { ...this.all, [section]: rest };
  }

  private _agents(method: string, id: string, part: string | undefined, body: Record<string, unknown>): Reply {
    if (method === "GET") return ok({ items: this.agents });
    if (id === "me") return body["old"] === this.password ? ok({}) : { status: 401, body: { code: "bad_credentials", detail: "The password is wrong." } };
    if (method === "POST") {
      if (this.agents.some((one) => one.email === body["email"])) return { status: 409, body: { code: "exists", detail: "This e-mail address is taken." } };
      this.agents = [...this.agents, { ...(body as unknown as AgentEntry), id: `a${this.agents.length + 1}`, status: "offline", online: false, load: 0, ...changed() }];
      return ok({ id: this.agents.at(-1)!.id, password: "kupfer-dattel-98" }, 201);
    }
    if (method === "DELETE") this.agents = this.agents.filter((one) => one.id !== id);
    else if (!part) this.agents = this.agents.map((one) => (one.id === id ? { ...one, ...(body as unknown as AgentEntry), ...changed() } : one));
    return ok({ version: 1, changed: true });
  }
}

function timeless(name: string, value: unknown): unknown {
  return name === "changed_at" || name === "changed_by" ? undefined : value;
}

function changed(): Changed {
  return { ...WHEN, changed_at: new Date().toISOString() };
}

function ok(body: unknown, status = 200): Reply {
  return { status, body };
}

function agents(): AgentEntry[] {
  const one = (id: string, name: string, more: Partial<AgentEntry>): AgentEntry => ({
    id, name, email: `${name.split(" ")[0]!.toLowerCase()}@shop.example`, role: "agent", departments: [], skills: [], capacity: null, status: "online", online: true, load: 0, ...WHEN, ...more,
  });
  return [
    one("a1", "Anna Albers", { role: "admin", departments: ["support"], load: 3 }),
    one("a2", "Luis Ortega", { departments: ["sales", "support"], skills: ["spanish", "billing"], capacity: 8, load: 8, status: "busy" }),
    one("a3", "陈伟", { email: "chen@shop.example", departments: ["support"], skills: ["chinese"], load: 1, status: "lunch" }),
    one("a4", "Marie Lefèvre", { role: "limited", departments: ["sales"], online: false, status: "offline" }),
  ];
}

function settings(): AllSettings {
  return {
    version: 12, open: true,
    departments: [
      { department: "sales", name: "Sales", strategy: "round_robin", offered: true, ...WHEN },
      { department: "support", name: "Support", strategy: null, offered: true, ...WHEN },
      { department: "accounts", name: "Accounts", strategy: "manual", offered: false, ...OPERATOR },
    ],
    replies: [
      { reply: "0192f000-0000-7000-8000-00000000e001", shortcut: "hello", title: "Greeting", text: "Hello {{visitor.name}}, this is {{agent.name}} of {{site.name}}. How can I help you?", department: null, file: null, ...WHEN },
      { reply: "0192f000-0000-7000-8000-00000000e002", shortcut: "refund", title: "Refund is on its way", text: "Your refund is on its way. It takes three to five days until you see it on your account.", department: "accounts", file: null, ...WHEN },
      { reply: "0192f000-0000-7000-8000-00000000e003", shortcut: "发货", title: "发货时间", text: "您的订单将在 24 小时内发出，{{visitor.name}}。", department: "support", file: null, ...OPERATOR },
    ],
    welcomes: [
      { rule: "pricing", name: "Questions on prices", enabled: true, order: 10, sites: ["shop"], when: { page: "/pricing*", after_s: 20, opening: "open" }, text: { en: "Questions on our prices? We answer in a minute.", zh: "对价格有疑问？我们一分钟内答复。" }, open: false, ...WHEN },
      { rule: "campaign", name: "Spring campaign", enabled: false, order: 20, sites: [], when: { source: "campaign", campaign: "spring", returning: false }, text: { en: "Welcome! Your spring discount is applied at the checkout." }, open: true, ...WHEN },
    ],
    receptions: [
      { rule: "chinese", name: "Chinese speakers", enabled: true, order: 10, when: { language: "zh" }, then: { department: "support", skills: ["chinese"], tags: [] }, ...WHEN },
      { rule: "checkout", name: "Trouble at the checkout", enabled: true, order: 20, when: { page: "/checkout*", site: "shop" }, then: { department: "sales", skills: [], tags: ["checkout"] }, ...WHEN },
    ],
    statuses: [{ status: "lunch", name: { en: "Lunch", zh: "午休" }, available: false, ...WHEN }],
    routing: { strategy: "least_busy", capacity: 5, release_after_s: 300, remind_after_s: 120, missed_after_s: 300, away_after_s: 600, ...WHEN },
    tags: { tags: ["refund", "shipping", "checkout", "报价", "bug"], ...WHEN },
    hours: {
      zone: "Europe/Berlin", week: [[[540, 720], [780, 1080]], [[540, 720], [780, 1080]], [[540, 1080]], [[540, 1080]], [[540, 960]], [[1320, 1560]], []],
      holidays: [{ day: "2026-12-25", shifts: [] }, { day: "2026-12-31", shifts: [[540, 720]] }], ...WHEN,
    },
    sites: [
      {
        site: "shop", name: "Nordic Shop", origins: ["https://shop.example", "https://www.shop.example"], ...WHEN,
        appearance: {
          color: "#0f766e", theme: "auto", side: "right", offset_x: 20, offset_y: 20, launcher: "bar", language: null,
          texts: { en: { title: "Nordic Shop", subtitle: "We answer in a few minutes", launcher: "Questions?" }, zh: { title: "北欧小店", subtitle: "几分钟内回复", launcher: "有问题？" } },
          logo: null, prechat: null,
          offline: {
            intro: { en: "We are back on Monday. Leave us a message.", zh: "我们周一回来，请留言。" },
            fields: [
              { key: "email", kind: "email", label: { en: "E-mail", zh: "邮箱" }, required: true, options: [] },
              { key: "order_number", kind: "text", label: { en: "Order number", zh: "订单号" }, required: false, options: [] },
              { key: "question", kind: "textarea", label: { en: "Your question", zh: "您的问题" }, required: true, options: [] },
            ],
          },
          files: true, emoji: true, rating: true, hide_when_closed: false, ...WHEN,
        },
      },
      { site: "help", name: "Help Centre", origins: [], ...OPERATOR },
    ],
  };
}
