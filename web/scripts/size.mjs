/** Fails when the visitor's script, as it would be built now, is more than a stranger's page should carry. */
import { gzipSync } from "node:zlib";
import { build } from "vite";

const LIMIT_BYTES = 25_000;
const configFile = `${import.meta.dirname}/../vite.widget.config.ts`;
const { output } = await build({ configFile, logLevel: "warn", build: { write: false } });
const bytes = gzipSync(output[0].code, { level: 9 }).length;
console.log(`widget.js: ${bytes} bytes gzipped, ${LIMIT_BYTES} allowed`);
if (bytes > LIMIT_BYTES) process.exit(1);
