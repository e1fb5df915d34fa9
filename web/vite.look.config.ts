import { defineConfig, type Plugin } from "vite";
import { FakeOffice } from "./dev/fake-office";

/** As strict as the product's own, so that what would not run there does not run here. */
const POLICY = "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; base-uri 'none'; object-src 'none'";

const office = new FakeOffice();

const fakes: Plugin = {
  name: "fake-office",
  configurePreviewServer(server) {
    server.middlewares.use((request, response, next) => {
      const url = new URL(request.url ?? "/", "http://localhost");
      response.setHeader("Content-Security-Policy", POLICY);
      if (url.pathname === "/admin") request.url = "/admin.html";
      if (!url.pathname.startsWith("/v1/")) return next();
      const { status, body } = office.answer(url);
      response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(body));
    });
  },
};

/** The built console on made-up numbers, to be looked at without a server: `npm run look`. */
export default defineConfig({ root: import.meta.dirname, plugins: [fakes], build: { outDir: "dist" }, preview: { host: "127.0.0.1", port: 4180 } });
