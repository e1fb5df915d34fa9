/**
 * The visitor's own business on top of the client: who this browser is, which conversation is
 * theirs, and that words written as A go out as A even when the page now says B.
 */
import { signal } from "@preact/signals-core";
import { Accounts, type Account } from "./accounts";
import { Client, type Login } from "./client";
import { Couriers } from "./couriers";
import type { Db } from "./db";
import { ApiError, request } from "./http";
import type { World } from "./ports";
import { orphaned, type Entry } from "./queue";
import type { Settled } from "./sender";
import type { Tabs } from "./tabs";
import type { LogEvent, Page } from "./types";

export interface Identity {
  user: string;
  timestamp: number;
  nonce: string;
  signature: string;
}

export interface VisitorConfig {
  base: string;
  site: string;
  locale: string;
  page(): Page;
}

interface SessionAnswer {
  token: string;
  visitor: string;
  conversation: { id: string } | null;
  ws: string;
  expires_at: string;
  resume: string;
  settings?: { name?: string };
}

const EARLY_MS = 60_000;

export class Visitor {
  readonly conversation = signal<string | null>(null);
  readonly name = signal("");
  readonly client: Client;
  private login: Login | null = null;
  private identity: Identity | undefined;
  private readonly accounts: Accounts;
  private readonly couriers: Couriers;

  constructor(
    private readonly config: VisitorConfig,
    private readonly db: Db,
    private readonly world: World,
    private readonly tabs: Tabs,
  ) {
    this.accounts = new Accounts(db);
    this.couriers = new Couriers(db, world, tabs, this.accounts, (resume) => this.buy({ resume, page: undefined }));
    this.client = new Client("visitor", db, world, tabs, {
      authorise: (stale) => this.authorise(stale),
      news: (_conversation, events) => this.news(events),
      gone: (feed) => this.lost(feed),
      settled: (settled) => this.settled(settled),
      heard: (note) => this.heard(note),
    });
  }

  /** Shows what is kept at once; the session follows. */
  async start(identity?: Identity): Promise<void> {
    this.identity = identity;
    const account = await this.accounts.current();
    if (account && (!identity || account.user === identity.user)) {
      await this.client.become(account.visitor);
      await this.enter(account.conversation);
    }
    this.client.start();
  }

  /** The page says who its user is; the same user again changes nothing. */
  async identify(identity: Identity): Promise<void> {
    const account = await this.accounts.current();
    if (account?.user === identity.user) return;
    this.identity = identity;
    this.login = null;
    this.client.renew();
  }

  /** The page's user has left: the next words are a stranger's. */
  async signOut(): Promise<void> {
    this.identity = undefined;
    this.login = null;
    this.conversation.value = null;
    await this.accounts.leave();
    await this.client.become(null);
    this.client.renew();
    this.tabs.tell({ kind: "person" });
  }

  say(text: string): Promise<string> {
    return this.client.put("post", this.conversation.value, { body: { text }, page: this.config.page() });
  }

  rate(rating: number, comment: string): void {
    const id = this.conversation.value;
    if (id) void this.client.put("rate", id, { rating, ...(comment ? { comment } : {}) });
  }

  read(upto: number): void {
    const id = this.conversation.value;
    if (id) void this.client.put("read", id, { upto });
  }

  /** A reading by HTTP, beside the socket. */
  pull<T>(path: string): Promise<T> {
    return request<T>(this.config.base + path, { token: this.login?.token ?? "" });
  }

  viewed(): void {
    this.client.ask({ op: "page", page: this.config.page() }).catch(() => {});
  }

  private async authorise(stale: boolean): Promise<Login> {
    const known = this.login;
    if (known && !stale && Date.parse(known.expires_at) - this.world.now() > EARLY_MS) return known;
    const account = await this.accounts.current();
    const identity = this.fresh(account);
    const answer = await this.session(account, identity);
    await this.keep(answer, account, identity);
    this.login = { ...answer, actor: answer.visitor };
    if (this.client.actor.value !== answer.visitor) this.conversation.value = null;
    await this.client.become(answer.visitor);
    this.name.value = answer.settings?.name ?? "";
    await this.enter(answer.conversation?.id ?? null);
    void this.couriers.send(answer.visitor);
    return this.login;
  }

  /** An identity is exchanged once; the session that it bought is kept instead. */
  private fresh(account: Account | undefined): Identity | undefined {
    const identity = this.identity;
    return identity && account?.user === identity.user ? undefined : identity;
  }

  /**
   * With what we have; then without what may be the cause of a refusal. A stale identity must not
   * break the chat, but neither may it open the conversation of another user of this browser.
   */
  private async session(account: Account | undefined, identity: Identity | undefined): Promise<SessionAnswer> {
    const resume = account?.resume;
    const tries: Record<string, unknown>[] = [{ resume, identity }];
    if (identity && resume && !account.user) tries.push({ resume });
    if (identity || resume) tries.push({});
    let first: unknown;
    for (const attempt of tries) {
      try {
        return await this.post(attempt);
      } catch (error) {
        if (!(error instanceof ApiError) || error.passing) throw error;
        first ??= error;
      }
    }
    throw first;
  }

  private post(with_: Record<string, unknown>): Promise<SessionAnswer> {
    const { base, site, locale } = this.config;
    return request(`${base}/v1/visitor/sessions`, { body: { site, locale, page: this.config.page(), ...with_ } });
  }

  private async buy(with_: Record<string, unknown>): Promise<Login> {
    const answer = await this.post(with_);
    return { ...answer, actor: answer.visitor };
  }

  private async keep(answer: SessionAnswer, before: Account | undefined, identity: Identity | undefined): Promise<void> {
    const same = before?.visitor === answer.visitor;
    await this.accounts.enter({
      visitor: answer.visitor,
      resume: answer.resume,
      user: identity?.user ?? (same ? before?.user : undefined),
      conversation: answer.conversation?.id ?? null,
    });
    if (same) return;
    if (before && !before.user && !identity) {
      await this.db.change<Entry>("outbox", (rows) => orphaned(rows, before.visitor, answer.visitor));
    }
    this.tabs.tell({ kind: "person" });
  }

  private async enter(conversation: string | null): Promise<void> {
    if (conversation === null && this.client.pending.value.some((entry) => entry.op === "start")) return;
    if (conversation) await this.client.open(conversation);
    this.conversation.value = conversation;
  }

  private async opened(conversation: string): Promise<void> {
    if (this.conversation.value === conversation) return;
    await this.enter(conversation);
    await this.accounts.placed(this.client.actor.value ?? "", conversation);
  }

  private settled({ entry, answer }: Settled): void {
    if (entry.op !== "start" || answer.op !== "ack" || !answer.conversation) return;
    void this.opened(answer.conversation);
    this.tabs.tell({ kind: "conversation", actor: entry.actor, id: answer.conversation });
  }

  /** After an erasure this browser's secret opens nothing: whoever goes on writing is somebody new. */
  private news(events: LogEvent[]): void {
    if (!events.some((event) => event.type === "conversation.erased")) return;
    this.login = null;
    this.client.renew();
  }

  private lost(feed: string): void {
    if (feed === `conversation:${this.conversation.value}`) this.conversation.value = null;
  }

  private heard(note: unknown): void {
    const said = note as { kind?: string; actor?: string; id?: string };
    if (said.kind === "conversation" && said.id && said.actor === this.client.actor.value) void this.opened(said.id);
    if (said.kind === "person") void this.personChanged();
  }

  private async personChanged(): Promise<void> {
    const account = await this.accounts.current();
    if (account?.visitor === this.client.actor.value) return;
    this.identity = undefined;
    this.login = null;
    this.client.renew();
  }
}
