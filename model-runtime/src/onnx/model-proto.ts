/**
 * A graph as the bytes of an ONNX ModelProto, weights as external data.
 *
 * Field numbers: onnx.proto3 of ONNX 1.18 (IR version 10). Opsets: ai.onnx 23, com.microsoft 1.
 */
import type { Dtype } from '../tensors/tensor.ts';
import type { Attribute, Graph, GraphNode, InlineTensor, StoredTensor, Value } from './graph.ts';
import { MessageWriter } from './protobuf.ts';

const irVersion = 10;
const opset = 23;

/** TensorProto.DataType. */
const dataType: Readonly<Record<Dtype, number>> = { float32: 1, uint8: 2, int8: 3, int32: 6, int64: 7, bool: 9, float16: 10, bfloat16: 16 };

/** The graph as an .onnx file. */
export function encodeModel(graph: Graph): Uint8Array<ArrayBuffer> {
  return new MessageWriter()
    .integer(1, irVersion)
    .bytes(2, 'recto')
    .bytes(7, encodeGraph(graph))
    .bytes(8, new MessageWriter().bytes(1, '').integer(2, opset))
    .bytes(8, new MessageWriter().bytes(1, 'com.microsoft').integer(2, 1))
    .finish();
}

function encodeGraph(graph: Graph): MessageWriter {
  const message = new MessageWriter();
  for (const node of graph.nodes) message.bytes(1, encodeNode(node));
  message.bytes(2, graph.name);
  for (const weight of graph.weights.values()) message.bytes(5, encodeStored(weight));
  for (const constant of graph.constants.values()) message.bytes(5, encodeInline(constant));
  for (const input of graph.inputs) message.bytes(11, encodeValueInfo(input));
  for (const output of graph.outputs) message.bytes(12, encodeValueInfo(output));
  return message;
}

function encodeNode(node: GraphNode): MessageWriter {
  const message = new MessageWriter();
  for (const input of node.inputs) message.bytes(1, input);
  for (const output of node.outputs) message.bytes(2, output.name);
  message.bytes(3, node.name).bytes(4, node.op);
  for (const [name, value] of Object.entries(node.attributes)) message.bytes(5, encodeAttribute(name, value));
  return message.bytes(7, node.domain);
}

/** AttributeProto: name 1, f 2, i 3, s 4, ints 8, type 20 (FLOAT 1, INT 2, STRING 3, INTS 7). */
function encodeAttribute(name: string, value: Attribute): MessageWriter {
  const message = new MessageWriter().bytes(1, name);
  if (typeof value === 'number') return message.integer(3, value).integer(20, 2);
  if (typeof value === 'string') return message.bytes(4, value).integer(20, 3);
  if ('float' in value) return message.float(2, value.float).integer(20, 1);
  return message.packed(8, value).integer(20, 7);
}

/** TensorProto: dims 1, data_type 2, name 8, raw_data 9, external_data 13, data_location 14 (EXTERNAL 1). */
function encodeStored(tensor: StoredTensor): MessageWriter {
  const message = new MessageWriter().packed(1, tensor.shape).integer(2, dataType[tensor.dtype]).bytes(8, tensor.name);
  const location = { location: tensor.file, offset: String(tensor.offset), length: String(tensor.sizeBytes) };
  for (const [key, value] of Object.entries(location)) message.bytes(13, new MessageWriter().bytes(1, key).bytes(2, value));
  return message.integer(14, 1);
}

function encodeInline(tensor: InlineTensor): MessageWriter {
  return new MessageWriter().packed(1, tensor.shape).integer(2, dataType[tensor.dtype]).bytes(8, tensor.name).bytes(9, tensor.bytes);
}

/** ValueInfoProto: name 1, type 2 { tensor_type 1 { elem_type 1, shape 2 { dim 1 { dim_value 1 | dim_param 2 } } } }. */
function encodeValueInfo(value: Value): MessageWriter {
  const shape = new MessageWriter();
  for (const dim of value.shape) {
    shape.bytes(1, typeof dim === 'number' ? new MessageWriter().integer(1, dim) : new MessageWriter().bytes(2, dim));
  }
  const tensorType = new MessageWriter().integer(1, dataType[value.dtype]).bytes(2, shape);
  return new MessageWriter().bytes(1, value.name).bytes(2, new MessageWriter().bytes(1, tensorType));
}
