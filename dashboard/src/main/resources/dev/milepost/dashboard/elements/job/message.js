import { html } from "lit";

/** Characters of a message that are shown without a click. */
const MAX_LENGTH = 400;

/** A message of a person or a program. It may be as long as a page; what follows must stay in sight. */
export function message(text) {
  return text.length <= MAX_LENGTH
    ? html`<div class="words" dir="auto">${text}</div>`
    : html`<details>
        <summary class="words" dir="auto">${text.slice(0, MAX_LENGTH)}…</summary>
        <div class="words" dir="auto">${text}</div>
      </details>`;
}
