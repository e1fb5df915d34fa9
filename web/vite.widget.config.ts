import { defineConfig } from "vite";

/** The visitor's script: one file, no module, nothing loaded later, and as small as it can be made. */
export default defineConfig({
  root: import.meta.dirname,
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
    reportCompressedSize: true,
    rollupOptions: {
      input: "widget/main.ts",
      output: {
        format: "iife",
        entryFileNames: "widget.js",
        codeSplitting: false,
        // A name that begins with one `_` is private to its class, so nobody else can miss it.
        minify: { compress: true, mangle: true, codegen: true, mangleProps: { include: /^_[a-zA-Z]/ } },
      },
    },
  },
});
