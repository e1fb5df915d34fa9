/**
 * The signed-in agent's desk, put together and kept up to date. It draws nothing, and each of its
 * parts knows its own business; delivery is the client's.
 */
import { effect, signal, untracked } from "@preact/signals";
import type { Login } from "../../client/client";
import type { Db } from "../../client/db";
import { browserWorld } from "../../client/ports";
import type { Settled } from "../../client/sender";
import { browserTabs } from "../../client/tabs";
import type { Ack, Attachment, ClientFrame } from "../../client/types";
import { fill } from "../../i18n/pick";
import { uuid7 } from "../../client/uuid";
import { title } from "./alerts";
import type { AgentSession } from "../../staff/api";
import type { Api } from "./api";
import { Asks } from "./asks";
import { Attachments, type Carrier } from "./attachments";
import { Calling } from "./calling";
import { DeskClient } from "./desk-client";
import { Doings } from "./doings";
import { Drafts } from "./drafts";
import { silent } from "./expected";
import { Finding } from "./finding";
import { Front } from "./front";
import { Guests } from "./guests";
import { Listing } from "./listing";
import { looking } from "./looking";
import { News } from "./news";
import { People } from "./people";
import { keepPlace } from "./place";
import { words } from "./prefs";
import { Roster } from "./roster";
import { Workspace } from "./settings";
import { Status } from "./status";
import { Talks } from "./talks";
import { Toasts } from "./toasts";

const EARLY_MS = 60_000;
const REFRESH_MS = 30_000;
const CLOCK_MS = 10_000;
const RELOAD_MS = 2_000;

export class Desk {
  readonly listing: Listing;
  readonly roster: Roster;
  readonly toasts = new Toasts();
  readonly visible = signal(document.visibilityState === "visible");
  /** The server's time, now and then: what waits too long shows. */
  readonly now = signal(Date.now());
  /** Whether the browser has a network at all; the socket takes a while to notice that it has none. */
  readonly online = signal(navigator.onLine);
  readonly drafts: Drafts;
  readonly client: DeskClient;
  readonly workspace: Workspace;
  readonly status: Status;
  readonly people: People;
  readonly guests: Guests;
  readonly finding: Finding;
  readonly attachments: Attachments;
  readonly front = new Front(this);
  readonly talks = new Talks(this);
  readonly news = new News(this);
  readonly doings = new Doings(this);
  readonly calling: Calling;
  private readonly _asks = new Asks();
  private readonly _ends: (() => void)[] = [];
  private _greeted = false;

  constructor(readonly me: AgentSession, readonly api: Api, db: Db, name: string, readonly uploads: Carrier, private readonly _out: () => void) {
    this.drafts = new Drafts(me.agent);
    this.roster = new Roster(api, me.agent);
    this.workspace = new Workspace(api);
    this.listing = new Listing(api, me.agent, (error) => this.toasts.complain(error));
    this.people = new People(api, (visitor) => this.listing.earlier(visitor));
    this.guests = new Guests(api, () => this.visible.value);
    this.finding = new Finding(api, this.listing.text);
    this.attachments = new Attachments(uploads, (file) => api.file(file));
    this.status = new Status(me.agent, this.roster, this.workspace, (fields) => this._ask({ op: "status", ...fields }), {
      failed: (error) => this.toasts.complain(error),
      back: (status) => this.toasts.say({ tone: "call", text: fill(words().backAgain, { status: this.workspace.statusName(status) }) }),
    });
    const watched = (id: string) => this.visible.value && this.front.active.value === id;
    this.calling = new Calling({ me: me.agent, watched, visible: () => this.visible.value, open: (id) => void this.front.open(id), openLongest: () => this.front.openLongest() }, this.toasts);
    this.client = new DeskClient("agent", db, browserWorld, browserTabs(name, db, browserWorld), {
      authorise: (stale) => this._authorise(stale),
      events: (_feed, _state, events) => this.news.moved(events),
      reload: () => this.reload(),
      gone: (feed) => this.news.gone(feed),
      settled: (settled) => this._settled(settled),
      answered: (id, answer) => this._asks.answer(id, answer),
    });
    this.client.present = (said) => this.news.present(said);
    this._ends.push(this.finding.end, effect(() => this.calling.count(this.listing.unread.value)), looking(this));
    this._ends.push(effect(() => void (this.listing.pending.value = this.client.outbox.pending.value)));
    this._ends.push(effect(() => void (this.visible.value && this.calling.calm())));
    this._ends.push(effect(() => void (this.client.phase.value === "online" || this._asks.abandon())));
  }

  /** Whoever has just come through the door is there for visitors; a reload changes nothing. */
  async start(arrived: boolean): Promise<void> {
    await this.client.become(this.me.agent);
    await this.load().catch(() => {});
    this._ends.push(keepPlace(this));
    this.client.start();
    if (arrived) this._ends.push(effect(() => this._greet()));
    const away = new AbortController();
    this.status.watch(() => this.client.phase.value === "online", away.signal);
    const timers = [setInterval(() => this._refresh(), REFRESH_MS), setInterval(() => (this.now.value = this.calling.now()), CLOCK_MS)];
    this._ends.push(() => timers.forEach(clearInterval), () => away.abort(), () => this.guests.hide());
  }

  /** Who is there is asked for again while somebody looks: signals get lost, and not all are sent here. */
  private _refresh(): void {
    if (this.client.phase.value !== "online" || !this.visible.value) return;
    void this.listing.refresh();
    void this.roster.load();
  }

  private _greet(): void {
    if (this.client.phase.value !== "online" || this._greeted) return;
    this._greeted = true;
    if (untracked(() => this.roster.status.value) === "offline") untracked(() => void this.status.choose("online"));
  }

  stop(): void {
    this.client.stop();
    this._ends.forEach((end) => end());
    this.calling.calm();
    title(0, "Parley");
  }

  async load(): Promise<void> {
    const { state, rest } = await this.listing.load();
    this.client.follow("inbox", state);
    // What is further down comes while the first page is looked at already.
    void this.listing.loadRest(rest).then(() => this.listing.loadMissed());
    void this.workspace.load();
    await this.roster.load();
    this.status.loaded();
    for (const id of this.front.tabs.value) if (!this.listing.get(id)) void this.listing.fetch(id, 0);
  }

  reload(): void {
    this.load().catch(() => browserWorld.after(RELOAD_MS, () => this.reload()));
  }

  /** `shown`: what the agent sees of it meanwhile, where the server is told less. */
  do(op: string, id: string, fields: Record<string, unknown> = {}, shown?: Attachment): void {
    void this.client.outbox.put(op, id, fields, shown ? { shown } : {}).catch((error: unknown) => this.toasts.complain(error));
  }

  /** Asks somebody on the site whether they want to talk; the conversation begins when they answer. */
  async invite(visitor: string, text: string): Promise<boolean> {
    try {
      await this._ask({ op: "invite", visitor, body: { text } });
      return true;
    } catch (error) {
      this.toasts.complain(error);
      return false;
    }
  }

  /** A command that is worth nothing later: answered now or not at all. */
  private _ask(frame: ClientFrame): Promise<Ack> {
    const id = uuid7();
    const answer = this._asks.add(id);
    if (!this.client.send({ ...frame, id })) this._asks.abandon();
    return answer;
  }

  private async _authorise(stale: boolean): Promise<Login> {
    let session = this.me;
    if (stale || Date.parse(session.expires_at) - Date.now() < EARLY_MS) {
      session = await this.api.session().catch((error: unknown) => {
        if ((error as { status?: number }).status === 401) this._out();
        throw error;
      });
      Object.assign(this.me, session);
    }
    if (!this.listing.loaded.value) await this.load();
    return { ...session, actor: session.agent };
  }

  private _settled({ entry, answer }: Settled): void {
    if (answer.op !== "error" || silent(entry)) return;
    if (answer.code === "taken") void this.doings.tooLate(entry.conversation!);
    else this.toasts.complain(answer);
  }
}
