// Shows the job that a link shares. Its id and token are behind the #, which browsers send to nobody.
import "../progress.js";

function show() {
  const shared = new URLSearchParams(location.hash.slice(1));
  const bar = document.createElement("milepost-progress");
  bar.setAttribute("job", shared.get("job") ?? "");
  bar.setAttribute("token", shared.get("token") ?? "");
  bar.addEventListener("milepost-progress", ({ detail }) => {
    document.title = `${detail.displayName || detail.type || "Shared job"} · Milepost`;
  });
  document.querySelector("milepost-progress")?.remove();
  document.querySelector("main").append(bar);
}

addEventListener("hashchange", show);
show();
