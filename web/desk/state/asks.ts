/** Commands that are worth nothing later: each is answered on this socket or not at all. */
import type { Ack, ErrorFrame } from "../../client/types";

interface Asked {
  resolve(ack: Ack): void;
  reject(error: ErrorFrame): void;
}

export class Asks {
  private readonly _open = new Map<string, Asked>();

  add(id: string): Promise<Ack> {
    return new Promise((resolve, reject) => this._open.set(id, { resolve, reject }));
  }

  /** Whether the answer was to one of these. */
  answer(id: string, answer: Ack | ErrorFrame): boolean {
    const asked = this._open.get(id);
    if (!asked) return false;
    this._open.delete(id);
    if (answer.op === "ack") asked.resolve(answer);
    else asked.reject(answer);
    return true;
  }

  abandon(): void {
    for (const id of [...this._open.keys()]) this.answer(id, { op: "error", id, code: "disconnected", message: "" });
  }
}
