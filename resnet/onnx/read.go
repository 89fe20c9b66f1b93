package onnx

import (
	"errors"
	"fmt"
	"math"
	"math/bits"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/seed8935e608/residua/weights"
)

// Limits of a model. All residual networks stay far below them. Without them, a file of many empty messages would take
// a hundred times its size in memory.
const (
	maxNodes    = 10_000
	maxTensors  = 10_000
	maxPerNode  = 64 // inputs, outputs, attributes, or numbers of an attribute
	maxDims     = 8
	maxMetadata = 1 << 20 // bytes
	maxVarints  = 4 << 20 // elements of a tensor that are encoded as varints, which take more memory than file
)

// model is the part of an ONNX file that is used here. Tensors alias the file.
type model struct {
	nodes    []node
	tensors  map[string]tensor
	inputs   []value // those that are no tensors of the file
	outputs  []string
	metadata map[string]string
	opset    int // the version of ONNX's own operators; 0: not given
	external *externalData
}

type value struct {
	name  string
	shape []int64 // 0: not fixed
	kind  uint64  // of its elements; 0: not declared
}

type node struct {
	op, name        string
	inputs, outputs []string
	attributes      map[string]attribute
}

func (n node) String() string {
	if n.name == "" && len(n.outputs) > 0 {
		return fmt.Sprintf("node %s → %.80q", n.op, n.outputs[0])
	}
	return fmt.Sprintf("node %.80q (%.40s)", n.name, n.op)
}

// int is the value of an integer attribute, or otherwise if the node has none.
func (n node) int(name string, otherwise int64) int64 {
	if a, ok := n.attributes[name]; ok {
		return a.int
	}
	return otherwise
}

type attribute struct {
	float  float32
	int    int64
	text   string
	ints   []int64
	tensor *tensor
}

// tensor is a constant of the file: floating-point weights, or integers, which are shapes and axes.
type tensor struct {
	weights.Tensor
	ints []int64
}

// read parses a model. open gives the other files that tensors are in, as for ImportWith.
func read(b []byte, open func(name string) ([]byte, error)) (*model, error) {
	if err := checkSize(b); err != nil {
		return nil, err
	}
	m := &model{tensors: map[string]tensor{}, metadata: map[string]string{},
		external: &externalData{open: open, files: map[string][]byte{}, verified: map[string]string{}}}
	graphs, metadata := 0, 0
	err := walk(b, "the model", func(f wireField) error {
		switch f.number {
		case modelGraph:
			if graphs++; graphs > 1 {
				return errors.New("onnx: the file holds two graphs")
			}
			return m.readGraph(f.bytes)
		case modelMetadata:
			if metadata += len(f.bytes); metadata > maxMetadata {
				return fmt.Errorf("onnx: the metadata have more than %d bytes", maxMetadata)
			}
			var key, text string
			err := walk(f.bytes, "a metadata entry", func(f wireField) error {
				switch f.number {
				case propertyKey:
					key = string(f.bytes)
				case propertyValue:
					text = string(f.bytes)
				}
				return nil
			})
			m.metadata[key] = text
			return err
		case modelOpset:
			return m.readOpset(f.bytes)
		case modelFunctions:
			return errors.New("onnx: the file has functions of its own, which are not supported")
		}
		return nil
	})
	if err == nil && graphs == 0 {
		err = errors.New("onnx: the file has no graph: it is cut short, or no ONNX file")
	}
	if err == nil {
		err = m.external.err()
	}
	return m, err
}

// readOpset reads the version of ONNX's own operators. Those of others, which no node may have, do not matter.
func (m *model) readOpset(b []byte) error {
	var domain string
	version := 0
	err := walk(b, "an operator set", func(f wireField) error {
		switch f.number {
		case opsetDomain:
			domain = string(f.bytes)
		case opsetVersion:
			version = int(f.integer)
		}
		return nil
	})
	if domain == "" || domain == "ai.onnx" {
		m.opset = version
	}
	return err
}

func (m *model) readGraph(b []byte) error {
	var inputs []value
	err := walk(b, "the graph", func(f wireField) error {
		switch f.number {
		case graphNode:
			if len(m.nodes) == maxNodes {
				return fmt.Errorf("onnx: the graph has more than %d nodes", maxNodes)
			}
			n, err := m.readNode(f.bytes)
			m.nodes = append(m.nodes, n)
			return err
		case graphInitializer:
			t, err := m.readTensor(f.bytes)
			if err != nil {
				return err
			}
			return m.keep(t)
		case graphInput, graphOutput:
			if len(inputs)+len(m.outputs) == maxTensors {
				return fmt.Errorf("onnx: the graph has more than %d inputs and outputs", maxTensors)
			}
			v, err := readValue(f.bytes)
			if f.number == graphInput {
				inputs = append(inputs, v)
			} else {
				m.outputs = append(m.outputs, v.name)
			}
			return err
		case graphSparse:
			return errors.New("onnx: the graph has sparse tensors, which are not supported")
		}
		return nil
	})
	for _, v := range inputs { // older exporters list weights as inputs too
		if _, constant := m.tensors[v.name]; !constant {
			m.inputs = append(m.inputs, v)
		}
	}
	return err
}

func (m *model) keep(t tensor) error {
	if _, twice := m.tensors[t.Name]; twice {
		return fmt.Errorf("onnx: two tensors have the name %.80q", t.Name)
	}
	if len(m.tensors) == maxTensors {
		return fmt.Errorf("onnx: the graph has more than %d tensors", maxTensors)
	}
	m.tensors[t.Name] = t
	return nil
}

func (m *model) readNode(b []byte) (node, error) {
	n := node{attributes: map[string]attribute{}}
	domain, parts := "", 0
	err := walk(b, "a node", func(f wireField) error {
		if parts++; parts > maxPerNode {
			return fmt.Errorf("onnx: a node, %.40q, has more than %d parts", n.outputs, maxPerNode)
		}
		switch f.number {
		case nodeInput:
			n.inputs = append(n.inputs, string(f.bytes))
		case nodeOutput:
			n.outputs = append(n.outputs, string(f.bytes))
		case nodeName:
			n.name = string(f.bytes)
		case nodeOp:
			n.op = string(f.bytes)
		case nodeDomain:
			domain = string(f.bytes)
		case nodeAttribute:
			name, a, err := m.readAttribute(f.bytes)
			if _, twice := n.attributes[name]; twice {
				return fmt.Errorf("onnx: %v has two attributes %.40q", n, name)
			}
			n.attributes[name] = a
			return err
		}
		return nil
	})
	if err == nil && domain != "" && domain != "ai.onnx" {
		err = fmt.Errorf("onnx: %v is of the operators %.80q; only ONNX's own are known", n, domain)
	}
	if err == nil && (n.op == "" || len(n.outputs) == 0) {
		err = fmt.Errorf("onnx: %v has no operator or no output", n)
	}
	return n, err
}

func (m *model) readAttribute(b []byte) (name string, a attribute, err error) {
	err = walk(b, "an attribute", func(f wireField) (err error) {
		switch f.number {
		case attributeName:
			name = string(f.bytes)
		case attributeFloat:
			a.float = math.Float32frombits(uint32(f.integer))
		case attributeInt:
			a.int = int64(f.integer)
		case attributeText:
			a.text = string(f.bytes)
		case attributeTensor:
			var t tensor
			t, err = m.readTensor(f.bytes)
			a.tensor = &t
		case attributeInts:
			a.ints, err = f.appendInts(a.ints, maxPerNode)
		case attributeGraph, attributeGraphs:
			err = errors.New("onnx: a node has a graph inside, such as a loop's, which is not supported")
		}
		return err
	})
	return name, a, err
}

func readValue(b []byte) (value, error) {
	var v value
	err := walk(b, "an input or output", func(f wireField) error {
		switch f.number {
		case valueName:
			v.name = string(f.bytes)
		case valueType:
			return inside(f.bytes, "a type", typeTensor, func(b []byte) error {
				err := walk(b, "a tensor's type", func(f wireField) error {
					if f.number == tensorTypeElem {
						v.kind = f.integer
					}
					return nil
				})
				if err != nil {
					return err
				}
				return inside(b, "a tensor's type", tensorTypeShape, func(b []byte) error {
					return inside(b, "a shape", shapeDim, func(b []byte) error {
						if len(v.shape) == maxDims {
							return fmt.Errorf("onnx: %.80q has more than %d dimensions", v.name, maxDims)
						}
						v.shape = append(v.shape, 0)
						return walk(b, "a dimension", func(f wireField) error {
							if f.number == dimValue {
								v.shape[len(v.shape)-1] = int64(f.integer)
							}
							return nil
						})
					})
				})
			})
		}
		return nil
	})
	return v, err
}

// inside calls f with each message of a field.
func inside(b []byte, what string, field protowire.Number, f func([]byte) error) error {
	return walk(b, what, func(w wireField) error {
		if w.number != field {
			return nil
		}
		return f(w.bytes)
	})
}

// elements maps the element types that can be read.
var elements = map[uint64]weights.DType{typeFloat: weights.F32, typeFloat16: weights.F16, typeBFloat16: weights.BF16,
	typeInt32: weights.I32, typeInt64: weights.I64}

func (m *model) readTensor(b []byte) (tensor, error) {
	var t tensor
	var kind uint64
	var wide []int64 // values that are encoded as varints
	var elsewhere *reference
	err := walk(b, "a tensor", func(f wireField) (err error) {
		switch f.number {
		case tensorDim:
			var dims []int64
			dims, err = f.appendInts(nil, maxDims)
			for _, d := range dims {
				if d < 0 || d > math.MaxInt || len(t.Shape) == maxDims {
					return fmt.Errorf("onnx: a tensor has the dimensions %v %v: a negative one, or too many", t.Shape,
						dims)
				}
				t.Shape = append(t.Shape, int(d))
			}
		case tensorType:
			kind = f.integer
		case tensorName:
			t.Name = string(f.bytes)
		case tensorRaw:
			t.Data = f.bytes
		case tensorFloats: // packed little-endian floats are the same bytes as raw data
			if f.kind == protowire.BytesType {
				if t.Data == nil {
					t.Data = f.bytes
				} else { // copies, since the slice's capacity ends with it
					t.Data = append(t.Data, f.bytes...)
				}
			} else {
				t.Data = protowire.AppendFixed32(t.Data, uint32(f.integer))
			}
		case tensorInts32, tensorInts64:
			wide, err = f.appendInts(wide, maxVarints)
		case tensorExternal:
			if elsewhere == nil {
				elsewhere = &reference{}
			}
			return elsewhere.read(f.bytes)
		case tensorLocation:
			if f.integer != 0 && elsewhere == nil {
				elsewhere = &reference{}
			}
		case tensorSegment:
			err = errors.New("onnx: a tensor comes in segments, which is not supported")
		}
		return err
	})
	if err != nil {
		return t, err
	}
	dtype, ok := elements[kind]
	if !ok {
		return t, fmt.Errorf("onnx: tensor %.80q has elements of type %d; float, float16, bfloat16 and whole numbers "+
			"are known", t.Name, kind)
	}
	t.DType = dtype
	if elsewhere != nil {
		size, err := t.size()
		if err != nil {
			return t, err
		}
		if t.Data, err = m.external.values(t.Tensor, elsewhere, size); err != nil || t.Data == nil {
			return t, err // a missing file is an error of the whole graph
		}
	}
	return t, t.settle(wide)
}

// size is the number of bytes that the shape needs.
func (t *tensor) size() (uint64, error) {
	size := uint64(t.DType.Size())
	for _, d := range t.Shape {
		high, low := bits.Mul64(size, uint64(d))
		if high != 0 || low > math.MaxInt {
			return 0, fmt.Errorf("onnx: tensor %.80q has the shape %v, which is too large to count", t.Name, t.Shape)
		}
		size = low
	}
	return size, nil
}

// settle checks the number of values, and takes those that were encoded as varints.
func (t *tensor) settle(wide []int64) error {
	if t.Data == nil && wide != nil {
		for _, v := range wide {
			switch t.DType.Size() {
			case 2: // float16 as the bits of an integer
				t.Data = append(t.Data, byte(v), byte(v>>8))
			case 4:
				t.Data = protowire.AppendFixed32(t.Data, uint32(v))
			case 8:
				t.Data = protowire.AppendFixed64(t.Data, uint64(v))
			}
		}
	}
	size, err := t.size()
	if err != nil {
		return err
	}
	if size != uint64(len(t.Data)) {
		return fmt.Errorf("onnx: tensor %.80q of shape %v and type %s needs %d bytes, it has %d", t.Name, t.Shape,
			t.DType, size, len(t.Data))
	}
	if whole := t.DType == weights.I32 || t.DType == weights.I64; whole && t.Len() <= maxPerNode {
		for b := t.Data; len(b) > 0; {
			if t.DType == weights.I32 {
				v, n := protowire.ConsumeFixed32(b)
				t.ints, b = append(t.ints, int64(int32(v))), b[n:]
			} else {
				v, n := protowire.ConsumeFixed64(b)
				t.ints, b = append(t.ints, int64(v)), b[n:]
			}
		}
	}
	return nil
}

// wireField is a field of a protocol buffer: bytes or a number.
type wireField struct {
	number  protowire.Number
	kind    protowire.Type
	bytes   []byte
	integer uint64
}

// walk calls f for each field of a message.
func walk(b []byte, what string, f func(wireField) error) error {
	for len(b) > 0 {
		number, kind, n := protowire.ConsumeTag(b)
		if n >= 0 {
			b = b[n:]
			w := wireField{number: number, kind: kind}
			switch kind {
			case protowire.BytesType:
				w.bytes, n = protowire.ConsumeBytes(b)
				w.bytes = w.bytes[:len(w.bytes):len(w.bytes)]
			case protowire.VarintType:
				w.integer, n = protowire.ConsumeVarint(b)
			case protowire.Fixed32Type:
				var v uint32
				v, n = protowire.ConsumeFixed32(b)
				w.integer = uint64(v)
			case protowire.Fixed64Type:
				w.integer, n = protowire.ConsumeFixed64(b)
			default:
				return fmt.Errorf("onnx: %s has a field of an unknown kind; is this an ONNX file?", what)
			}
			if n >= 0 {
				b = b[n:]
				if err := f(w); err != nil {
					return err
				}
				continue
			}
		}
		return fmt.Errorf("onnx: %s is cut short or damaged; is this an ONNX file?", what)
	}
	return nil
}

// appendInts appends the integers of a repeated field, packed or not, up to a limit.
func (w wireField) appendInts(dst []int64, limit int) ([]int64, error) {
	if w.kind != protowire.BytesType {
		if len(dst) == limit {
			return dst, fmt.Errorf("onnx: a list has more than %d numbers", limit)
		}
		return append(dst, int64(w.integer)), nil
	}
	for b := w.bytes; len(b) > 0; {
		v, n := protowire.ConsumeVarint(b)
		if n < 0 {
			return dst, errors.New("onnx: a list of numbers is cut short or damaged")
		}
		if len(dst) == limit {
			return dst, fmt.Errorf("onnx: a list has more than %d numbers", limit)
		}
		dst, b = append(dst, int64(v)), b[n:]
	}
	return dst, nil
}
