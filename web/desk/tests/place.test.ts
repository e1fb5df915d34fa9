/** Where the agent is, as the address says it. */
import { expect, it } from "vitest";
import { inAddress } from "../state/place";

it("takes a conversation's id from the address, and nothing else", () => {
  expect(inAddress("#0192f000-0000-7000-8000-00000000abcd")).toBe("0192f000-0000-7000-8000-00000000abcd");
  for (const other of ["", "#", "#top", "#0192f000-0000-7000-8000-00000000abcd/../x", "#0192F000"]) expect(inAddress(other)).toBeNull();
});
