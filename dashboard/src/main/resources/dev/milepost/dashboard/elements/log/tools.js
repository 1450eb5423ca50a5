// What stands above a log: which lines are shown, and what one can do with them.

import { html, nothing } from "lit";
import { LEVELS } from "../../stores/journal-filter.js";

/**
 * @param filter what is shown
 * @param attempts how many there are
 * @param send called with the parameters of the URL that change, and whether one can go back to
 *     what was before
 */
export function tools({ filter, attempts, isFollowing, isWrapped, saving, send, type, follow, wrap, save }) {
  return html`<div class="tools">
    ${attempts > 1
      ? html`<label
          >Attempt
          <select @change=${(event) => send({ attempt: event.target.value })}>
            <option value="" .selected=${!filter.attempt}>all</option>
            ${Array.from({ length: attempts }, (_, i) => i + 1).map(
              (number) => html`<option value=${number} .selected=${number === filter.attempt}>${number}</option>`,
            )}
          </select></label
        >`
      : nothing}
    <label
      >Level
      <select @change=${(event) => send({ level: event.target.value === "DEBUG" ? "" : event.target.value })}>
        ${LEVELS.map(
          (one) =>
            html`<option value=${one} .selected=${one === filter.level}>
              ${one === "DEBUG" ? "all" : `${one.toLowerCase()} and above`}
            </option>`,
        )}
      </select></label
    >
    <input
      type="search"
      aria-label="Search the log"
      placeholder="Search the log"
      maxlength="256"
      .value=${filter.search}
      @input=${type}
    />
    <button aria-pressed=${isFollowing} @click=${follow}>↓ ${isFollowing ? "Following" : "Follow"}</button>
    <span class="push"></span>
    <button aria-pressed=${isWrapped} @click=${wrap}>Wrap</button>
    <button ?disabled=${saving !== null} @click=${save}>${saving ?? "Download"}</button>
  </div>`;
}
