import { defineConfig, type Plugin } from "vite";

/** The server serves pages by plain names; where they lie in this room is no business of its. */
const flat: Plugin = {
  name: "flat-pages",
  enforce: "post",
  generateBundle(_options, bundle) {
    for (const file of Object.values(bundle)) {
      if (file.fileName.endsWith(".html")) file.fileName = file.fileName.split("/").at(-1)!;
    }
  },
};

/** The desk, the console, the demo page, the chat as a page of its own and what stands where there is none. No inline script or style, so that a strict policy may forbid them. */
export default defineConfig({
  root: import.meta.dirname,
  base: "/",
  publicDir: false,
  plugins: [flat],
  build: {
    outDir: "dist",
    emptyOutDir: true,
    target: ["es2022", "safari16.4", "chrome105", "firefox115"],
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // The chart library, 544 kB before compression, is loaded with the first chart only.
    chunkSizeWarningLimit: 600,
    rollupOptions: { input: { desk: "desk/desk.html", admin: "admin/admin.html", demo: "demo/demo.html", chat: "widget/page/chat.html", nowhere: "widget/page/nowhere.html" } },
  },
});
