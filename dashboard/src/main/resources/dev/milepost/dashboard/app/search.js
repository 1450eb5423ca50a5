// One field finds jobs by everything: an id, text, or NAME:VALUE, where a name that the contract does
// not know is that of a label.

const FIELDS = {
  user: "userId",
  tenant: "tenantId",
  project: "projectId",
  parent: "parentId",
  id: "idPrefix",
  name: "displayName",
};
const KINDS = { batch: "JOB_KIND_BATCH", task: "JOB_KIND_TASK", single: "JOB_KIND_SINGLE" };
const UUID_START = /^[0-9a-f]{8}(-[0-9a-f-]{0,27})?$/i;
const WORDS = /(?:[^\s"]+:)?"[^"]*"|\S+/g;

/**
 * Returns the filter of the contract for the parameters of the jobs view: `q` (what was typed),
 * `state`, `type`, `user`, `project`, `label`, `kind`, `health`, `parent`, `from`, `until`, `ended-from`,
 * `ended-until`.
 */
export function filterOf(params) {
  const filter = {};
  const text = [];
  for (const word of params.get("q")?.match(WORDS) ?? []) {
    const colon = word.indexOf(":");
    const name = colon > 0 ? word.slice(0, colon) : "";
    const value = word.slice(colon + 1).replace(/^"(.*)"$/, "$1");
    if (!name || !value) {
      text.push(value);
    } else {
      add(filter, name, value);
    }
  }
  const joined = text.join(" ");
  if (UUID_START.test(joined)) {
    filter.idPrefix = joined.toLowerCase();
  } else if (joined) {
    filter.text = joined;
  }
  for (const name of ["state", "type", "user", "project", "kind", "health", "parent", "tenant"]) {
    params.getAll(name).forEach((value) => value && add(filter, name, value));
  }
  for (const label of params.getAll("label")) {
    const colon = label.indexOf(":");
    if (colon > 0) {
      filter.labels = { ...filter.labels, [label.slice(0, colon)]: label.slice(colon + 1) };
    }
  }
  addTime(filter, "createTimeFrom", params.get("from"));
  addTime(filter, "createTimeUntil", params.get("until"));
  addTime(filter, "endTimeFrom", params.get("ended-from"));
  addTime(filter, "endTimeUntil", params.get("ended-until"));
  return filter;
}

function add(filter, name, value) {
  if (name === "state") {
    filter.states = [...(filter.states ?? []), `JOB_STATE_${value.toUpperCase()}`];
  } else if (name === "type") {
    filter.types = [...(filter.types ?? []), value];
  } else if (name === "kind") {
    filter.kind = KINDS[value.toLowerCase()] ?? value;
  } else if (name === "health") {
    filter.health = `JOB_HEALTH_${value.toUpperCase()}`;
  } else if (FIELDS[name]) {
    filter[FIELDS[name]] = value;
  } else {
    filter.labels = { ...filter.labels, [name]: value };
  }
}

/** Times in the URL are those of the clock on the wall, or with a zone. */
function addTime(filter, field, text) {
  const time = text ? new Date(text) : null;
  if (time && !Number.isNaN(time.getTime())) {
    filter[field] = time.toISOString();
  }
}
