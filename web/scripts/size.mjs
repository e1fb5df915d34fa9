/** Fails the build when the visitor's script has grown beyond what a stranger's page should carry. */
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const LIMIT_BYTES = 25_000;
const bytes = gzipSync(readFileSync(new URL("../dist/widget.js", import.meta.url)), { level: 9 }).length;
console.log(`widget.js: ${bytes} bytes gzipped, ${LIMIT_BYTES} allowed`);
if (bytes > LIMIT_BYTES) process.exit(1);
