/**
 * Where a visit comes from, told by its first page, in the five words that a welcome rule may ask
 * for. The server's own reports know more of it (`domain/visitor/source.py`).
 */

export type Medium = "direct" | "search" | "social" | "campaign" | "referral";

export interface Source {
  medium: Medium;
  campaign: string | null;
}

const TAGGED = /^(utm_(source|medium|campaign)|gclid|gbraid|wbraid|msclkid)$/;
const SEARCH =
  /(^|\.)(google|bing|duckduckgo|baidu|yandex|ecosia|qwant|startpage|kagi|sogou|so|seznam)\.[a-z]{2,3}(\.[a-z]{2})?$|^ya\.ru$|^search\.|\.search\.|googlequicksearchbox$/;
const SOCIAL =
  /(^|\.)(facebook|instagram|twitter|x|linkedin|youtube|reddit|tiktok|telegram|whatsapp|vk|xiaohongshu|zhihu|weixin\.qq)\.com$|(^|\.)(pinterest|weibo|mastodon)\.[a-z.]+$|^(fb\.me|t\.co|t\.me|wa\.me|lnkd\.in|youtu\.be|pin\.it|bsky\.app|go\.bsky\.app|web\.telegram\.org)$/;

/** What a link says of itself goes before the referrer, which browsers shorten or leave out. */
export function sourceOf(url: string, referrer: string): Source {
  const page = parsed(url);
  const tags = [...(page?.searchParams ?? [])];
  const campaign = tags.find(([name, value]) => name === "utm_campaign" && value)?.[1] ?? null;
  if (tags.some(([name, value]) => TAGGED.test(name) && value)) return { medium: "campaign", campaign };
  return { medium: byReferrer(host(parsed(referrer)), host(page)), campaign: null };
}

function byReferrer(from: string, own: string): Medium {
  if (!from || from === own) return "direct";
  if (SEARCH.test(from)) return "search";
  return SOCIAL.test(from) ? "social" : "referral";
}

function parsed(url: string): URL | null {
  return URL.canParse(url) ? new URL(url) : null;
}

function host(url: URL | null): string {
  return url?.hostname.replace(/^www\./, "") ?? "";
}
