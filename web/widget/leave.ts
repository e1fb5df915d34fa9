/** What is done when the page's user has left: another person may sit here next. */
import { warn } from "./loader/page";
import type { Model } from "./model";

/** The page may go at once, so that nobody is here any more is written first, and waits for nothing else. */
export async function leave({ composing, forms, visits, visitor, files, viewer }: Model): Promise<void> {
  viewer.close();
  composing.write("");
  forms.answers.value = {};
  visits.change((visit) => ({ ...visit, answered: [], greeting: null, reachable: false }));
  const left = visitor.signOut();
  // Begun in the same breath, while it is still known whose files they are.
  const forgotten = files.forget().catch(warn);
  await left;
  await forgotten;
}
