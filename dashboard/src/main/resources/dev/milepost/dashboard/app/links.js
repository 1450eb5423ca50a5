// Addresses of the dashboard's views, and of the server. Both begin where this file was loaded from,
// so that they are right below a base path too.

/** Where the server's paths begin. */
export const ROOT = new URL("../../", import.meta.url);

const UI = new URL("ui/", ROOT);

const VIEWS = ["overview", "jobs", "tasks", "server"];

/** Returns the address of a view; parameters without a value are left out. */
export function href(view, id, params) {
  const url = new URL(id ? `${view}/${encodeURIComponent(id)}` : view, UI);
  for (const [name, value] of Object.entries(params ?? {})) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== undefined && one !== null && one !== "") {
        url.searchParams.append(name, one);
      }
    }
  }
  return url.pathname + url.search;
}

/** Reads an address of the dashboard: its view, the id in it and its parameters; null if it is none. */
export function parse(location) {
  const url = new URL(location, UI);
  if (url.origin !== UI.origin) {
    return null;
  }
  if (url.pathname === ROOT.pathname || `${url.pathname}/` === UI.pathname || url.pathname === UI.pathname) {
    return { view: "overview", id: "", params: url.searchParams };
  }
  if (!url.pathname.startsWith(UI.pathname)) {
    return null;
  }
  const [view, ...rest] = url.pathname.slice(UI.pathname.length).split("/");
  if (!VIEWS.includes(view)) {
    return null;
  }
  return { view, id: decoded(rest.join("/")), params: url.searchParams };
}

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // not an address of ours; the server will say that there is no such job
  }
}
