/** Makes one report of several updates: lines and counters add up, of all else the latest counts. */
export function merge(updates) {
  const report = Object.assign({}, ...updates, {outcomeIncrements: {}});
  report.logs = updates.flatMap(({logs = []}) => logs);
  for (const [name, amount] of updates.flatMap(({outcomeIncrements = {}}) => Object.entries(outcomeIncrements))) {
    report.outcomeIncrements[name] = (report.outcomeIncrements[name] ?? 0) + amount;
  }
  return report;
}
