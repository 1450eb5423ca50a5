// The keyboard map. A key that is typed into a field is not a command.

/** What the keys do, for the help. */
export const KEYS = [
  ["/", "search"],
  ["j k", "next, previous"],
  ["Enter", "open"],
  ["x", "select"],
  ["n", "show new jobs"],
  ["c", "cancel"],
  ["f", "follow the log"],
  ["g o", "go to Overview"],
  ["g j", "go to Jobs"],
  ["g t", "go to Tasks"],
  ["g s", "go to Server"],
  ["?", "this help"],
];

const PLACES = { o: "overview", j: "jobs", t: "tasks", s: "server" };
const SEQUENCE_TIMEOUT_MS = 1500;

/** Calls `go(view)` for the sequences that begin with g, and `press(key)` for other keys. */
export function listen(target, { go, press }) {
  let started = 0;
  target.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping(event)) {
      return;
    }
    const isSequence = Date.now() - started < SEQUENCE_TIMEOUT_MS;
    started = 0;
    if (isSequence && PLACES[event.key]) {
      go(PLACES[event.key]);
    } else if (event.key === "g") {
      started = Date.now();
    } else if (!press(event.key)) {
      return;
    }
    event.preventDefault();
  });
}

function isTyping(event) {
  const [target] = event.composedPath();
  return (
    target.isContentEditable ||
    target.localName === "textarea" ||
    target.localName === "select" ||
    (target.localName === "input" && target.type !== "checkbox") ||
    // A dialog has its own keys.
    event.composedPath().some((node) => node.localName === "dialog")
  );
}
