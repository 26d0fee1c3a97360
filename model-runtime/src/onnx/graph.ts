/**
 * A computation graph under construction: values that carry dtype and shape, nodes whose names are paths.
 *
 * A Graph is a flat list of nodes; a Scope is a place in it ("/decoder/layers.0/self_attn") under which new nodes are
 * named. The ops themselves are in ops.ts, their bytes in model-proto.ts. Nothing here knows of T5Gemma 2.
 */
import { invariant } from '../errors.ts';
import type { Dtype } from '../tensors/tensor.ts';

/** A dimension: a fixed size, or the name of one that is known only when the graph runs. */
export type Dim = number | string;

/** A value in a graph. */
export interface Value {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: readonly Dim[];
}

/** Where the bytes of a weight lie: a file beside the graph, a 4096-aligned offset. */
export interface StoredTensor {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  readonly file: string;
  readonly offset: number;
  readonly sizeBytes: number;
}

/** A constant small enough to live in the graph itself. */
export interface InlineTensor {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  readonly bytes: Uint8Array;
}

/** An attribute of a node, by the type its JavaScript value has (whole numbers are ints: write floats as `{ float }`). */
export type Attribute = number | string | { float: number } | readonly number[];

/** One operation. */
export interface GraphNode {
  readonly name: string;
  readonly op: string;
  readonly domain: '' | 'com.microsoft';
  readonly inputs: readonly string[];
  readonly outputs: readonly Value[];
  readonly attributes: Readonly<Record<string, Attribute>>;
}

/** A whole graph. Build it through {@link Scope}; read it to write or print it. */
export class Graph {
  readonly name: string;
  readonly inputs: Value[] = [];
  readonly outputs: Value[] = [];
  readonly nodes: GraphNode[] = [];
  readonly weights: Map<string, StoredTensor> = new Map();
  readonly constants: Map<string, InlineTensor> = new Map();
  readonly #names = new Map<string, number>();

  constructor(name: string) {
    this.name = name;
  }

  /** Declares an input. */
  input(name: string, dtype: Dtype, shape: readonly Dim[]): Value {
    const value = { name, dtype, shape };
    this.inputs.push(value);
    return value;
  }

  /** Declares an output under a name of its own. */
  output(name: string, value: Value): void {
    const node: GraphNode = {
      name: `/output/${name}`,
      op: 'Identity',
      domain: '',
      inputs: [value.name],
      outputs: [{ ...value, name }],
      attributes: {},
    };
    this.nodes.push(node);
    this.outputs.push({ ...value, name });
  }

  /** The root scope. */
  get root(): Scope {
    return new Scope(this, '');
  }

  /** A name that no node of this graph has yet: `path`, then `path_1`, ... */
  uniqueName(path: string): string {
    const used = this.#names.get(path) ?? 0;
    this.#names.set(path, used + 1);
    return used === 0 ? path : `${path}_${used}`;
  }
}

/** A place in a graph under which nodes are named. */
export class Scope {
  readonly graph: Graph;
  readonly path: string;

  constructor(graph: Graph, path: string) {
    this.graph = graph;
    this.path = path;
  }

  /** A scope below this one. */
  at(name: string): Scope {
    return new Scope(this.graph, `${this.path}/${name}`);
  }

  /** Adds a node and returns its outputs, named `<node>/output_<i>`. */
  node(
    op: string,
    inputs: readonly (Value | null)[],
    outputs: readonly { dtype: Dtype; shape: readonly Dim[] }[],
    options: { domain?: 'com.microsoft'; attributes?: Record<string, Attribute> } = {},
  ): Value[] {
    const name = this.graph.uniqueName(`${this.path}/${op}`);
    const values = outputs.map((output, index) => ({ ...output, name: `${name}/output_${index}` }));
    this.graph.nodes.push({
      name,
      op,
      domain: options.domain ?? '',
      inputs: inputs.map((input) => input?.name ?? ''),
      outputs: values,
      attributes: options.attributes ?? {},
    });
    return values;
  }

  /** A weight that lies outside the graph; the same stored tensor is declared once however often it is used. */
  weight(stored: StoredTensor): Value {
    const known = this.graph.weights.get(stored.name);
    invariant(known === undefined || known === stored, `weight ${stored.name} is declared once`);
    this.graph.weights.set(stored.name, stored);
    return stored;
  }

  /** A constant of float32 values; constants are shared by value. */
  floats(values: ArrayLike<number>, shape: readonly number[] = [values.length]): Value {
    return this.#constant('float32', shape, new Uint8Array(Float32Array.from(values).buffer));
  }

  /** A constant of int64 values; constants are shared by value. */
  integers(values: readonly number[], shape: readonly number[] = [values.length]): Value {
    return this.#constant('int64', shape, new Uint8Array(BigInt64Array.from(values, BigInt).buffer));
  }

  /** A constant of uint8 values; constants are shared by value. */
  bytes(values: readonly number[], shape: readonly number[] = [values.length]): Value {
    return this.#constant('uint8', shape, Uint8Array.from(values));
  }

  #constant(dtype: Dtype, shape: readonly number[], bytes: Uint8Array): Value {
    const key = `${dtype}[${shape.join(',')}]:${Buffer.from(bytes).toString('base64')}`;
    const known = this.graph.constants.get(key);
    if (known !== undefined) return known;
    const constant = { name: `/constants/${dtype}_${this.graph.constants.size}`, dtype, shape, bytes };
    this.graph.constants.set(key, constant);
    return constant;
  }
}
