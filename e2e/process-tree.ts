/**
 * Which processes a process started, and whether one is still there. Linux reads /proc; elsewhere `ps` is asked.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';

interface ProcessEntry {
  pid: number;
  parentPid: number;
  command: string;
}

/** The direct children of a process whose command line contains `commandPart`. */
export function childrenOf(pid: number, commandPart: string): number[] {
  return allProcesses()
    .filter((entry) => entry.parentPid === pid && entry.command.includes(commandPart))
    .map((entry) => entry.pid);
}

/** Whether the process is there and has not ended. */
export function isRunning(pid: number): boolean {
  return allProcesses().some((entry) => entry.pid === pid);
}

/** All processes whose command line contains `commandPart`. */
export function processesWith(commandPart: string): number[] {
  return allProcesses()
    .filter((entry) => entry.command.includes(commandPart))
    .map((entry) => entry.pid);
}

function allProcesses(): ProcessEntry[] {
  return process.platform === 'linux' ? fromProc() : fromPs();
}

function fromProc(): ProcessEntry[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        // After the name in brackets, which may hold anything: state, then the parent.
        const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
        const [state, parentPid] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
        if (state === 'Z') return []; // has ended, is only not yet waited for
        return [
          { pid: Number(name), parentPid: Number(parentPid), command: readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ') },
        ];
      } catch {
        return []; // gone meanwhile
      }
    });
}

function fromPs(): ProcessEntry[] {
  return execFileSync('ps', ['-A', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' })
    .split('\n')
    .flatMap((line) => {
      const [, pid, parentPid, command] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [];
      return pid === undefined ? [] : [{ pid: Number(pid), parentPid: Number(parentPid), command: command ?? '' }];
    });
}
