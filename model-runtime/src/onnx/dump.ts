/** A graph as text that a person can read and a diff can show: one line an operation, shapes behind the values. */
import type { Attribute, Graph } from './graph.ts';

/** The graph's inputs, operations in order, and outputs. Weights appear where they are used, constants by value. */
export function dumpGraph(graph: Graph): string {
  const constants = new Map([...graph.constants.values()].map((constant) => [constant.name, showConstant(constant)]));
  const lines = [`graph ${graph.name}`];
  for (const input of graph.inputs) lines.push(`  in  ${input.name} ${input.dtype}[${input.shape.join(', ')}]`);
  for (const node of graph.nodes) {
    const inputs = node.inputs.map((name) => constants.get(name) ?? name.replace(/\/output_0$/, '')).join(', ');
    const attributes = Object.entries(node.attributes).map(([name, value]) => ` ${name}=${showAttribute(value)}`);
    const shapes = node.outputs.map((output) => `[${output.shape.join(', ')}]`).join(' ');
    lines.push(`  ${node.name}(${inputs})${attributes.join('')} -> ${shapes}`);
  }
  for (const output of graph.outputs) lines.push(`  out ${output.name} ${output.dtype}[${output.shape.join(', ')}]`);
  return lines.join('\n') + '\n';
}

function showAttribute(value: Attribute): string {
  if (typeof value === 'object' && 'float' in value) return String(value.float);
  return typeof value === 'object' ? `[${value.join(',')}]` : String(value);
}

function showConstant(constant: { dtype: string; shape: readonly number[]; bytes: Uint8Array }): string {
  const copy = constant.bytes.slice().buffer;
  const values = constant.dtype === 'int64' ? [...new BigInt64Array(copy)] : [...new Float32Array(copy)];
  const shown = values.slice(0, 6).map((value) => (typeof value === 'bigint' ? String(value) : String(Number(value.toPrecision(6)))));
  return `${constant.shape.length === 0 ? '' : `[${constant.shape.join(',')}]`}{${shown.join(' ')}${values.length > 6 ? ' …' : ''}}`;
}
