/** The web sites with the widget: their names, what is put into their pages, and who may. */
import { useState } from "preact/hooks";
import { NEW, settingsAt } from "../../state/place";
import { look as checkLook, site as check } from "../../state/settings/checks";
import type { NewSite } from "../../state/settings/office";
import { PLAIN_LOOK, plain, type Appearance, type Site, type SiteEntry } from "../../state/settings/values";
import { Icon } from "../../../staff/bits";
import { Copyable } from "../kit/dialog";
import { AddLink, Entry, Head, Part, useDraft } from "../kit/entry";
import { TextField } from "../kit/fields";
import { ChipsField } from "../kit/lists";
import { set } from "../kit/words";
import { Swatch } from "./colour";
import { FormsPart } from "./forms";
import { LookPart } from "./look";
import { Gone, chosen, type PageProps } from "./page";
import { RemovedSites, RemovePart } from "./removing";
import { Row, Rows } from "./rows";
import { SecretPart, SecretShown } from "./secret";
import { TextsPart } from "./site-texts";

const PARTS = ["site", "look", "texts", "forms"] as const;
type PartName = (typeof PARTS)[number];

export function SitePages(props: PageProps) {
  const { shown, all, place } = props;
  const s = set();
  const entry = place.key === null ? null : chosen(all.sites, place, (one) => one.site);
  if (entry === "gone") return <Gone section="sites" />;
  if (entry === "fresh") return <Fresh shown={shown} />;
  if (entry !== null) return <One key={place.key} {...props} entry={entry} />;
  return (
    <>
      <Head title={s.names["sites"]!} lead={s.leads["sites"]}><AddLink href={settingsAt("sites", NEW)} text={s.add} /></Head>
      <Rows none={s.none.sites}>
        {all.sites.map((one) => (
          <Row key={one.site} id={one.site} href={settingsAt("sites", one.site)} title={one.name} text={one.origins.length > 0 ? one.origins.join(", ") : s.anyOrigin}
            mark={<Swatch color={one.appearance?.color ?? PLAIN_LOOK.color} />} />
        ))}
      </Rows>
      <RemovedSites shown={shown} removed={all.removed_sites ?? []} />
    </>
  );
}

function tidy({ name, origins }: Site): Site {
  return { name: name.trim(), origins };
}

function Fresh({ shown }: Pick<PageProps, "shown">) {
  const s = set();
  const [made, setMade] = useState<NewSite | null>(null);
  const draft = useDraft<Site>(shown, NEW, { name: "", origins: [] }, { check, tidy, save: async (value) => {
    setMade(await shown.office.addSite(value));
    return true;
  } });
  return (
    <>
      <Head title={s.newSite} back={settingsAt("sites")} />
      <Entry draft={draft} verb={s.add}><Part title={s.general}><Fields draft={draft} fresh /></Part></Entry>
      {made && <SecretShown name={draft.value.value.name.trim()} site={made.site} secret={made.secret} close={() => shown.go({ page: "settings", section: "sites", key: made.site, part: null })} />}
    </>
  );
}

function Fields({ draft, fresh = false }: { draft: ReturnType<typeof useDraft<Site>>; fresh?: boolean }) {
  const s = set();
  return (
    <>
      <TextField label={s.name} hint={s.siteNameHint} field={draft.at("name")} testid="name" input={{ maxLength: 200, autoFocus: fresh }} />
      <ChipsField label={s.origins} hint={s.originsHint} field={draft.at("origins")} testid="origins" placeholder="https://shop.example" tidy={originOf} />
    </>
  );
}

/** What somebody writes for an origin is often an address, or only a name. */
function originOf(text: string): string {
  const trimmed = text.trim();
  if (!trimmed) return "";
  try {
    return new URL(/^[a-z]+:\/\//i.test(trimmed) ? trimmed : `https://${trimmed}`).origin;
  } catch {
    return trimmed;
  }
}

function One({ shown, all, place, entry }: PageProps & { entry: SiteEntry }) {
  const s = set();
  const part: PartName = PARTS.find((one) => one === place.part) ?? "site";
  const site = useDraft<Site>(shown, `${entry.site}/site`, { name: entry.name, origins: entry.origins }, {
    check, tidy, save: (value, seen) => shown.office.put(`sites/${encodeURIComponent(entry.site)}`, value, seen),
  }, entry.version);
  const base: Appearance = { ...PLAIN_LOOK, ...plain(entry.appearance ?? {}) };
  const look = useDraft<Appearance>(shown, `${entry.site}/look`, base, {
    check: checkLook, tidy: tidyLook, save: (value, seen) => shown.office.put(`sites/${encodeURIComponent(entry.site)}/appearance`, value, seen),
  }, entry.appearance?.version);
  return (
    <>
      <Head title={entry.name} back={settingsAt("sites")} />
      <nav class="tabs" aria-label={entry.name}>
        {PARTS.map((one) => (
          <a key={one} href={settingsAt("sites", entry.site, one === "site" ? null : one)} aria-current={one === part ? "page" : undefined} data-testid={`tab-${one}`}>
            {s.siteParts[one]}{one === "site" ? site.dirty.value && <Unsaved /> : one === "look" && look.dirty.value && <Unsaved />}
          </a>
        ))}
      </nav>
      {part === "site" && (
        <>
          <Entry draft={site} changed={entry}><Part title={s.general}><Fields draft={site} /></Part></Entry>
          <Embedding entry={entry} />
          <SecretPart shown={shown} entry={entry} />
          <RemovePart shown={shown} entry={entry} done={() => (site.revert(), look.revert())} />
        </>
      )}
      {part === "look" && <LookPart draft={look} entry={entry} />}
      {part === "texts" && <TextsPart draft={look} entry={entry} />}
      {part === "forms" && <FormsPart draft={look} entry={entry} all={all} />}
    </>
  );
}

function Unsaved() {
  return <i class="unread" role="img" aria-label={set().unsaved} />;
}

/** Empty words are the widget's own, so they are not said. */
function tidyLook(look: Appearance): Appearance {
  const texts = Object.entries(look.texts).map(([language, said]) => [language, Object.fromEntries(Object.entries(said).filter(([, text]) => text?.trim()))] as const);
  return { ...look, color: look.color.toLowerCase(), texts: Object.fromEntries(texts.filter(([, said]) => Object.keys(said).length > 0)) };
}

function Embedding({ entry }: { entry: SiteEntry }) {
  const s = set();
  const snippet = entry.snippet ?? `<script src="${location.origin}/widget.js" data-site="${entry.site}" async></script>`;
  const path = `/chat/${encodeURIComponent(entry.site)}`;
  return (
    <>
      <Part title={s.snippet} lead={s.snippetLead}><Copyable text={snippet} label={s.snippet} testid="snippet" block /></Part>
      <Part title={s.standalone} lead={s.standaloneLead}>
        <div class="standalone">
          <img class="qr" src={`${path}/qr.svg`} alt={s.qrAlt} width="148" height="148" data-testid="qr" />
          <div>
            <Copyable text={`${location.origin}${path}`} label={s.link} testid="link" />
            <p class="buttons">
              <a class="plain is-framed" href={path} target="_blank" rel="noreferrer">{s.openLink}</a>
              <a class="plain is-framed" href={`${path}/qr.svg`} download={`${entry.site}-qr.svg`}><Icon name="download" />{s.downloadQr}</a>
            </p>
          </div>
        </div>
      </Part>
    </>
  );
}
