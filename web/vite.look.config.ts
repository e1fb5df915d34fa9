import { defineConfig, type Plugin } from "vite";
import { FakeOffice } from "./dev/fake-office";

/** As strict as the product's own, so that what would not run there does not run here. */
const POLICY = "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; base-uri 'none'; object-src 'none'";

/** Where a QR code would be. */
const CODE = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M0 0h3v3h-3zM6 0h3v3h-3zM0 6h3v3h-3zM4 1h1v1h-1zM4 4h2v1h-2zM7 4h1v2h-1zM4 6h1v3h-1zM6 7h2v1h-2zM8 8h1v1h-1z"/></svg>`;

const office = new FakeOffice();

async function read(request: AsyncIterable<Buffer>): Promise<Record<string, unknown>> {
  let text = "";
  for await (const part of request) text += part.toString();
  return JSON.parse(text || "{}") as Record<string, unknown>;
}

const fakes: Plugin = {
  name: "fake-office",
  configurePreviewServer(server) {
    server.middlewares.use((request, response, next) => {
      const url = new URL(request.url ?? "/", "http://localhost");
      response.setHeader("Content-Security-Policy", POLICY);
      if (url.pathname.startsWith("/chat/")) return void response.writeHead(200, { "Content-Type": "image/svg+xml" }).end(CODE);
      if (url.pathname === "/admin") request.url = "/admin.html";
      if (!url.pathname.startsWith("/v1/")) return next();
      void read(request).then((given) => {
        const { status, body } = office.answer(url, request.method, given);
        response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(body));
      });
    });
  },
};

/** The built console on made-up numbers, to be looked at without a server: `npm run look`. */
export default defineConfig({ root: import.meta.dirname, plugins: [fakes], build: { outDir: "dist" }, preview: { host: "127.0.0.1", port: 4180 } });
