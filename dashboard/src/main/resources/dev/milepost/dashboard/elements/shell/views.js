/** The views that one can go to. */
export const VIEWS = {
  overview: { title: "Overview" },
  jobs: { title: "Jobs" },
  tasks: { title: "Tasks" },
  server: { title: "Server" },
};

/** Loads the dialogs, which no view needs to be shown. */
export function loadDialogs() {
  return Promise.all([import("../confirm/mp-confirm.js"), import("../help/mp-help.js")]);
}

/** Loads the element of a view when it is first shown. */
export function load(name) {
  switch (name) {
    case "job":
      return import("../job/mp-job.js");
    case "jobs":
      return Promise.all([import("../jobs/mp-jobs.js"), import("../job-list/mp-job-list.js")]);
    case "tasks":
      return import("../tasks/mp-tasks.js");
    case "server":
      return import("../server/mp-server.js");
    default:
      return import("../overview/mp-overview.js");
  }
}
