/** Made by the build: see `vite.widget.config.ts`. */
declare module "virtual:chat" {
  /** The file name of the chat's own module, with its hash. */
  export const chat: string;
}
