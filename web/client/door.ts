/**
 * How a visitor gets in: what this browser knows of itself, exchanged for a session. It keeps
 * nothing and shows nothing; whose words are whose is the visitor's business.
 */
import type { Account } from "./accounts";
import type { Login } from "./client";
import { ApiError, request } from "./http";
import type { Invitation, Page } from "./types";

export interface Identity {
  user: string;
  timestamp: number;
  nonce: string;
  signature: string;
}

/** A page that was left before the server heard of it; `id` makes it one page, though told twice. */
export interface Passed {
  id: string;
  page: Page;
}

export interface VisitorConfig {
  base: string;
  site: string;
  locale: string;
  page(): Page;
  /** Pages of which the server has not heard, in their order, the present one last. */
  path?: { untold(): Passed[]; told(pages: Passed[]): void };
}

export interface SessionAnswer extends Login {
  visitor: string;
  conversation: { id: string } | null;
  resume: string;
  settings?: { name?: string };
  invitation?: Invitation | null;
}

/** `user`: whom the server takes us for, if that was proven by this or an earlier session. */
export interface Entrance extends SessionAnswer {
  user: string | undefined;
}

interface Claim {
  resume?: string | undefined;
  identity?: Identity | undefined;
  page?: undefined;
}

const SESSIONS = "/v1/visitor/sessions";
/** It is not who asks that is refused, but how: the body, or how much of it there is. */
const UNREADABLE = new Set([400, 413]);

export class Door {
  constructor(private readonly _config: VisitorConfig) {}

  /**
   * With what we have; then without what may be the cause of a refusal. A stale identity must not
   * break the chat, but neither may it open the conversation of another user of this browser.
   */
  async enter(account: Account | undefined, identity: Identity | undefined): Promise<Entrance> {
    const resume = account?.resume;
    // An identity is exchanged once; the secret that it bought is kept instead.
    const bought = identity && account?.user === identity.user;
    const claims: Claim[] = bought ? [{ resume }, { identity }] : [{ resume, identity }];
    if (identity && resume && !account.user) claims.push({ resume });
    if (identity || resume) claims.push({});
    let first: unknown;
    for (const claim of claims) {
      try {
        const answer = await this.buy(claim);
        const same = answer.visitor === account?.visitor;
        // A dead secret makes us a stranger: not while there is an identity to try.
        if (bought && claim.resume && !same) continue;
        return { ...answer, user: claim.identity?.user ?? (same ? account.user : undefined) };
      } catch (error) {
        if (!(error instanceof ApiError) || error.passing) throw error;
        // Whoever made the page finds it by this; a visitor comes in all the same.
        if (claim.identity) console.warn("Parley: the identity was refused:", error.code);
        first ??= error;
      }
    }
    throw first;
  }

  async buy(claim: Claim): Promise<SessionAnswer> {
    const { path } = this._config;
    const untold = "page" in claim ? [] : (path?.untold() ?? []);
    const answer = await this._ask(claim, untold.slice(0, -1));
    path?.told(untold);
    return { ...answer, actor: answer.visitor };
  }

  /** What was looked at before is worth less than the chat: where it may be what the server does not take, it is left out. */
  private async _ask(claim: Claim, pages: Passed[]): Promise<SessionAnswer> {
    const { base, site, locale, page } = this._config;
    const body = { site, locale, page: page(), ...(pages.length > 0 && { pages }), ...claim };
    try {
      return await request<SessionAnswer>(base + SESSIONS, { body });
    } catch (error) {
      if (pages.length === 0 || !(error instanceof ApiError) || !UNREADABLE.has(error.status)) throw error;
      return this._ask(claim, []);
    }
  }

  /** From now on this secret opens nothing. */
  close(resume: string): Promise<void> {
    return request(this._config.base + SESSIONS, { method: "DELETE", body: { resume } });
  }

  /** A reading by HTTP, beside the socket. */
  pull<T>(path: string, token: string): Promise<T> {
    return request<T>(this._config.base + path, { token });
  }
}
