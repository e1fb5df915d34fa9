/** What people are called, made safe to stand beside other words. Pure. */

/** Without the marks that turn what stands beside it: a name has no right to that. */
export function plain(name: string): string {
  return name.replace(/[\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, "");
}
