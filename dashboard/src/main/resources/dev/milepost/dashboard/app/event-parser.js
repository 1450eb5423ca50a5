/** Takes server-sent events out of the pieces of text in which they arrive. */
export class EventParser {
  #rest = "";

  /** Returns the events that are complete now: their id, name and data. Comments are left out. */
  push(text) {
    const blocks = (this.#rest + text).split("\n\n");
    this.#rest = blocks.pop();
    return blocks.map(event).filter((found) => found !== null);
  }
}

function event(block) {
  const found = { id: null, name: "message", data: null };
  for (const line of block.split("\n")) {
    const colon = line.indexOf(":");
    const field = line.slice(0, colon);
    const value = line.slice(colon + 1).replace(/^ /, "");
    if (field === "data") {
      found.data = found.data === null ? value : `${found.data}\n${value}`;
    } else if (field === "event") {
      found.name = value;
    } else if (field === "id") {
      found.id = value;
    }
  }
  return found.data === null && found.name === "message" ? null : found;
}
