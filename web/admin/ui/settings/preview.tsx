/** The widget as it would be, drawn with the widget's own sheets and words: beside the form, and of what is not saved yet. */
import { render, type ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { byTag } from "../../../i18n/pick";
import { color as check } from "../../state/settings/checks";
import { paint } from "../../state/settings/contrast";
import { PLAIN_LOOK, textIn, type Appearance, type Form, type Spoken } from "../../state/settings/values";
import { set } from "../kit/words";
import own from "./preview.css?inline";

export type Stage = "closed" | "chat" | "prechat" | "offline" | "thanks";

/** Whichever of the widget's sheets there are. */
const SHEETS = Object.values(import.meta.glob<string>(["../../../widget/styles.css", "../../../widget/loader/*.css"], { eager: true, query: "?inline", import: "default" }));
const SAID = byTag<Record<string, unknown>>(import.meta.glob("../../../widget/messages/*.ts", { eager: true, import: "default" }));

/** The picture is smaller than a page: what is further from its edge would be out of sight. */
const ROOM = 200;

/** What the widget says by itself where its owner says nothing. */
export function ownWords(language: string): Record<Spoken, string> {
  const word = (...keys: string[]): string => ownWord(language, ...keys);
  return {
    title: word("title"), subtitle: word("subtitle"), greeting: word("greetingText"), launcher: word("bar", "title"), placeholder: word("placeholder"),
    away: word("away", "greetingText"), thanks: word("offlineThanks", "rateThanks"),
  };
}

/** The first of these of the widget's words that it has. */
function ownWord(language: string, ...keys: string[]): string {
  const said = SAID[language] ?? SAID[language.split("-")[0]!] ?? SAID["en"]!;
  return String(keys.map((key) => said[key]).find((one) => typeof one === "string") ?? "");
}

interface Props {
  look: Appearance;
  /** The site's. */
  name: string;
  language: string;
  stage: Stage;
  departments?: string[];
}

interface BesideProps extends Props {
  stages: Stage[];
  show: (stage: Stage) => void;
  unsaved: boolean;
  children: ComponentChildren;
}

/** A form, and what comes of it at its side; on a phone above it, when one wants to see it. */
export function Beside({ stages, show, unsaved, children, ...props }: BesideProps) {
  const s = set();
  const [dark, setDark] = useState(false);
  const [open, setOpen] = useState(false);
  const shade = props.look.theme === "auto" ? (dark ? "dark" : "light") : props.look.theme;
  return (
    <div class="beside">
      <div class="beside-form">{children}</div>
      <aside class={`beside-preview ${open ? "is-open" : ""}`} aria-label={s.preview}>
        <button type="button" class="plain is-framed preview-toggle" aria-expanded={open} onClick={() => setOpen(!open)}>{s.preview}</button>
        <div class="preview-body">
          <div class="segments" role="group" aria-label={s.preview}>
            {stages.map((one) => <button key={one} type="button" aria-pressed={one === props.stage} data-testid={`stage-${one}`} onClick={() => show(one)}>{s.stages[one]}</button>)}
            {props.look.theme === "auto" && <button type="button" class="shade" aria-pressed={dark} data-testid="stage-dark" onClick={() => setDark(!dark)}>{s.themes["dark"]}</button>}
          </div>
          <Picture {...props} shade={shade} />
          <p class="hint" data-testid="preview-hint">{unsaved ? s.previewUnsaved : s.previewHint}</p>
        </div>
      </aside>
    </div>
  );
}

function Picture({ shade, ...props }: Props & { shade: "light" | "dark" }) {
  const host = useRef<HTMLDivElement>(null);
  const root = useRef<ShadowRoot | null>(null);
  useEffect(() => {
    root.current = host.current!.shadowRoot ?? host.current!.attachShadow({ mode: "open" });
    root.current.adoptedStyleSheets = [...SHEETS, own].map((text) => {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(text);
      return sheet;
    });
    return () => render(null, root.current!);
  }, []);
  useEffect(() => {
    for (const [name, value] of Object.entries(properties(props.look, shade))) host.current!.style.setProperty(`--parley-${name}`, value);
    render(<Drawn {...props} shade={shade} />, root.current!);
  });
  return <div ref={host} class="preview" role="img" aria-label={set().preview} data-testid="preview" data-theme={shade} data-side={props.look.side} data-color={props.look.color} />;
}

function properties({ color, offset_x, offset_y }: Appearance, shade: "light" | "dark"): Record<string, string> {
  const near = (offset: number): string => `${Math.min(offset || 0, ROOM)}px`;
  return { ...paint(check(color) ? PLAIN_LOOK.color : color, shade), "offset-x": near(offset_x), "offset-y": near(offset_y) };
}

function Drawn({ look, name, language, stage, shade, departments = [] }: Props & { shade: string }) {
  const mine = { ...look.texts["en"], ...look.texts[language] };
  const usual = ownWords(language);
  const word = (key: Spoken): string => mine[key]?.trim() || usual[key];
  const open = stage !== "closed";
  return (
    <div class={`parley is-preview is-${shade} is-${look.side} ${open ? "is-open" : ""}`} lang={language} aria-hidden="true">
      <div class="page"><i /><i /><i /><i /><i /></div>
      {open && (
        <div class="window">
          <header class="header">
            <div class="face">{name.slice(0, 1).toUpperCase()}</div>
            <div class="who"><strong class="title">{mine.title?.trim() || name || usual.title}</strong><span class="subtitle">{word("subtitle")}</span></div>
          </header>
          {stage === "chat" ? <Talk own={mine.greeting?.trim()} usual={usual.greeting} language={language} /> : stage === "thanks" ? <div class="log"><div class="greeting is-alone"><p>{word("thanks")}</p></div></div>
            : <FormPicture form={look[stage]} language={language} away={stage === "offline" ? word("away") : ""} departments={departments} />}
          {stage === "chat" && <ComposerPicture look={look} placeholder={word("placeholder")} />}
        </div>
      )}
      <div class={`launcher ${look.launcher === "bar" ? "is-bar" : ""}`}>
        <svg viewBox="0 0 24 24" width="26" height="26" fill={open ? "none" : "currentColor"} stroke={open ? "currentColor" : "none"} stroke-width="2">
          <path d={open ? "M6 9l6 6 6-6" : "M5 4h14a3 3 0 0 1 3 3v8a3 3 0 0 1-3 3h-7l-5 4v-4h-2a3 3 0 0 1-3-3v-8a3 3 0 0 1 3-3z"} />
        </svg>
        {look.launcher === "bar" && <span class="launcher-text">{word("launcher")}</span>}
      </div>
    </div>
  );
}

/** Who says hello in their own words says it once. */
function Talk({ own, usual, language }: { own: string | undefined; usual: string; language: string }) {
  const s = set();
  const sample = s.samples[language] ?? s.samples["en"]!;
  return (
    <div class="log-frame"><div class="log">
      <div class="greeting">{!own && <strong>{ownWord(language, "greeting")}</strong>}<p>{own || usual}</p></div>
      <div class="message own is-first"><div class="bubble">{sample[0]}</div></div>
      <div class="message theirs is-first"><div class="name">{sample[2]}</div><div class="bubble">{sample[1]}</div></div>
    </div></div>
  );
}

function ComposerPicture({ look, placeholder }: { look: Appearance; placeholder: string }) {
  const sign = (path: string) => <svg viewBox="0 0 24 24" width="20" height="20" fill="none" stroke="currentColor" stroke-width="1.8"><path d={path} /></svg>;
  return (
    <div class="composer"><div class="field">
      <span class="words">{placeholder}</span>
      {look.emoji && <span class="able">{sign("M12 3.500a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17M8.5 14.500c1.5 2 5.500 2 7 0M9 9.500v.5M15 9.500v.5")}</span>}
      {look.files && <span class="able">{sign("M19 11.500l-7 7a4.500 4.500 0 0 1-6.500-6.500l7.500-7.500a3 3 0 0 1 4.500 4.500l-7.500 7.500a1.500 1.500 0 0 1-2.200-2.200l6.700-6.700")}</span>}
      <span class="send">{sign("M12 19v-14M6 11l6-6 6 6")}</span>
    </div></div>
  );
}

function FormPicture({ form, language, away, departments }: { form: Form | null; language: string; away: string; departments: string[] }) {
  if (!form) return <div class="log"><div class="greeting is-alone"><p>{away || set().noForm}</p></div></div>;
  const word = (key: string) => ownWord(language, key);
  const intro = textIn(form.intro, language) || away;
  return (
    <div class="form">
      <h2>{word(away ? "offlineTitle" : "formTitle")}</h2>
      {intro && <p>{intro}</p>}
      {form.fields.map((field) => (
        <div key={field.key} class={`row ${field.kind === "checkbox" ? "is-check" : ""}`}>
          {field.kind === "checkbox" && <input type="checkbox" disabled />}
          <label>{textIn(field.label, language) || field.key}{!field.required && <span class="optional"> ({word("optional")})</span>}</label>
          {field.kind === "textarea" ? <textarea rows={3} disabled /> : field.kind === "select" ? (
            <select disabled><option>{field.key === "department" ? departments[0] : textIn(field.options[0] ?? {}, language) || word("choose")}</option></select>
          ) : field.kind !== "checkbox" && <input disabled />}
        </div>
      ))}
      <button class="firm" disabled>{word(away ? "formSend" : "formStart")}</button>
    </div>
  );
}
