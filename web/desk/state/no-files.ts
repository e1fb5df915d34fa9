/** Where files cannot be sent yet. */
import type { Uploads } from "./attachments";

const refused = (): Promise<never> => Promise.reject(Object.assign(new Error(), { code: "not_found" }));

export const noFiles: Uploads = { upload: refused, save: refused, thumbnail: refused };
