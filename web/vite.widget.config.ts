import { build, defineConfig, type Plugin, type Rolldown } from "vite";

const CHAT = "virtual:chat";

/** Builds the chat first, so that the loader knows the name of its module, and puts both beside each other. */
function chat(): Plugin {
  let files: Rolldown.OutputChunk[] = [];
  return {
    name: "chat",
    async buildStart() {
      const built = (await build({
        configFile: `${import.meta.dirname}/vite.chat.config.ts`, logLevel: "warn", build: { write: false },
      })) as Rolldown.RolldownOutput;
      files = built.output.filter((file) => file.type === "chunk");
    },
    resolveId: (id) => (id === CHAT ? `\0${CHAT}` : undefined),
    load(id) {
      if (id !== `\0${CHAT}`) return undefined;
      const entry = files.find((file) => file.isEntry)!;
      return `export const chat = ${JSON.stringify(entry.fileName.replace("assets/", ""))}`;
    },
    generateBundle() {
      for (const { fileName, code } of files) this.emitFile({ type: "asset", fileName, source: code });
    },
  };
}

/** The visitor's script: one file, no module, and as small as it can be made; the chat follows when it is needed. */
export default defineConfig({
  root: import.meta.dirname,
  publicDir: false,
  plugins: [chat()],
  build: {
    outDir: "dist",
    emptyOutDir: false,
    target: ["es2022", "safari16.4", "chrome105", "firefox115"],
    cssTarget: ["safari17.5", "chrome123", "firefox120"],
    cssMinify: true,
    modulePreload: false,
    reportCompressedSize: true,
    // As a library, so that its one `import()` stays what it is. It exports nothing; the name is never used.
    lib: { entry: "widget/loader/main.ts", formats: ["iife"], name: "ParleyLoader", fileName: () => "widget.js" },
    rollupOptions: {
      output: {
        // A name that begins with one `_` is private to its class, so nobody else can miss it.
        minify: { compress: true, mangle: true, codegen: true, mangleProps: { include: /^_[a-zA-Z]/ } },
      },
    },
  },
});
