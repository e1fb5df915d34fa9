/** What a rule does, in a sentence. */
import { fill } from "../../../i18n/pick";
import type { AllSettings, Reception, Welcome } from "../../state/settings/values";
import { languageName, listed, set } from "../kit/words";
import { departmentName } from "./departments";

function siteName(all: AllSettings, site: string): string {
  return [...all.sites, ...(all.removed_sites ?? [])].find((one) => one.site === site)?.name ?? site;
}

function pageText(page: string): string {
  const s = set().sentences;
  return page.endsWith("*") ? fill(s.pages, { page: page.slice(0, -1) }) : fill(s.page, { page });
}

export function welcomeText({ sites, when, open }: Welcome, all: AllSettings): string {
  const s = set().sentences;
  const parts = [
    when.returning == null ? "" : when.returning ? s.returning : s.first,
    when.source && !(when.campaign && when.source === "campaign") ? s.sources[when.source]! : "",
    when.campaign ? fill(s.campaign, { name: when.campaign }) : "",
    sites.length > 0 ? fill(s.sites, { names: listed(sites.map((one) => siteName(all, one)), "disjunction") }) : "",
    when.page ? pageText(when.page) : "",
    when.opening ? s.openings[when.opening]! : "",
    when.after_s ? fill(s.after, { n: when.after_s }) : "",
  ].filter(Boolean);
  return fill(parts.length > 0 ? s.welcome : s.welcomeAll, { who: parts.join(s.comma), how: open ? s.window : s.bubble });
}

export function receptionText({ when, then }: Reception, all: AllSettings): string {
  const s = set().sentences;
  const parts = [
    when.site ? fill(s.sites, { names: siteName(all, when.site) }) : "",
    when.page ? pageText(when.page) : "",
    when.channel ? fill(s.channel, { name: set().channels[when.channel]! }) : "",
    when.language ? fill(s.language, { name: languageName(when.language) }) : "",
    when.department ? fill(s.asked, { name: departmentName(all, when.department) }) : "",
  ].filter(Boolean);
  const done = [
    then.department ? fill(s.goes, { name: departmentName(all, then.department) }) : "",
    then.skills.length > 0 ? fill(then.skills.length > 1 ? s.needsAll : s.needs, { names: listed(then.skills.map((name) => fill(s.quoted, { name }))) }) : "",
    then.tags.length > 0 ? fill(s.tagged, { names: listed(then.tags) }) : "",
  ].filter(Boolean);
  if (done.length === 0) return s.nothing;
  return fill(parts.length > 0 ? s.reception : s.receptionAll, { which: parts.join(s.comma), done: done.join(s.then) });
}
