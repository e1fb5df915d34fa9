// @vitest-environment happy-dom
/** What comes before an agent: forms, welcome rules, invitations, the queue; and files on their way. */
import { afterEach, describe, expect, it, vi } from "vitest";
import type { Form } from "../site";
import type { FileStore } from "../state/attachments";
import { AGENT, setting, type Setting } from "./setting";

let here: Setting;
afterEach(() => here.end());

const said = (op: string) => here.world.said.filter((frame) => frame.op === op);
const one = (id: string) => here.all(id)[0]!;

function fill(id: string, value: string): void {
  const field = one(id) as HTMLInputElement;
  field.value = value;
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

const submit = (id: string) => one(id).closest("form")!.dispatchEvent(new Event("submit", { bubbles: true, cancelable: true }));

const FORM: Form = {
  fields: [
    { key: "email", kind: "email", label: { en: "E-mail" }, required: true },
    { key: "order", kind: "text", label: { en: "Order", zh: "订单" } },
    { key: "question", kind: "textarea", label: { en: "Question" }, required: true },
  ],
};

describe("a form", () => {
  it("lets nobody through with a fault, tells it, and sends who it is before what is asked", async () => {
    here = await setting({ site: { appearance: { prechat: FORM } as never } });
    here.model.toggle(true);
    expect(here.all("composer")).toHaveLength(0);
    fill("field-email", "nonsense");
    submit("form-send");
    expect([one("field-email-fault").textContent, here.all("field-order-fault").length]).toEqual([here.model.words.faults["email"], 0]);
    expect(document.activeElement).toBe(one("field-email"));
    fill("field-email", "ada@example.com");
    fill("field-order", "7");
    fill("field-question", "How?");
    expect(sessionStorage.getItem("k:form")).toContain("How?");
    submit("form-send");
    await vi.waitFor(() => expect(said("start")).toHaveLength(1));
    expect(said("introduce")[0]).toMatchObject({ email: "ada@example.com", attributes: { order: "7" } });
    expect(said("start")[0]).toMatchObject({ body: { text: "How?" }, channel: "widget", language: "en" });
    expect(here.all("form")).toHaveLength(0);
  });

  it("is another one outside working hours, and none where there is none", async () => {
    here = await setting({ site: { open: false, opens_at: "2999-01-01T08:00:00Z", appearance: { prechat: FORM } as never } });
    here.model.toggle(true);
    expect(one("notice").dataset["kind"]).toBe("closed");
    here.site.value = { ...here.site.value, appearance: { ...here.site.value.appearance, offline: FORM } };
    expect(one("form").dataset["kind"]).toBe("offline");
  });
});

describe("a welcome rule", () => {
  const welcomes = [{ rule: "gift", when: {}, text: { en: "A gift?" }, open: false }];

  it("speaks beside the button, is told to the server, and the first words answer it", async () => {
    here = await setting({ site: { welcomes } });
    here.model.greeter.page("https://x/", 0);
    await vi.waitFor(() => expect(one("nudge-text").textContent).toBe("A gift?"));
    await vi.waitFor(() => expect(said("greeted")[0]).toMatchObject({ rule: "gift", text: "A gift?" }));
    one("nudge-open").click();
    expect(one("welcome").textContent).toBe("A gift?");
    here.model.composing.write("Yes");
    here.model.say();
    await vi.waitFor(() => expect(said("start")[0]).toMatchObject({ greeting: { rule: "gift", text: "A gift?" } }));
    here.model.greeter.page("https://x/", 0);
    await vi.waitFor(() => expect(here.model.visits.now.greeting).toBeNull());
    expect(said("greeted")).toHaveLength(1);
  });

  it("waits for its time on the page, and not into a window that is open", async () => {
    here = await setting({ site: { welcomes: [{ ...welcomes[0]!, when: { after_s: 30 } }] } });
    vi.useFakeTimers();
    here.model.greeter.page("https://x/", 10_000);
    vi.advanceTimersByTime(19_999);
    expect(here.model.nudges.now.value).toBeNull();
    here.model.toggle(true);
    vi.advanceTimersByTime(1);
    vi.useRealTimers();
    expect(here.model.visits.now.greeted).toEqual([]);
  });
});

describe("somebody here", () => {
  it("may ask first: the answer accepts it", async () => {
    here = await setting();
    here.model.visitor.invitation.value = { invitation: "i", text: "May I help?", agent: { id: "a", name: "Anna" } };
    expect(one("nudge-text").textContent).toBe("May I help?");
    here.model.toggle(true);
    here.model.composing.write("Please");
    here.model.say();
    await vi.waitFor(() => expect(said("start")[0]).toMatchObject({ invitation: "i" }));
    await vi.waitFor(() => expect(here.model.visitor.invitation.value).toBeNull());
  });

  it("may ask behind an earlier conversation, and the answer begins another", async () => {
    here = await setting();
    here.model.toggle(true);
    here.model.composing.write("Hello");
    here.model.say();
    await vi.waitFor(() => expect(here.model.view.value.status).toBe("open"));
    const before = here.model.view.value.conversation;
    here.log.command(AGENT, { op: "close", id: "close", conversation: before });
    await vi.waitFor(() => expect(here.model.closed.value).toBe(true));
    here.model.visitor.invitation.value = { invitation: "i", text: "May I help?", agent: { id: "a" } };
    expect(one("log").textContent).toMatch(/Hello.*ended.*May I help\?$/);
    here.model.composing.write("Please");
    here.model.say();
    await vi.waitFor(() => expect(said("start")[1]).toMatchObject({ invitation: "i", body: { text: "Please" } }));
    await vi.waitFor(() => expect(here.model.view.value.conversation).not.toBe(before));
  });

  it("writes while the window is closed: the words stand beside the button until they are dismissed or read", async () => {
    here = await setting();
    here.model.toggle(true);
    here.model.composing.write("Hello");
    here.model.say();
    await vi.waitFor(() => expect(here.model.view.value.status).toBe("open"));
    here.model.toggle(false);
    here.log.command(AGENT, { op: "post", id: "m", conversation: here.model.view.value.conversation, body: { text: "Good day" } });
    await vi.waitFor(() => expect(one("nudge-text").textContent).toBe("Good day"));
    expect(one("badge").textContent).toBe("1");
    one("nudge-close").click();
    expect(here.all("nudge-text")).toHaveLength(0);
    expect(here.all("badge")).toHaveLength(1);
  });

  it("is waited for in a queue; with nobody there an address is asked for, once", async () => {
    here = await setting();
    here.model.toggle(true);
    here.model.composing.write("Hello");
    here.model.say();
    await vi.waitFor(() => expect(here.model.view.value.status).toBe("open"));
    const queue = { conversation: here.model.view.value.conversation, place: 3, waiting: 4, staffed: true, open: true, wait_s: 240 };
    here.model.visitor.queue.value = queue;
    expect(one("notice").textContent).toMatch(/number 3.*4 min/);
    expect(one("header-agent").textContent).toBe(here.model.words.subtitle);
    here.model.visitor.queue.value = { ...queue, staffed: false };
    expect(one("header-agent").textContent).toBe(here.model.words.notHere);
    fill("mail", "ada@");
    submit("mail-save");
    expect(here.all("mail-fault")).toHaveLength(1);
    fill("mail", "ada@example.com");
    submit("mail-save");
    await vi.waitFor(() => expect(said("introduce")[0]).toMatchObject({ email: "ada@example.com" }));
    expect([one("mail-kept").textContent, here.all("mail").length]).toEqual([expect.stringContaining("ada@example.com"), 0]);
    here.log.command(AGENT, { op: "assign", id: "take", conversation: queue.conversation });
    await vi.waitFor(() => expect(one("notice").dataset["kind"]).toBe("none"));
    here.log.command(AGENT, { op: "transfer", id: "pass", conversation: queue.conversation, department: "care" });
    await vi.waitFor(() => expect(here.all("system").at(-1)!.textContent).toContain("Anna has left"));
    here.log.command(AGENT, { op: "close", id: "end", conversation: queue.conversation });
    await vi.waitFor(() => expect(here.all("ended")).toHaveLength(1));
    expect([one("header-agent").textContent, here.all("mail-kept").length]).toEqual([here.model.words.notHere, 0]);
  });
});

describe("a file", () => {
  const file = new File(["words"], "a.txt");
  const stored = { file: "f", name: "a.txt", media_type: "text/plain", size: 5, thumbnail: false };

  it("shows how far it is, may fail and be tried again, and is a message when it has arrived", async () => {
    let go!: (stop: Error | null) => void;
    const upload: FileStore["upload"] = (_file, { onProgress }) =>
      new Promise((resolve, reject) => {
        onProgress?.(2, 5);
        go = (error) => (error ? reject(error) : resolve(stored));
      });
    here = await setting({ site: { max_file_bytes: 20 * 1024 * 1024 }, files: { upload } as FileStore });
    here.log.files.set("f", stored);
    here.model.toggle(true);
    here.model.files.add([file]);
    await vi.waitFor(() => expect(here.root.querySelector("progress")!.value).toBe(40));
    go(Object.assign(new Error(), { code: "too_large" }));
    await vi.waitFor(() => expect(one("upload-fault").textContent).toBe("Too large: at most 20 MB"));
    one("upload-cancel").click();
    here.model.files.add([file]);
    await vi.waitFor(() => expect(here.root.querySelector("progress")!.value).toBe(40));
    go(Object.assign(new Error(), { code: "file_quota" }));
    await vi.waitFor(() => expect(one("upload-fault").textContent).toBe(here.model.words.fileFaults["file_quota"]));
    one("upload-retry").click();
    await vi.waitFor(() => expect(here.all("upload-fault")).toHaveLength(0));
    go(null);
    await vi.waitFor(() => expect(said("start")[0]).toMatchObject({ body: { file: "f" } }));
    expect(here.all("upload")).toHaveLength(0);
    expect(one("file").textContent).toContain("a.txt");
  });

  it("that is a picture is looked at in large, as what the server found it to be; what may be more is only fetched", async () => {
    const saved: string[] = [];
    const files = { thumbnail: async () => "data:,", download: async () => new Blob(["x"], { type: "text/html" }), save: async (id: string) => void saved.push(id) };
    here = await setting({ files: files as unknown as FileStore });
    const made: Blob[] = [];
    const revoked = vi.spyOn(URL, "revokeObjectURL");
    vi.spyOn(URL, "createObjectURL").mockImplementation((blob) => `blob:${made.push(blob as Blob)}`);
    here.model.toggle(true);
    for (const type of ["image/png", "image/svg+xml"]) {
      here.log.files.set(type, { ...stored, name: type, media_type: type, thumbnail: true });
      await here.model.visitor.say({ file: type });
    }
    await vi.waitFor(() => expect(here.all("thumbnail")).toHaveLength(2));
    here.all("file")[1]!.click();
    await vi.waitFor(() => expect(saved).toEqual(["image/svg+xml"]));
    expect(here.all("viewer")).toEqual([]);
    here.all("file")[0]!.click();
    await vi.waitFor(() => expect(one("viewer-image").getAttribute("src")).toBe("blob:1"));
    expect([made[0]!.type, one("viewer-save").getAttribute("download")]).toEqual(["image/png", "image/png"]);
    one("viewer-close").click();
    await vi.waitFor(() => expect(here.all("viewer")).toEqual([]));
    expect([revoked.mock.calls, saved.length]).toEqual([[["blob:1"]], 1]);
  });

  it("is stopped when it is not wanted any more", async () => {
    let signal: AbortSignal | undefined;
    here = await setting({ files: { upload: (_file, wishes) => ((signal = wishes.signal), new Promise(() => {})) } as FileStore });
    here.model.toggle(true);
    here.model.files.add([file]);
    await vi.waitFor(() => expect(signal).toBeDefined());
    one("upload-cancel").click();
    await vi.waitFor(() => expect([signal!.aborted, here.all("upload").length]).toEqual([true, 0]));
  });
});

describe("the language", () => {
  it("changes at once, the owner's words with it, and is remembered", async () => {
    here = await setting({ site: { appearance: { texts: { en: { title: "Shop" }, zh: { title: "商店" } } } as never } });
    here.model.toggle(true);
    here.model.composing.write("half written");
    await here.model.tongue.choose("zh");
    expect([one("header-name").textContent, (one("composer") as HTMLTextAreaElement).value, here.button.getAttribute("aria-label")]).toEqual(["商店", "half written", here.model.words.close]);
    expect(localStorage.getItem("k:language")).toBe('"zh"');
  });
});
