/** Fails when what a stranger's page carries, as it would be built now, is more than it should be. Bytes are gzipped ones. */
import { gzipSync } from "node:zlib";
import { build } from "vite";

/** All that comes before the button is painted. */
const BUTTON_BYTES = 25_000;
/** What comes when the page is at rest, or when the chat is opened: in one language, without what is opened only now and then. */
const CHAT_BYTES = 45_000;
/** Everything there is: every language, the emoji, what sends files. */
const ALL_BYTES = 70_000;

async function built(config) {
  const made = await build({ configFile: `${import.meta.dirname}/../${config}`, logLevel: "warn", build: { write: false } });
  return [made].flat().flatMap(({ output }) => output).filter((file) => file.type === "chunk");
}

/** A chunk and what it cannot do without. */
function whole(chunk, chunks, found = new Set()) {
  if (found.has(chunk)) return found;
  found.add(chunk);
  for (const name of chunk.imports) whole(chunks.find((one) => one.fileName === name), chunks, found);
  return found;
}

const size = (chunks) => [...chunks].reduce((sum, chunk) => sum + gzipSync(chunk.code, { level: 9 }).length, 0);

const chunks = await built("vite.chat.config.ts");
const english = chunks.find((chunk) => chunk.facadeModuleId?.endsWith("messages/en.ts"));
const chat = new Set([...whole(chunks.find((chunk) => chunk.isEntry), chunks), ...whole(english, chunks)]);
const parts = [
  ["widget.js", size(await built("vite.widget.config.ts")), BUTTON_BYTES],
  ["the chat", size(chat), CHAT_BYTES],
  ["the chat with all that it may load later", size(chunks), ALL_BYTES],
];
for (const [what, bytes, limit] of parts) console.log(`${what}: ${bytes} bytes gzipped, ${limit} allowed`);
if (parts.some(([, bytes, limit]) => bytes > limit)) process.exit(1);
