import { ROOT } from "../../app/links.js";

const SCRIPT = new URL("ui/lib/uplot/dist/uPlot.iife.min.js", ROOT).href;
const STYLES = new URL("ui/lib/uplot/dist/uPlot.min.css", ROOT).href;

let loading;

/**
 * Returns uPlot and its style sheet, which are loaded where they are first needed. Its module is not
 * minified and twice as large, so this is the script that makes a global of it.
 */
export function plot() {
  loading ??= Promise.all([script(), styles()])
    .then(([Plot, sheet]) => ({ Plot, sheet }))
    .catch((error) => {
      loading = undefined;
      throw error;
    });
  return loading;
}

function script() {
  return new Promise((resolve, reject) => {
    const element = document.createElement("script");
    element.src = SCRIPT;
    element.onload = () => resolve(window.uPlot);
    element.onerror = () => {
      element.remove();
      reject(new Error(`${SCRIPT} cannot be loaded.`));
    };
    document.head.append(element);
  });
}

async function styles() {
  const response = await fetch(STYLES);
  if (!response.ok) {
    throw new Error(`${STYLES} cannot be loaded: ${response.status}.`);
  }
  return new CSSStyleSheet().replace(await response.text());
}
