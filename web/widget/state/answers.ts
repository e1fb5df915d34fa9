/** What is asked before a conversation: which answers are fit, and what becomes of them. Pure. */
import type { Introduction } from "../../client/types";
import type { Field, Form } from "../site";

export type Answers = Record<string, string>;
export type Fault = "required" | "email" | "tel" | "long";

/** As the server takes them. */
const LONGEST: Record<string, number> = { name: 200, email: 320, phone: 64, question: 10_000 };
const OTHER_LONGEST = 500;

export const isEmail = (text: string): boolean => /^[^\s@,;<>]+@[^\s@,;<>]+\.[^\s@.,;<>]{2,}$/.test(text) && text.length <= LONGEST["email"]!;

/** At least four digits, and nothing that no number is written with. */
const isPhone = (text: string): boolean => /^\+?[\d\s().\-/]+$/.test(text) && text.replace(/\D/g, "").length >= 4;

/** What is wrong with an answer; null: nothing. */
export function fault(field: Field, said: string | undefined): Fault | null {
  const text = said?.trim() ?? "";
  if (text === "") return field.required ? "required" : null;
  if ([...text].length > (LONGEST[field.key] ?? OTHER_LONGEST)) return "long";
  if ((field.kind === "email" || field.key === "email") && !isEmail(text)) return "email";
  return (field.kind === "tel" || field.key === "phone") && !isPhone(text) ? "tel" : null;
}

export function faults(form: Form, answers: Answers): Record<string, Fault> {
  const found = form.fields.map((field) => [field.key, fault(field, answers[field.key])] as const);
  return Object.fromEntries(found.filter((one): one is [string, Fault] => one[1] !== null));
}

export interface Outcome {
  introduction: Introduction;
  question: string;
  department: string | undefined;
}

export function outcome(form: Form, answers: Answers): Outcome {
  const introduction: Introduction = {};
  const attributes: Record<string, string> = {};
  const result: Outcome = { introduction, question: "", department: undefined };
  for (const { key } of form.fields) {
    const text = answers[key]?.trim();
    if (!text) continue;
    if (key === "question") result.question = text;
    else if (key === "department") result.department = text;
    else if (key === "name" || key === "email" || key === "phone") introduction[key] = text;
    else attributes[key] = text;
  }
  if (Object.keys(attributes).length > 0) introduction.attributes = attributes;
  return result;
}
