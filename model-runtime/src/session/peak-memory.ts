/** The most memory this process ever had resident, as the system counts it: onnxruntime's is among it, which no heap figure knows. */
import { resourceUsage } from 'node:process';

/** Bytes. */
export function peakMemoryBytes(): number {
  return resourceUsage().maxRSS * 1024;
}
