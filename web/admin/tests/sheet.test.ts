/** What is copied for a sheet: what strangers wrote stays a text there. */
import { expect, it } from "vitest";
import { sheetText } from "../state/sheet";

const COLUMNS = [
  { title: "Tag", text: (row: [string, string]) => row[0], number: false },
  { title: "Change", text: (row: [string, string]) => row[1], number: true },
];

it.each(["=1+1", "+1", "-1", "@A1", "\uff1d1", "\uff0b1", "\uff0d1", "\uff201", "\t=1", "\n=1", "'quoted"])("%j is no formula", (text) => {
  expect(sheetText(COLUMNS, [[text, "5"]]).split("\n")[1]).toBe(`'${text.replace(/\s/, " ")}\t5`);
});

it("has a line for each row and a cell for each column, and its numbers stay numbers", () => {
  expect(sheetText(COLUMNS, [["a\tb\nc", "-5"], ["", "1"]])).toBe("Tag\tChange\na b c\t-5\n\t1");
});
