// Words in the language of the page: the server puts them into #ui-words; the English words are their own keys.
const table = () => {
  const held = document.getElementById("ui-words");
  return held ? JSON.parse(held.textContent) : {};
};
let words;

export function say(text, values = {}) {
  words ??= table();
  return (words[text] ?? text).replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

export const language = () => document.documentElement.lang || "en";
