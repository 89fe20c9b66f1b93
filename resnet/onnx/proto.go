package onnx

import (
	"math"

	"google.golang.org/protobuf/encoding/protowire"
)

// Field numbers of onnx.proto3 (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto3), as far as they are used here.
const (
	modelIRVersion = 1
	modelProducer  = 2
	modelGraph     = 7
	modelOpset     = 8
	modelMetadata  = 14
	modelFunctions = 25

	propertyKey   = 1
	propertyValue = 2

	opsetDomain  = 1
	opsetVersion = 2

	graphNode        = 1
	graphName        = 2
	graphInitializer = 5
	graphInput       = 11
	graphOutput      = 12
	graphSparse      = 15

	nodeInput     = 1
	nodeOutput    = 2
	nodeName      = 3
	nodeOp        = 4
	nodeAttribute = 5
	nodeDomain    = 7

	attributeName   = 1
	attributeFloat  = 2
	attributeInt    = 3
	attributeText   = 4
	attributeTensor = 5
	attributeGraph  = 6
	attributeInts   = 8
	attributeGraphs = 11
	attributeType   = 20

	tensorDim      = 1
	tensorType     = 2
	tensorSegment  = 3
	tensorFloats   = 4
	tensorInts32   = 5
	tensorInts64   = 7
	tensorName     = 8
	tensorRaw      = 9
	tensorExternal = 13
	tensorLocation = 14

	valueName        = 1
	valueType        = 2
	typeTensor       = 1
	tensorTypeElem   = 1
	tensorTypeShape  = 2
	shapeDim         = 1
	dimValue         = 1
	typeFloat        = 1  // TensorProto.FLOAT
	typeInt32        = 6  // TensorProto.INT32
	typeInt64        = 7  // TensorProto.INT64
	typeFloat16      = 10 // TensorProto.FLOAT16
	typeDouble       = 11 // TensorProto.DOUBLE
	typeBFloat16     = 16 // TensorProto.BFLOAT16
	attributeIsFloat = 1
	attributeIsInt   = 2
	attributeIsInts  = 7
)

// message is an encoded protocol buffer.
type message []byte

// begin appends the start of a field of n bytes; the caller appends the bytes.
func (m *message) begin(field protowire.Number, n int) {
	*m = protowire.AppendVarint(protowire.AppendTag(*m, field, protowire.BytesType), uint64(n))
}

func (m *message) bytes(field protowire.Number, b []byte) {
	*m = protowire.AppendBytes(protowire.AppendTag(*m, field, protowire.BytesType), b)
}

func (m *message) text(field protowire.Number, s string) { m.bytes(field, []byte(s)) }

func (m *message) integer(field protowire.Number, n int64) {
	*m = protowire.AppendVarint(protowire.AppendTag(*m, field, protowire.VarintType), uint64(n))
}

// ints, integer and float encode attributes of a node.
func ints(name string, values ...int64) message {
	var m message
	m.text(attributeName, name)
	for _, v := range values {
		m.integer(attributeInts, v)
	}
	m.integer(attributeType, attributeIsInts)
	return m
}

func integer(name string, value int64) message {
	var m message
	m.text(attributeName, name)
	m.integer(attributeInt, value)
	m.integer(attributeType, attributeIsInt)
	return m
}

func float(name string, value float32) message {
	var m message
	m.text(attributeName, name)
	m = protowire.AppendFixed32(protowire.AppendTag(m, attributeFloat, protowire.Fixed32Type), math.Float32bits(value))
	m.integer(attributeType, attributeIsFloat)
	return m
}

// valueInfo encodes the description of an input or output: float32 of a shape.
func valueInfo(name string, shape []int64) message {
	var dims message
	for _, n := range shape {
		var d message
		d.integer(dimValue, n)
		dims.bytes(shapeDim, d)
	}
	var tensor, kind, m message
	tensor.integer(tensorTypeElem, typeFloat)
	tensor.bytes(tensorTypeShape, dims)
	kind.bytes(typeTensor, tensor)
	m.text(valueName, name)
	m.bytes(valueType, kind)
	return m
}
