import { defineConfig } from "vite";

/** The visitor's script: one file, no module, nothing loaded later. */
export default defineConfig({
  root: import.meta.dirname,
  publicDir: false,
  resolve: { alias: { "preact/jsx-runtime": `${import.meta.dirname}/widget/draw.ts` } },
  build: {
    outDir: "dist",
    emptyOutDir: false,
    target: ["es2022", "safari16.4", "chrome105", "firefox115"],
    cssMinify: true,
    modulePreload: false,
    reportCompressedSize: true,
    rollupOptions: {
      input: "widget/main.tsx",
      output: { format: "iife", entryFileNames: "widget.js", codeSplitting: false },
    },
  },
});
