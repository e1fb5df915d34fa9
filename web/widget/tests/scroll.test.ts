/** A reader's place in the log: at the end it stays at the end, elsewhere it stays where it is. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Scroll } from "../scroll";

let box: { scrollHeight: number; scrollTop: number; clientHeight: number };
let scroll: Scroll;
let resized: () => void;

beforeEach(() => {
  vi.stubGlobal("ResizeObserver", class { constructor(told: () => void) { resized = told; } observe() {} disconnect() {} });
  box = { scrollHeight: 1000, scrollTop: 500, clientHeight: 500 };
  scroll = new Scroll();
  scroll.attach(box as HTMLElement);
  scroll.follow("one", "sent", false);
});

afterEach(() => vi.unstubAllGlobals());

const grow = (by: number) => (box.scrollHeight += by);
const lookAt = (top: number) => ((box.scrollTop = top), scroll.scrolled());

describe("at the end", () => {
  it("follows what is new, and what the last message is given more room for", () => {
    grow(100);
    scroll.follow("two", "sending", true);
    expect(box.scrollTop).toBe(1100);
    grow(60);
    scroll.follow("two", "refused", false);
    expect(box.scrollTop).toBe(1160);
    expect(scroll.below.value).toBe(false);
  });

  it("stays there when something below takes of the room, whatever the browser tells first", () => {
    grow(100);
    scroll.follow("two", "sending", true);
    box.clientHeight = 300;
    lookAt(600);
    resized();
    expect(box.scrollTop).toBe(1100);
  });
});

describe("further up", () => {
  it("stays, and says that something new came; a typist is nothing new", () => {
    lookAt(100);
    grow(30);
    scroll.follow("one", "sent typing", false);
    expect([box.scrollTop, scroll.below.value]).toEqual([100, false]);
    scroll.follow("two", "theirs", false);
    expect([box.scrollTop, scroll.below.value]).toEqual([100, true]);
  });

  it("goes to the end for one's own words, once", () => {
    lookAt(100);
    scroll.follow("two", "sending", true);
    expect(box.scrollTop).toBe(1000);
    lookAt(100);
    scroll.follow("two", "sending typing", true);
    expect(box.scrollTop).toBe(100);
  });

  it("keeps what is read in sight when earlier messages come in above", () => {
    lookAt(0);
    scroll.keep(() => grow(700));
    expect(box.scrollTop).toBe(700);
  });
});
