import { ROOT } from "../../app/links.js";

const SCRIPT = new URL("ui/lib/uplot/dist/uPlot.iife.min.js", ROOT).href;

let loading;

/**
 * Returns uPlot, which is loaded where it is first needed. Its module is not minified and twice as
 * large, so this is the script that makes a global of it.
 */
export function plot() {
  loading ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = SCRIPT;
    script.onload = () => resolve(window.uPlot);
    script.onerror = () => {
      loading = undefined;
      script.remove();
      reject(new Error(`${SCRIPT} cannot be loaded.`));
    };
    document.head.append(script);
  });
  return loading;
}
