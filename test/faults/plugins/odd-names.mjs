import { faulty, tool } from "./_parts.mjs";

const names = ["", "two words", "x\ny", "😀", "a".repeat(129), "ѕing", "ﬁ", "a/b", "<b>"];

export default faulty("odd-names", {
  ...Object.fromEntries(names.map((name) => [name, tool(() => "odd")])),
  constructor: tool(() => "my own constructor"),
  ["__proto__"]: tool(() => "odd"),
});
