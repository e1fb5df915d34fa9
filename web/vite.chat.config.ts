import { defineConfig } from "vite";

/** The chat itself: modules with hashes in their names, which the loader fetches when they are needed. Built by `vite.widget.config.ts`. */
export default defineConfig({
  root: import.meta.dirname,
  base: "/",
  publicDir: false,
  // Preact's `h` itself: its `jsx-runtime` would be a second way to make the same thing.
  oxc: {
    jsx: { runtime: "classic", pragma: "h", pragmaFrag: "Fragment" },
    jsxInject: 'import { Fragment, h } from "preact"',
  },
  build: {
    outDir: "dist",
    emptyOutDir: false,
    target: ["es2022", "safari16.4", "chrome105", "firefox115"],
    // The sheet is written for the browsers above; a translation would only add to it.
    cssTarget: ["safari17.5", "chrome123", "firefox120"],
    cssMinify: true,
    modulePreload: false,
    rollupOptions: {
      input: { chat: "widget/chat.ts" },
      // What parts that come later share with the first stays in it: fewer files to fetch.
      preserveEntrySignatures: "allow-extension",
      output: {
        format: "es",
        entryFileNames: "assets/chat-[hash].js",
        chunkFileNames: "assets/chat-[name]-[hash].js",
      },
    },
  },
});
