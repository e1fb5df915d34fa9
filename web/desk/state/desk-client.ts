/**
 * The client of a desk, which is told what no visitor is: who is there right now. What that is good
 * for is the desk's business.
 */
import { Client } from "../../client/client";
import type { Signal } from "../../client/types";

export class DeskClient extends Client {
  present: (said: Signal) => void = () => {};

  protected override _signalled(said: Signal): void {
    if (said.kind === "presence") this.present(said);
    else super._signalled(said);
  }
}
