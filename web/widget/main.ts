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
  if (!script || !data?.["site"]) return null;
  return {
    base: data["server"] ?? new URL(script.src, location.href).origin,
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
  if (options.colour) element.style.setProperty("--parley-accent", options.colour);
  if (target) element.style.setProperty("height", "100%");
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

async function begin(options: Setup): Promise<void> {
  const name = `parley:${options.base}:${options.site}`;
  const db = await openDb(name);
  const locale = options.language ?? navigator.language;
  const config = { base: options.base, site: options.site, locale, page };
  const visitor = new Visitor(config, db, browserWorld, browserTabs(name, db, browserWorld));
  const { root, inline } = host(options);
  const wanted = options.language ? [options.language] : navigator.languages;
  const model = new Model(visitor, wanted, inline);
  mount(model, root);
  listen(model);
  publish(model);
  await visitor.start(options.identity);
}

/** Every sign that the line may be worth another try, or that the tab slept. */
function listen(model: Model): void {
  const wake = () => model.visitor.client.wake();
  const look = () => {
    model.visible.value = document.visibilityState === "visible";
    model.network.value = navigator.onLine;
    if (model.visible.value) wake();
  };
  for (const name of ["online", "offline", "focus", "pageshow"]) addEventListener(name, look);
  document.addEventListener("visibilitychange", look);
  addEventListener("pagehide", () => void model.visitor.client.books.flush());
}

function publish(model: Model): void {
  const parley = {
    open: () => model.toggle(true),
    close: () => model.toggle(false),
    identify: (who: Identity) => void model.visitor.identify(who),
    signOut: () => void model.visitor.signOut(),
    /** For pages that change without a load. */
    page: () => model.visitor.viewed(),
  };
  (window as unknown as Record<string, unknown>)["Parley"] ??= parley;
}

function boot(): void {
  const options = setup();
  if (!options) return console.warn("Parley: the script tag needs data-site");
  begin(options).catch((error: unknown) => console.warn("Parley:", error));
}

if (document.body) boot();
else addEventListener("DOMContentLoaded", boot);
