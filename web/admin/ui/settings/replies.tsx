/** Answers that are given often. */
import { useRef, useState } from "preact/hooks";
import { fill } from "../../../i18n/pick";
import { Empty, Icon } from "../../../staff/bits";
import { NEW, settingsAt } from "../../state/place";
import { reply as check } from "../../state/settings/checks";
import { optional, translated, type Bound } from "../../state/settings/draft";
import { plain, type Changed, type Reply } from "../../state/settings/values";
import { Choice } from "../bits";
import { AddLink, Entry, Head, Part, useDraft } from "../kit/entry";
import { AreaField, SelectField, TextField } from "../kit/fields";
import { set } from "../kit/words";
import { departmentName, departmentOptions } from "./departments";
import { FileField } from "./reply-file";
import { Gone, chosen, type PageProps } from "./page";
import { Row, Rows } from "./rows";

type Entered = Reply & Changed & { reply: string };
const PLACES = ["visitor.name", "agent.name", "site.name"] as const;

export function ReplyPages(props: PageProps) {
  const { all, place } = props;
  const entry = place.key === null ? null : chosen(all.replies, place, (one) => one.reply);
  if (entry === "gone") return <Gone section="replies" />;
  return entry === null ? <List {...props} /> : <One key={place.key} {...props} entry={entry === "fresh" ? null : entry} />;
}

function List({ all }: PageProps) {
  const s = set();
  const [sought, setSought] = useState("");
  const [department, setDepartment] = useState("");
  const words = sought.toLowerCase().split(/\s+/).filter(Boolean);
  const fits = (one: Reply) => words.every((word) => `${one.shortcut} ${one.title} ${one.text}`.toLowerCase().includes(word)) && (!department || one.department === department);
  const found = all.replies.filter(fits).sort((a, b) => (a.shortcut < b.shortcut ? -1 : 1));
  return (
    <>
      <Head title={s.names["replies"]!} lead={s.leads["replies"]}><AddLink href={settingsAt("replies", NEW)} text={s.add} /></Head>
      {all.replies.length > 0 && (
        <div class="controls"><div class="control-row">
          <label class="search is-wide"><Icon name="find" /><input type="search" value={sought} placeholder={s.seekReplies} aria-label={s.seekReplies} data-testid="seek" onInput={(event) => setSought(event.currentTarget.value)} /></label>
          {all.departments.length > 0 && <Choice label={s.department} value={department} options={departmentOptions(all, s.anyDepartment)} choose={setDepartment} testid="seek-department" />}
        </div></div>
      )}
      {all.replies.length > 0 && found.length === 0 ? <Empty title={s.noneFound} text={s.noneFoundText} /> : (
        <Rows none={s.none.replies}>
          {found.map((one) => (
            <Row key={one.reply} id={one.reply} href={settingsAt("replies", one.reply)} title={one.title} text={one.text} chips={one.department ? [departmentName(all, one.department)] : []}
              mark={<kbd class="shortcut">/{one.shortcut}</kbd>} tools={one.file ? <span class="quiet" role="img" aria-label={s.file} title={s.file}><Icon name="clip" /></span> : undefined} />
          ))}
        </Rows>
      )}
    </>
  );
}

function One({ shown, all, entry }: PageProps & { entry: Entered | null }) {
  const s = set();
  const others = all.replies.filter((one) => one.reply !== entry?.reply);
  const base: Reply = entry ? plain<Reply>(entry, "reply") : { shortcut: "", title: "", text: "", department: null, file: null };
  const draft = useDraft<Reply>(shown, entry?.reply ?? NEW, base, {
    check: (value) => check(value, others),
    tidy: (value) => ({ ...value, title: value.title.trim(), text: value.text.trim() }),
    save: (value, seen) => shown.office.put(`replies/${entry?.reply ?? crypto.randomUUID()}`, value, seen),
  }, entry ? entry.version : "none");
  const list = () => shown.go({ page: "settings", section: "replies", key: null, part: null });
  const department = optional(draft.at("department"));
  const shortcut = translated(draft.at("shortcut"), (text) => text, (text) => text.replace(/^\/+|\s/g, ""));
  return (
    <>
      <Head title={entry ? entry.title : s.newReply} back={settingsAt("replies")} />
      <Entry draft={draft} changed={entry} verb={entry ? undefined : s.add} saved={entry ? undefined : () => (shown.tell(s.added), list())}
        remove={entry ? { title: fill(s.removeAsk, { name: entry.title }), text: s.replyRemoveText, yes: s.remove, run: async () => {
          await shown.office.remove(`replies/${entry.reply}`, entry.version);
          draft.revert();
          shown.tell(s.removed);
          list();
        } } : undefined}>
        <Part title={s.general}>
          <div class="pair">
            <TextField label={s.shortcut} hint={fill(s.shortcutHint, { shortcut: `/${draft.value.value.shortcut || "hello"}` })} field={shortcut} testid="shortcut" input={{ maxLength: 32, autoFocus: entry === null, spellcheck: false }} />
            <TextField label={s.replyTitle} field={draft.at("title")} testid="title" input={{ maxLength: 200 }} />
          </div>
          <Text field={draft.at("text")} />
          <FileField shown={shown} field={draft.at("file")} />
          <SelectField label={s.department} hint={s.replyDepartmentHint} field={department} options={departmentOptions(all, s.allDepartments)} testid="department" />
        </Part>
        <Part title={s.asSent} lead={s.asSentLead}><p class="sample" data-testid="sample">{filled(draft.value.value.text, shown.me.name, all.sites[0]?.name ?? "") || <span class="quiet">…</span>}</p></Part>
      </Entry>
    </>
  );
}

/** The text, and what is filled in when it is sent: put where the cursor is. */
function Text({ field }: { field: Bound<string> }) {
  const s = set();
  const box = useRef<HTMLDivElement>(null);
  const put = (name: string) => {
    const area = box.current!.querySelector("textarea")!;
    const [from, to] = [area.selectionStart, area.selectionEnd];
    const said = `{{${name}}}`;
    field.set(field.value.slice(0, from) + said + field.value.slice(to));
    requestAnimationFrame(() => (area.focus(), area.setSelectionRange(from + said.length, from + said.length)));
  };
  return (
    <div ref={box}>
      <AreaField label={s.replyText} field={field} testid="text" rows={6} area={{ maxLength: 10_000 }}
        hint={s.placesHint} />
      <p class="places" role="group" aria-label={s.places}>
        {PLACES.map((name) => <button key={name} type="button" class="chip is-tag" data-testid={`place-${name}`} onClick={() => put(name)}>{s.placeNames[name]}</button>)}
      </p>
    </div>
  );
}

function filled(text: string, agent: string, site: string): string {
  const names: Record<string, string> = { "visitor.name": set().sampleVisitor, "agent.name": agent, "site.name": site };
  return text.replace(/\{\{\s*([\w.]+)\s*\}\}/g, (whole, name: string) => names[name] ?? whole);
}
