/**
 * The one script that a site includes. It takes one element of the page, keeps everything in a
 * shadow tree, adds one name (`Parley`) to the page's globals, and must never throw into the page.
 */
import { openDb } from "../client/db";
import type { Identity } from "../client/door";
import { browserWorld } from "../client/ports";
import { browserTabs } from "../client/tabs";
import { Visitor } from "../client/visitor";
import { Model } from "./model";
import { mount } from "./mount";
import css from "./styles.css?inline";

interface Setup {
  base: string;
  site: string;
  language: string | undefined;
  colour: string | undefined;
  target: string | undefined;
  identity: Identity | undefined;
}

const script = document.currentScript as HTMLScriptElement | null;

function setup(): Setup | null {
  const data = script?.dataset;
  if (!data?.["site"]) return null;
  return {
    base: data["server"] ?? new URL(script!.src).origin,
    site: data["site"],
    language: data["language"],
    colour: data["color"],
    target: data["target"],
    identity: identity(data["identity"]),
  };
}

function identity(json: string | undefined): Identity | undefined {
  try {
    return json ? (JSON.parse(json) as Identity) : undefined;
  } catch {
    return undefined;
  }
}

/** A sheet built by script is allowed under a page's strict policy, where a style tag is not. */
function dress(root: ShadowRoot): void {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  root.adoptedStyleSheets = [sheet];
}

function host(options: Setup): { root: ShadowRoot; inline: boolean } {
  const target = options.target ? document.querySelector(options.target) : null;
  const element = document.createElement("parley-chat");
  element.dataset["testid"] = "parley";
  if (options.colour && CSS.supports("color", options.colour)) element.style.setProperty("--parley-accent", options.colour);
  // What is typed here is not for the page's shortcuts.
  for (const name of ["keydown", "keypress", "keyup"]) element.addEventListener(name, (event) => event.stopPropagation());
  (target ?? document.body).append(element);
  const root = element.attachShadow({ mode: "open" });
  dress(root);
  return { root, inline: target !== null };
}

const page = () => ({
  url: location.href.slice(0, 2000),
  title: document.title.slice(0, 300),
  ...(document.referrer ? { referrer: document.referrer.slice(0, 2000) } : {}),
});

/** The page may still be loading, and the place to draw in be further down than the script. */
async function placed(options: Setup): Promise<void> {
  const there = document.readyState !== "loading" || (document.body && !options.target);
  if (!there) await new Promise((go) => addEventListener("DOMContentLoaded", go));
}

async function begin(options: Setup): Promise<Model> {
  await placed(options);
  const { root, inline } = host(options);
  const name = `parley:${options.base}:${options.site}`;
  const db = await openDb(name);
  const locale = options.language ?? navigator.language;
  const config = { base: options.base, site: options.site, locale, page };
  const visitor = new Visitor(config, db, browserWorld, browserTabs(name, db, browserWorld));
  const wanted = options.language ? [options.language] : navigator.languages;
  const model = new Model(visitor, wanted, inline);
  mount(model, root);
  listen(model);
  await visitor.start(options.identity);
  return model;
}

/** Every sign that the line may be worth another try, or that the tab slept. */
function listen(model: Model): void {
  const look = () => {
    model.visible.value = document.visibilityState === "visible";
    model.network.value = navigator.onLine;
    if (model.visible.value) model.visitor.client.wake();
  };
  for (const name of ["online", "offline", "focus", "pageshow"]) addEventListener(name, look);
  document.addEventListener("visibilitychange", look);
  addEventListener("pagehide", () => void model.visitor.client.books.flush());
}

type Call = (given: never) => void;

/** The page may call at once: what it asks for is done as soon as the chat is there, one thing after the other. */
function publish(ready: Promise<Model>): void {
  let turn: Promise<unknown> = ready.catch(warn);
  const soon = <A>(act: (model: Model, given: A) => unknown) =>
    (given: A): void => void (turn = turn.then(() => ready).then((model) => act(model, given)).catch(warn));
  global.Parley = {
    open: soon((model) => model.toggle(true)),
    close: soon((model) => model.toggle(false)),
    identify: soon((model, who: Identity) => model.visitor.identify(who)),
    signOut: soon((model) => (model.write(""), model.visitor.signOut())),
    /** For pages that change without a load. */
    page: soon((model) => model.visitor.viewed()),
  };
}

const warn = (error: unknown): void => console.warn("Parley:", error);
const global = window as unknown as { Parley?: Record<string, Call> };

/** Included twice, it is there once; but a page that exchanged its whole body has lost it. */
function here(): unknown {
  return global.Parley?.["signOut"] && (document.readyState === "loading" || document.querySelector("parley-chat"));
}

const options = setup();
if (!options) warn("no data-site");
else if (!here()) publish(begin(options));
