// Processor use by driver, server and others, because other load affects every figure.
import { readFileSync, readdirSync } from 'node:fs';
import { serverPids } from './servers.js';

const TICKS_PER_SECOND = 100;

/** Starts counting. The returned function returns the cores that each has used since then. */
export function countCores() {
  const start = { at: process.hrtime.bigint(), ...seconds() };
  return () => {
    const elapsed = Number(process.hrtime.bigint() - start.at) / 1e9;
    const end = seconds();
    const cores = (who) => (end[who] - start[who]) / elapsed;
    const others = cores('machine') - cores('driver') - cores('server');
    return { driver: cores('driver'), server: cores('server'), others: Math.max(0, others) };
  };
}

/** Seconds of processor time so far; NaN if unknown (not on Linux). */
function seconds() {
  const { user, system } = process.cpuUsage();
  const driver = (user + system) / 1e6;
  try {
    return { driver, server: ofTrees(serverPids()), machine: ofMachine() };
  } catch {
    return { driver, server: NaN, machine: NaN };
  }
}

function ofMachine() {
  const [user, nice, system, , , irq, softirq, steal] = readFileSync('/proc/stat', 'utf8').split(/\s+/).slice(1).map(Number);
  return (user + nice + system + irq + softirq + steal) / TICKS_PER_SECOND;
}

/** Processor time of these processes and their descendants, including those that have exited. */
function ofTrees(roots) {
  const processes = readdirSync('/proc').filter((name) => /^\d+$/.test(name)).flatMap(readProcess);
  const belongs = new Set(roots);
  for (let before = -1; before !== belongs.size; ) {
    before = belongs.size;
    processes.filter(({ parent }) => belongs.has(parent)).forEach(({ pid }) => belongs.add(pid));
  }
  return processes.filter(({ pid }) => belongs.has(pid)).reduce((sum, { ticks }) => sum + ticks, 0) / TICKS_PER_SECOND;
}

function readProcess(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name is in parentheses and may contain any character.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return [{ pid: Number(pid), parent: Number(fields[1]), ticks: fields.slice(11, 15).reduce((sum, t) => sum + Number(t), 0) }];
  } catch {
    return []; // It has exited.
  }
}
